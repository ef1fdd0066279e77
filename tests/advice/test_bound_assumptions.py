"""Members who are no sample of everybody, and members who do not do as planned: bounds that reckon with them hold."""

import itertools
import json
import sys

import h5py
import numpy as np
import pytest
from conftest import PROGRAM, SOURCE

sys.path.insert(0, str(SOURCE / "bench"))
import affinity
import evidence
import evidence_problems as problems

LEVEL = 1 - 1e-6
TWO_STEP = problems.METHODS.replace(", hypergeometric, hypergeometric_joint", "")


def rates(text, folder, trials):
    """(of, method) -> violations by size, and trials with a bound that says something."""
    return evidence.measure(evidence.run(text, folder, trials, 5, PROGRAM))[0]


def check(measured, trials, delta, n_methods):
    """None is broken in significantly more than delta of the trials, and some say something."""
    of_self = {key: counts for key, counts in measured.items() if key[0] in ("self", "upper")}
    assert len(of_self) >= n_methods
    for key, (broken, _) in of_self.items():
        low, _ = evidence.clopper_pearson(broken, trials, LEVEL)
        assert (low <= delta).all(), (key, broken / trials)
    assert max(useful.max() for (of, _), (_, useful) in of_self.items() if of == "self") > 0.5 * trials


@pytest.mark.parametrize("strategy", ["feature_label", "feature_only", "feature_only_keep", "unplant_adaptive"])
def test_biased_members(tmp_path, strategy):
    """People with the signal join a third as often: the usual bounds break, those for a ratio of 3 do not."""
    extra = ", members: {signal: yes}, affinity: 0.333333"
    text = problems.ordinary(strategy, delta=0.3, methods=TWO_STEP, consumers="1M", shares=[0.1, 0.2, 0.4, 0.8],
                             extra=extra).replace("bounds:\n", "bounds:\n  upper: true\n")
    told = text.replace(extra, extra + ", membership: {ratio: 3}")
    assert max(broken.max() for (of, _), (broken, _) in rates(text, tmp_path, 60).items() if of == "self") > 50
    check(rates(told, tmp_path, 60), 60, 0.3, 2 * 5 * 5)


GROUP = ", members: {group: g0}, affinity: 3"


@pytest.mark.parametrize("strategy", problems.STRATEGIES)
def test_affinity_that_is_known(tmp_path, strategy):
    """People of group g0 are 3 times as likely to join: bounds that are told so hold, with a rival beside and without."""
    table = tmp_path / "table.csv"
    table.write_text(problems.SMALL_TABLE)
    text = problems.small(strategy, table, 0.5, methods=TWO_STEP, extra=GROUP, sizes=problems.DEPARTED_SIZES)
    text = evidence.summarized(text)
    told = text.replace(GROUP, GROUP + ", membership: {affinity: 3, of: {group: g0}}")
    if strategy == "feature_label":
        assert max(broken.max() for (of, _), (broken, _) in rates(text, tmp_path, 400).items() if of == "self") > 300
    measured = rates(told, tmp_path, 2000)
    check(measured, 2000, 0.5, 2 * 5 * 5)
    by_knowledge = [measured["self", f"budget/{k}/clopper_pearson"][1].sum() for k in ("total", "strategies", "full")]
    assert by_knowledge == sorted(by_knowledge)


@pytest.mark.parametrize("a", [1 / 3, 10])
@pytest.mark.parametrize("who", affinity.STRATA)
def test_affinity_against_another_calculation(caucus, tmp_path, who, a):
    """Counts documents with an affinity, against the bounds of bench/affinity.py by SciPy's quantiles."""
    random = np.random.default_rng(3)
    stratum = affinity.STRATA[who]
    law = affinity.PEOPLE / affinity.PEOPLE.sum()
    joining = law * np.where(stratum, a, 1.0)[:, :, None]
    documents, expected = [], []
    for n, delta, only in itertools.product(affinity.SIZES, (0.05, 0.5), (False, True)):
        raw = random.multinomial(n, (joining / joining.sum()).ravel()).reshape(law.shape)
        of = np.flatnonzero(stratum.ravel()).tolist()
        documents.append(dict(consumers=affinity.CONSUMERS, test=affinity.TEST, delta=delta, epsilon=0, cells=4, labels=2, collectives=[
            dict(strategy="feature_only" if only else "feature_label", target=0, map=[0, 1, 0, 1], counts=raw.reshape(4, 2).tolist(),
                 membership=dict(affinity=a, of=of))]))
        expected.append([b[0] for b in affinity.bounds(raw[None], stratum, a, True, n, delta, only)])
    path = tmp_path / "counts.json"
    path.write_text(json.dumps(documents))
    done = caucus("bound", path, "--format", "json")
    assert done.returncode == 0, done.stderr
    rows = [r for r in json.loads(done.stdout) if (r["family"], r["knowledge"], r["inequality"]) == ("budget", "total", "clopper_pearson")]
    assert len(rows) == len(expected)
    for row in rows:
        assert [row["bound"], row["upper"]] == pytest.approx(expected[row["document"]], abs=1e-9)
    assert len({tuple(e) for e in expected}) > 4
    joint = [r for r in json.loads(done.stdout) if r["inequality"].startswith("hypergeometric")]
    assert joint and all(r["bound"] is None for r in joint)


def test_affinity_drawn_one_by_one(tmp_path):
    """Members who match are counted alike, by classes and person by person: the means of bounds differ by chance only."""
    table = tmp_path / "table.csv"
    table.write_text(problems.SMALL_TABLE)
    text = problems.small("feature_label", table, 0.5, methods=TWO_STEP, sizes=(500,),
                          extra=GROUP + ", membership: {affinity: 3, of: {group: g0}}")
    means = []
    for by in ("", ", by: individuals"):
        path = evidence.run(text.replace("draw: iid", "draw: iid" + by), tmp_path, 400, 5, PROGRAM)
        with h5py.File(path, "r") as file:
            bounds = file["lower_bound"][0, :, 0, :].astype(float)
            means.append((bounds.mean(axis=0), bounds.var(axis=0) / len(bounds)))
    assert (np.abs(means[0][0] - means[1][0]) <= 5 * np.sqrt(means[0][1] + means[1][1]) + 1e-6).all()


@pytest.mark.parametrize("strategy", [s for s in problems.STRATEGIES if s != "erase"])
def test_noise_that_is_known(tmp_path, strategy):
    """Members act in 6 of 10 cases and then miss the feature in 2 of 10."""
    text = problems.ordinary(strategy, delta=0.3, consumers="1M", shares=[0.1, 0.2, 0.4, 0.8],
                             extra=", noise: {compliance: 0.6, miss: 0.2}")
    told = text.replace("bounds:\n", "bounds:\n  noise: {compliance: 0.6, miss: 0.2}\n")
    check(rates(told, tmp_path, 60), 60, 0.3, 5 * 7)


@pytest.mark.parametrize("change, place, words", [
    (("set: {signal: yes}, strategy", "membership: {ratio: 0.5}, set: {signal: yes}, strategy"), "6:", "ratio"),
    (("set: {signal: yes}, strategy", "membership: {}, set: {signal: yes}, strategy"), "6:", "ratio"),
    (("set: {signal: yes}, strategy", "membership: {affinity: 2}, set: {signal: yes}, strategy"), "6:", "of"),
    (("set: {signal: yes}, strategy", "membership: {of: {signal: yes}}, set: {signal: yes}, strategy"), "6:", "affinity"),
    (("set: {signal: yes}, strategy", "membership: {affinity: 0, of: {signal: yes}}, set: {signal: yes}, strategy"), "6:", "above 0"),
    (("set: {signal: yes}, strategy", "membership: {affinity: 2, of: {sign: yes}}, set: {signal: yes}, strategy"), "6:", "no feature"),
    (("set: {signal: yes}, strategy", "membership: {affinity: 2, ratio: 2, of: {signal: yes}}, set: {signal: yes}, strategy"), "6:",
     "one of them"),
    (("set: {signal: yes}, strategy", "membership: {affinity: 2, of: {signal: yes}}, pilot: 50, set: {signal: yes}, strategy"), "6:",
     "knows an affinity"),
    (("set: {signal: yes}, strategy", "pilot: 10K, set: {signal: yes}, strategy"), "6:", "leaves nobody of 10000 members"),
    (("bounds:\n", "bounds:\n  noise: {compliance: 1.5}\n"), "10:", "compliance"),
    (("bounds:\n", "bounds:\n  noise: {comply: 1}\n"), "10:", "compliance"),
    (("families: [staircase, budget]", "families: staircase"), "13:18", "has a bound in family budget only"),
])
def test_refused_with_place_and_reason(caucus, tmp_path, change, place, words):
    text = problems.ordinary("feature_label", shares=[0.1], methods=problems.METHODS.replace("[hoeffding, hoeffding_clipped, "
                             "bernstein, kl, clopper_pearson, hypergeometric, ", "[hypergeometric, "))
    assert change[0] in text
    path = tmp_path / "e.yaml"
    path.write_text(text.replace(change[0], change[1], 1))
    done = caucus("run", path, "-o", tmp_path / "o.h5")
    assert done.returncode == 2 and f"e.yaml:{place}" in done.stderr and words in done.stderr, done.stderr


@pytest.mark.parametrize("membership, words", [("{ratio: 0.9}", "membership.ratio is 0.9"), ("{ratio: many}", "ratio"),
                                               ("{affinity: 0, of: [0]}", "membership.affinity is 0"), ("{affinity: 2}", "of is missing"),
                                               ("{affinity: 2, of: [7]}", "of[0] is 7"),
                                               ("{affinity: 2, ratio: 3, of: [0]}", "one of them")])
def test_counts_with_a_membership_that_is_none(caucus, tmp_path, membership, words):
    path = tmp_path / "counts.yaml"
    path.write_text("consumers: 100\ntest: 10\ndelta: 0.05\nepsilon: 0\ncells: 2\nlabels: 2\ncollectives:\n  - strategy: feature_label\n    target: 0\n"
                    f"    map: [1, 1]\n    counts: [[3, 2], [1, 4]]\n    membership: {membership}\n")
    done = caucus("bound", path)
    assert done.returncode == 2 and "counts.yaml:12:" in done.stderr and words in done.stderr, done.stderr
