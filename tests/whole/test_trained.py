"""Trained platforms in experiments: what they learn and measure against independent fits, bounds with a measured epsilon,
what collectives cost, and what privacy does.

Several tests use a population of one kind of person, (p, u) with label 0: then nothing is left to chance, and every
record that reaches the platform is known.
"""

import warnings

import h5py
import numpy as np
import pytest
from fits import MLP, one_hot, train
from scipy import optimize
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB

CLASSIFIERS = {
    "logistic": "logistic",
    "interactions": "{name: logistic, interactions: true}",
    "private": "{name: logistic, privacy: {epsilon: 2}}",
    "naive_bayes": "naive_bayes",
    "mlp": "{name: mlp, hidden: 2}",
}
VALUES = {"a": "pqr", "b": "uv", "c": "st"}
CODES = np.stack(np.meshgrid(range(3), range(2), range(2), indexing="ij"), -1).reshape(-1, 3)  # of all 12 cells


# ---- records that are known ------------------------------------------------------------------------------------------


def known_counts(seed):
    """Random counts [cell][label] of 12 cells and 3 labels, some zero; what nobody hands in on purpose is (p, u, s), 0."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 60, size=(12, 3)) * (rng.random((12, 3)) < 0.6)
    counts[0, 0] += 40
    return counts


def hand_in(counts):
    """An experiment in which exactly these counts reach the platform, and its table of people."""
    n = counts.sum()
    collectives = []
    for cell, label in zip(*np.nonzero(counts)):
        if (cell, label) != (0, 0):
            a, b, c = (values[code] for values, code in zip(VALUES.values(), CODES[cell]))
            collectives.append(f"  - {{name: to_{a}{b}{c}_{label}, size: {counts[cell, label]}, strategy: feature_label, "
                               f"set: {{a: {a}, b: {b}, c: {c}}}, target: {label}}}")
    # Every value and cell is known, nobody has any but the first.
    people = ["a,b,c,y,n"] + [f"{a},{b},{c},{y},{int((a, b, c, y) == ('p', 'u', 's', 0))}"
                              for a in VALUES["a"] for b in VALUES["b"] for c in VALUES["c"] for y in range(3)]
    text = (f"trials: 2\npopulation: {{file: people.csv, label: y, weight: n}}\n"
            f"platform: {{consumers: {n}, test: 50}}\noutput: {{accuracy_cost: true}}\ncollectives:\n"
            + "\n".join(collectives) + "\n")
    return text, "\n".join(people) + "\n"


def least_to_move(counts, label):
    """The least mass that must change to a label inside a cell until none leads it, as a linear programme: x[b] records
    of label b change."""
    others = [b for b in range(len(counts)) if b != label]
    rows = [[-1.0 - (b == c) for c in others] for b in others]  # counts[b] - x[b] <= counts[label] + sum x
    room = [counts[label] - counts[b] for b in others]
    found = optimize.linprog(np.ones(len(others)), rows, room, bounds=[(0, counts[b]) for b in others])
    assert found.status == 0
    return found.fun


def fit_logistic(counts, interactions=False):
    design = one_hot(CODES, [3, 2, 2], interactions)
    peer = LogisticRegression(C=1.0, solver="newton-cg", tol=1e-10, max_iter=500, multi_class="multinomial")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it cannot always see a decrease so near the optimum
        peer.fit(np.repeat(design, 3, axis=0), np.tile(range(3), 12), sample_weight=counts.ravel())
    return peer.predict_proba(design)


def fit_naive_bayes(counts):
    peer = CategoricalNB(min_categories=[3, 2, 2])
    peer.fit(np.repeat(CODES, 3, axis=0), np.tile(range(3), 12), sample_weight=counts.ravel())
    return peer.predict_proba(CODES)


PEERS = {"logistic": fit_logistic, "interactions": lambda counts: fit_logistic(counts, True),
         "naive_bayes": fit_naive_bayes}


def fit_network(program, folder, counts):
    """Which minimum a network ends in depends on the last bit: the core's own fit, which other tests check, with cells in
    the order of the engine, signal sets first."""
    acting = [cell for cell, label in zip(*np.nonzero(counts)) if (cell, label) != (0, 0)]
    order = list(dict.fromkeys(acting + list(range(12))))
    fits = train(program, folder, MLP, CODES[order], [3, 2, 2], counts[order], counts[None, order], hidden=2)
    probability = np.empty((12, 3))
    probability[order] = fits["probability"][0]
    return probability


@pytest.mark.parametrize("kind", ["logistic", "interactions", "naive_bayes", "mlp"])
def test_known_records(run_experiment, tool, tmp_path, kind):
    """Labels, success, accuracy, its cost and the measured suboptimality, from counts that are known."""
    suboptimalities = []
    for seed in range(12):
        counts = known_counts(seed)
        text, people = hand_in(counts)
        (tmp_path / "people.csv").write_text(people)
        probability = PEERS[kind](counts) if kind in PEERS else fit_network(tool("fit_counts"), tmp_path, counts)
        two = np.sort(probability, axis=1)[:, -2:]
        if (two[:, 1] - two[:, 0]).min() < 1e-4:
            continue  # too close to call
        labels = probability.argmax(axis=1)
        expected = sum(least_to_move(counts[cell], labels[cell]) for cell in range(12)) / counts.sum()
        suboptimalities.append(expected)
        with run_experiment(text, "--set", f"platform.classifier={CLASSIFIERS[kind]}") as file:
            assert file["suboptimality"][0] == pytest.approx([expected] * 2, abs=1e-6), seed
            assert (file["accuracy"][0] == (labels[0] == 0)).all()
            # Nobody's own data are anything but (p, u, s), 0, so a platform without collectives is always right.
            assert (file["accuracy_cost"][0] == 1 - (labels[0] == 0)).all()
            assert (file["converged"][0] == 1).all()
            for m, name in enumerate(file["collective"].asstr()[:]):
                cell = CODES.tolist().index([VALUES[f].index(v) for f, v in zip("abc", name[3:6])])
                assert (file["success_count"][0, :, m] == 50 * (labels[cell] == int(name[-1]))).all(), (seed, name)
    assert len(suboptimalities) >= 8
    assert np.std(suboptimalities) > 0.001


def test_records_outside_the_population_count(run_experiment, tmp_path):
    """All members miss both features, so that their 60 records of label 1 spread over four cells, of which the population
    has one and the signal set another. With a penalty that leaves nothing but constants the platform gives everybody the
    label that most records have: 1, unless it overlooks records."""
    (tmp_path / "people.csv").write_text("a,b,y,n\np,u,0,1\nq,v,1,0\n")
    text = """
trials: 200
population: {file: people.csv, label: y, weight: n}
platform: {consumers: 100, test: 10, classifier: {name: logistic, penalty: 1e9}}
collectives: [{size: 60, strategy: feature_label, set: {a: q, b: v}, target: 1, noise: {miss: 1}}]
"""
    with run_experiment(text) as file:
        assert (file["accuracy"][0] == 0).all()
        assert (file["success_count"][0] == 10).all()
        # At (p, u) label 1 has Binomial(60, 1/4) records against 40: half of the gap.
        spent = file["suboptimality"][0].astype(float)
        ones = 40 - 2 * 100 * spent
        assert np.allclose(ones, ones.round(), atol=1e-4)
        assert abs(ones.mean() - 15) < 5 * np.sqrt(60 * 3 / 16 / 200)


# ---- bounds with a measured epsilon ----------------------------------------------------------------------------------

MEASURED = """
seed: 3
trials: {trials}
population: {{file: people.csv, label: y, weight: n}}
platform: {{consumers: 20K, test: 500, classifier: {classifier}}}
collectives:
  - {{name: first, share: 0.25, strategy: feature_label, set: {{{set}}}, target: 0, noise: {{miss: {miss}}}}}
  - {{name: second, share: 0.2, strategy: {second}, set: {{b: w, c: t}}, target: 1{more}}}
bounds:
  delta: 0.1
  epsilon: measured
  families: [staircase, budget]
  knowledge: [total, strategies, full]
  inequalities: {inequalities}
"""


@pytest.fixture
def tangled(tmp_path):
    """36 cells whose labels no sum over features explains, so that trained platforms are not optimal."""
    rng = np.random.default_rng(8)
    lines = ["a,b,c,y,n"]
    for a in "pqrz":
        for b in "uvw":
            for c in "stx":
                share = rng.dirichlet([2, 2, 2]) * rng.uniform(500, 1500)
                lines += [f"{a},{b},{c},{y},{int(share[y])}" for y in range(3)]
    (tmp_path / "people.csv").write_text("\n".join(lines) + "\n")


WIDE, NARROW = {"set": "a: p"}, {"set": "a: p, b: u, c: s"}  # 9 signal cells, or 1
ADAPTIVE = {"second": "unplant_adaptive", "more": ", estimators: 300"}
KEEPING = {"second": "feature_only_keep", "more": ""}


@pytest.mark.parametrize("classifier", ["logistic", "naive_bayes", "{name: worst_case, epsilon: 0.03}"])
@pytest.mark.parametrize("second", [ADAPTIVE, KEEPING], ids=["adaptive", "keeping"])
@pytest.mark.usefixtures("tangled")
def test_bounds_are_those_of_the_number_measured(run_experiment, classifier, second):
    """A trial's bounds are what an experiment that assumes its measured suboptimality computes in the same trial."""
    text = MEASURED.format(trials=4, classifier=classifier, miss=0.1, inequalities="[hoeffding, kl, population]", **WIDE,
                           **second)
    with run_experiment(text) as file:
        spent = file["suboptimality"][0].astype(float)
        measured = {name: file[name][0] for name in ("lower_bound", "global_bound", "joint_bound")}
        successes = file["success_count"][0]
    assert (spent > 0).all() and len(set(spent)) > 1
    n_finite = 0
    for t, epsilon in enumerate(spent):
        options = ["--set", f"bounds.epsilon={epsilon!r}", "--set", "bounds.slack=total_variation"]
        if "worst_case" in classifier:  # its own epsilon stays
            options += ["--set", f"platform.classifier={classifier}"]
        with run_experiment(text, *options, name="number") as file:
            assert np.array_equal(file["success_count"][0], successes)
            for name, values in measured.items():
                np.testing.assert_allclose(values[t], file[name][0, t], rtol=0, atol=2e-5, err_msg=f"{name}, trial {t}")
                n_finite += np.isfinite(values[t]).sum()
    assert n_finite > 100
    assert not np.array_equal(measured["lower_bound"][0], measured["lower_bound"][1])


@pytest.mark.parametrize("classifier", ["logistic", "naive_bayes", "{name: logistic, privacy: {epsilon: 1}}"])
@pytest.mark.usefixtures("tangled")
def test_bounds_hold_for_trained_platforms(run_experiment, classifier):
    text = MEASURED.format(trials=2000, classifier=classifier, miss=0, inequalities="[hoeffding, clopper_pearson]",
                           **NARROW, **KEEPING)
    with run_experiment(text) as file:
        summary = file["summary"]
        # A rate below delta is under the upper end of no interval that lies above it.
        assert (summary["violation_low"][0] <= 0.1).all()
        assert (summary["violation_rate"][0] <= 0.1).all()
        bounds = summary["bound_mean"][0, 0]
        assert bounds.max() > 0.5, "a bound that promises nothing is not tested"
        assert file["summary/suboptimality_mean"][0] > 0.002
    # With nothing allowed for the platform's suboptimality the same bounds would be larger: they do use it.
    with run_experiment(text, "--set", "bounds.epsilon=0", "--trials", 20, name="optimal") as file:
        assert (file["summary/bound_mean"][0, 0] > bounds).any()


# ---- what collectives cost -------------------------------------------------------------------------------------------

COST = """
seed: 9
trials: {trials}
population: {{scenario: dirichlet, cells: 30, labels: 3, seed: 2}}
platform: {{consumers: 3000, test: 400, classifier: {classifier}}}
collectives:
  - {{share: {share}, strategy: feature_label, set: {{signal: "yes"}}, target: y0, noise: {{compliance: {compliance}}}}}
  - {{share: {share}, strategy: erase, set: {{signal: "yes"}}, noise: {{compliance: {compliance}}}}}
output: {{accuracy_cost: true}}
"""


@pytest.mark.parametrize("classifier", ["histogram", *CLASSIFIERS])
def test_who_does_not_act_costs_nothing(run_experiment, classifier):
    for share, compliance in ((0, 1), (0.3, 0)):
        text = COST.format(trials=30, classifier=CLASSIFIERS.get(classifier, classifier), share=share,
                           compliance=compliance)
        with run_experiment(text) as file:
            cost = file["accuracy_cost"][0].astype(float)
            assert file["accuracy"][0].std() > 0
            if classifier == "private":  # two trainings with noise of their own
                assert abs(cost.mean()) < 5 * cost.std() / np.sqrt(len(cost)) + 1e-6
                assert cost.std() > 0
            else:
                assert (cost == 0).all()


@pytest.mark.parametrize("classifier", ["histogram", "logistic", "naive_bayes", "private"])
def test_cost_is_what_acting_changes(run_experiment, classifier):
    """Mean accuracy of a run in which nobody acts less that of one in which all do, within 5 standard errors."""
    accuracy, error = {}, {}
    for compliance in (0, 1):
        text = COST.format(trials=400, classifier=CLASSIFIERS.get(classifier, classifier), share=0.3,
                           compliance=compliance)
        with run_experiment(text) as file:
            accuracy[compliance] = file["accuracy"][0].astype(float)
            error[compliance] = accuracy[compliance].var() / 400
            cost = file["accuracy_cost"][0].astype(float)
    band = 5 * np.sqrt(error[0] + error[1] + cost.var() / 400)
    assert abs(accuracy[0].mean() - accuracy[1].mean() - cost.mean()) < band
    assert cost.mean() > 3 * band / 5, "the collectives cost too little to tell"


# ---- privacy ---------------------------------------------------------------------------------------------------------


def test_little_privacy_costs_little(caucus, source, tmp_path):
    """100,000 people: at epsilon = 10 as good as without privacy, at 0.01 visibly worse."""
    accuracy = {}
    for epsilon in (None, 10, 0.01):
        classifier = "logistic" if epsilon is None else f"{{name: logistic, privacy: {{epsilon: {epsilon}}}}}"
        done = caucus("run", source / "experiments/quick.yaml", "-o", "q.h5", "-q", "--force", "--trials", 4, "--set",
                      f"platform.classifier={classifier}", "--set", "sweep[0].values=[0.1]", "--set",
                      "bounds.knowledge=[full]")
        assert done.returncode == 0, done.stderr
        with h5py.File(tmp_path / "q.h5") as file:
            accuracy[epsilon] = file["summary/accuracy_mean"][:]
    assert np.abs(accuracy[10] - accuracy[None]).max() < 0.01
    assert (accuracy[0.01] < accuracy[None] - 0.04).all()
