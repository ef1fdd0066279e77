"""Trained platforms on devices that are played by the CPU: the same numbers to the bit as the CPU gives, whatever the
classifier is and however its workspace lies."""

import itertools

import h5py
import numpy as np
import pytest
from compare_files import assert_same

CLASSIFIERS = {
    "histogram": "histogram",
    "worst_case": "{name: worst_case, epsilon: 0.02, victim: first}",
    "logistic": "logistic",
    "interactions": "{name: logistic, interactions: true, penalty: 0.5}",
    "private": "{name: logistic, privacy: {epsilon: 2, delta: 1e-5, steps: 40}}",
    "naive_bayes": "naive_bayes",
    "mlp": "{name: mlp, hidden: 3, steps: 60}",
}
TRAINED = [name for name in CLASSIFIERS if name not in ("histogram", "worst_case")]
LABELS = ("a", "b", "c")

EXPERIMENT = """\
name: trained
seed: 11
trials: {trials}
population: {{file: people.csv, label: label, features: [x, y, z], weight: people, draw: {draw}}}
platform: {{consumers: 3000, test: 300, classifier: {classifier}}}
collectives:
  - {{name: first, share: 0.1, strategy: feature_label, set: {{x: x1, y: y0}}, target: a, noise: {{miss: 0.2}}}}
  - {{name: second, share: 0.05, strategy: unplant_naive, set: {{z: z2}}, target: b}}
bounds: {{families: [staircase, budget], inequalities: [population, hoeffding], epsilon: {epsilon}}}
output: {{trials: {kept}, accuracy_cost: {cost}}}
"""


def write_people(folder):
    """A grid without one cell, so that noise leads out of the population."""
    rng = np.random.default_rng(3)
    with open(folder / "people.csv", "w") as file:
        file.write("x,y,z,label,people\n")
        for x, y, z in itertools.product(range(3), range(2), range(4)):
            if (x, y, z) != (2, 1, 3):
                for i, label in enumerate(LABELS):
                    people = int(rng.integers(20, 400) * (3 if (x + y + z) % 3 == i else 1))
                    file.write(f"x{x},y{y},z{z},{label},{people}\n")


@pytest.fixture
def both(caucus, emulated, tmp_path):
    """The results of an experiment on the CPU and on a device, once they are found to be the same."""

    def run(classifier, trials=6, sweep="", plays="devices=1", options=(), **settings):
        settings = {"draw": "iid", "epsilon": 0.0, "kept": "true", "cost": "false", **settings}
        write_people(tmp_path)
        path = tmp_path / "trained.yaml"
        path.write_text(EXPERIMENT.format(classifier=classifier, trials=trials, **settings) + sweep)
        results = [tmp_path / "cpu.h5", tmp_path / "cuda.h5"]
        done = caucus("run", "-q", path, "--device", "cpu", "-o", results[0], "--force")
        assert done.returncode == 0, done.stderr
        done = emulated("run", "-q", path, "--device", "cuda:all", "-o", results[1], "--force", *options, plays=plays)
        assert done.returncode == 0, done.stderr
        assert_same(*results)
        file = h5py.File(results[1])
        assert file.attrs["backend"] == "cuda"
        return file

    return run


@pytest.mark.parametrize("cost, epsilon", [("false", "0.0"), ("true", "measured")])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier(both, name, cost, epsilon):
    with both(CLASSIFIERS[name], cost=cost, epsilon=epsilon) as file:
        if name in TRAINED:
            assert set(np.unique(file["converged"])) <= {0.0, 1.0}
            assert (file["suboptimality"][:] > 0).any()
        assert ("accuracy_cost" in file) == (cost == "true")
        assert cost == "false" or (file["accuracy_cost"][:] != 0).any()


@pytest.mark.parametrize("name", TRAINED)
def test_more_trials_than_a_round(both, name):
    """Two groups to a round, teams that take many trials each, the last group not full."""
    with both(CLASSIFIERS[name], trials=300, cost="true" if name == "naive_bayes" else "false") as file:
        assert len(np.unique(file["success_count"][0, :, 0])) > 10


@pytest.mark.parametrize("name", ["logistic", "mlp"])
@pytest.mark.parametrize("plays", [
    "shared=0",  # nothing near
    "shared=9000",  # some parameters near
    "shared=2000000",  # all of it
    "processors=40",  # more teams than trials
    "devices=3",
    "memory=2450000",  # fewer teams
])
def test_however_workspaces_lie(both, name, plays):
    options = ["--block", 40] if plays == "devices=3" else []
    both(CLASSIFIERS[name], trials=130, plays=plays if "devices" in plays else f"devices=1,{plays}", options=options)


@pytest.mark.parametrize("name", ["logistic", "naive_bayes"])
def test_without_replacement(both, name):
    both(CLASSIFIERS[name], draw="without_replacement", cost="true")


def test_sums(both):
    with both(CLASSIFIERS["logistic"], trials=300, kept="false", cost="true", epsilon="measured") as file:
        assert "success_count" not in file and file["summary/converged_rate"][0] == 1.0


def test_a_search_that_ends_too_early_says_so(both):
    """In some trials, and only in one of a trial's two trainings."""
    with both("{name: logistic, steps: 5}", trials=60, cost="true") as file:
        assert 0 < file["converged"][:].mean() < 1


def test_all_in_one_sweep(both):
    """Configurations with other tables, other kernels and none, in the same slots; several blocks of each, so that
    graphs are replayed."""
    names = ["histogram", "logistic", "worst_case", "naive_bayes"]
    sweep = "sweep:\n  - {name: joining, path: \"collectives[0].share\", values: [0.05, 0.2]}\n" \
            f"  - {{name: learner, path: platform.classifier, values: [{', '.join(names)}]}}\n"
    with both("histogram", trials=24, sweep=sweep, options=["--block", 4]) as file:
        trained = ~np.isnan(file["converged"][:, 0])
        assert trained.tolist() == [name in TRAINED for name in names] * 2
