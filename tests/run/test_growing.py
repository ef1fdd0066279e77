"""Results that grow: with more trials, or more values of the sweep, a result keeps what it has, and is in the end the
file of a fresh run of the larger experiment."""

import json
import signal
import subprocess

import h5py
import pytest

from compare_files import assert_same
from conftest import PROGRAM

EXPERIMENT = """\
name: growing
seed: 4
trials: {trials}
population: {{scenario: dirichlet, cells: 20, labels: 3, uniqueness: 0.3}}
platform: {{consumers: 400, test: 50, classifier: histogram}}
collectives:
  - {{name: a, share: 0.1, strategy: feature_label, set: {{signal: yes}}, target: y0}}
bounds: {{knowledge: [total], inequalities: [hoeffding]}}
sweep:
  - {{name: share, path: "collectives[0].share", values: {shares}}}
  - {{name: classifier, path: platform.classifier, values: {classifiers}}}
"""


@pytest.fixture
def grow(caucus, tmp_path):
    """Run one experiment, then another with --resume and afresh; returns how many trials the second one computed."""

    def write(name, trials=30, shares="[0.1, 0.2]", classifiers="[histogram]"):
        path = tmp_path / f"{name}.yaml"
        path.write_text(EXPERIMENT.format(trials=trials, shares=shares, classifiers=classifiers))
        return path

    def run(small, large, *options):
        assert caucus("run", write("small", **small), "-q", "-o", "o.h5", *options).returncode == 0
        done = caucus("run", write("large", **large), "--json", "-o", "o.h5", "--resume", *options)
        assert done.returncode == 0, done.stderr
        assert caucus("run", write("large", **large), "-q", "-o", "fresh.h5", *options).returncode == 0
        assert_same(tmp_path / "o.h5", tmp_path / "fresh.h5")
        assert caucus("verify", "o.h5").returncode == 0
        last = json.loads(done.stdout.splitlines()[-1])
        with h5py.File(tmp_path / "o.h5") as file:
            assert last["trials_done"] + last["trials_resumed"] == file["success_count"].size
        return last["trials_done"]

    run.write = write
    return run


@pytest.mark.parametrize("block", [(), ("--block", "16"), ("--block", "7")])
def test_more_trials(grow, block):
    assert grow({}, {"trials": 75}, *block) == 2 * 45


@pytest.mark.parametrize("small, large, n_new", [
    ({}, {"shares": "[0.1, 0.2, 0.3]"}, 30),  # at the end of an axis, in the middle, in another order
    ({}, {"shares": "[0.1, 0.15, 0.2]"}, 30),
    ({}, {"shares": "[0.2, 0.1, 0.05]"}, 30),
    ({}, {"shares": "{linspace: [0.1, 0.4, 4]}", "trials": 50}, 2 * 20 + 2 * 50),
    ({}, {"classifiers": "[worst_case, histogram]"}, 60),
    ({}, {"classifiers": "[histogram, naive_bayes]"}, 60)])  # whose trials have more variables
def test_more_values(grow, small, large, n_new):
    assert grow(small, large) == n_new


def test_many_trials_in_several_chunks(grow):
    assert grow({"trials": 70_000, "shares": "[0.1]"}, {"trials": 150_001, "shares": "[0.05, 0.1]"}) == 80_001 + 150_001


@pytest.mark.parametrize("large, words", [
    ({"shares": "[0.1, 0.3]"}, "has 1 configurations that this sweep has not, and would lose them"),
    ({"shares": "[0.05]"}, "has 2 configurations that this sweep has not"),
    ({"trials": 20}, "has 30 trials of each configuration, and 20 are asked for")])
def test_nothing_is_lost(caucus, grow, large, words):
    assert caucus("run", grow.write("small"), "-q", "-o", "o.h5").returncode == 0
    done = caucus("run", grow.write("large", **large), "-o", "o.h5", "--resume")
    assert done.returncode == 2 and words in done.stderr, done.stderr


@pytest.mark.parametrize("setting", ["seed=5", "platform.test=60", "collectives[0].target=y1", "bounds.delta=0.1"])
def test_another_experiment_is_told(caucus, grow, setting):
    assert caucus("run", grow.write("small"), "-q", "-o", "o.h5").returncode == 0
    done = caucus("run", grow.write("large", trials=50), "-o", "o.h5", "--resume", "--set", setting)
    assert done.returncode == 2 and "use --force to start afresh" in done.stderr, done.stderr


def test_growing_is_stopped_and_goes_on(caucus, grow, tmp_path):
    """The smaller result stays until the larger one is whole."""
    small = grow.write("small", trials=100_000)
    assert caucus("run", small, "-q", "-o", "o.h5").returncode == 0
    before = (tmp_path / "o.h5").read_bytes()
    large = grow.write("large", trials=1_500_000)
    process = subprocess.Popen([PROGRAM, "run", large, "--json", "-o", "o.h5", "--resume", "--threads", "1"], cwd=tmp_path,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in process.stdout:
        if '"progress"' in line:
            break
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 3, "the run was over before it could be stopped"
    assert (tmp_path / "o.h5").read_bytes() == before
    again = caucus("run", large, "-q", "-o", "o.h5", "--resume")
    assert again.returncode == 0, again.stderr
    with h5py.File(tmp_path / "o.h5") as file:
        assert file["success_count"].shape == (2, 1_500_000, 1) and file["done"][:].all()
