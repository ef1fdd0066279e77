"""Members who are no sample of everybody, and members who do not do as planned: bounds that reckon with them hold."""

import sys

import pytest
from conftest import PROGRAM, SOURCE

sys.path.insert(0, str(SOURCE / "bench"))
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
    (("set: {signal: yes}, strategy", "membership: {affinity: 0}, set: {signal: yes}, strategy"), "6:", "not with their affinity"),
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
                                               ("{affinity: 0}", "not with their affinity")])
def test_counts_with_a_membership_that_is_none(caucus, tmp_path, membership, words):
    path = tmp_path / "counts.yaml"
    path.write_text("consumers: 100\ntest: 10\ndelta: 0.05\nepsilon: 0\ncells: 2\nlabels: 2\ncollectives:\n  - strategy: feature_label\n    target: 0\n"
                    f"    map: [1, 1]\n    counts: [[3, 2], [1, 4]]\n    membership: {membership}\n")
    done = caucus("bound", path)
    assert done.returncode == 2 and "counts.yaml:12:" in done.stderr and words in done.stderr, done.stderr
