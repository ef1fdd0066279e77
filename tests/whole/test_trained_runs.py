"""Runs with trained platforms: the same numbers however the work is cut up, what summaries and plans say of trainings,
and critical masses.
"""

import json
import resource
import subprocess
import time

import h5py
import numpy as np
import pytest

# ---- the same numbers ------------------------------------------------------------------------------------------------

SWEEP = """
name: trained
seed: 77
trials: {trials}
population: {{scenario: dirichlet, cells: 60, labels: 3, concentration: 0.7, uniqueness: 0.2, gap: 0.1}}
platform: {{consumers: 5000, test: 400}}
collectives:
  - {{name: first, share: 0.1, strategy: feature_label, set: {{signal: "yes"}}, target: y0, noise: {{miss: 0.1}}}}
  - {{name: second, share: 0.05, strategy: unplant_adaptive, set: {{signal: "yes"}}, target: y1, estimators: 50}}
bounds: {{epsilon: measured, knowledge: [labels, strategies], inequalities: [hoeffding, population]}}
sweep:
  - name: classifier
    path: platform.classifier
    values: [histogram, naive_bayes, logistic, {{name: logistic, privacy: {{epsilon: 1, steps: 30}}}},
             {{name: mlp, hidden: 3, tolerance: 3e-3, steps: 40}}]
output: {{trials: {keep}, accuracy_cost: true}}
"""


def content(path):
    """Every dataset of a result as bytes."""
    found = {}
    with h5py.File(path, "r") as file:
        def visit(name, item):
            if isinstance(item, h5py.Dataset) and name != "done" and "netCDF dimension" not in str(item.attrs.get("NAME")):
                found[name] = item.asstr()[:].tolist() if item.dtype == object else item[()].tobytes()
        file.visititems(visit)
    return found


@pytest.fixture
def sweep(caucus, tmp_path):
    def run(name, *options, keep="true", trials=130):
        (tmp_path / "sweep.yaml").write_text(SWEEP.format(trials=trials, keep=keep))
        done = caucus("run", "sweep.yaml", "-o", f"{name}.h5", "--quiet", *options)
        assert done.returncode == 0, done.stderr
        return tmp_path / f"{name}.h5"

    return run


@pytest.mark.parametrize("keep", ["true", "false"])
def test_threads_and_blocks_change_no_bit(sweep, keep):
    wanted = content(sweep("one", "--threads", 1, "--block", 130, keep=keep))
    for threads, block in [(2, 130), (3, 16), (2, 1), (4, 37)]:
        assert content(sweep(f"t{threads}b{block}", "--threads", threads, "--block", block, keep=keep)) == wanted


def test_sums_are_those_of_the_trials(sweep):
    kept, summed = sweep("kept"), sweep("summed", keep="false")
    with h5py.File(kept) as trials, h5py.File(summed) as sums:
        assert set(trials["summary"]) == set(sums["summary"])
        for name in ("converged_rate", "accuracy_cost_mean", "suboptimality_mean", "accuracy_mean", "success_mean",
                     "bound_mean", "violation_rate", "tightness_mean"):
            np.testing.assert_allclose(sums["summary"][name], trials["summary"][name], rtol=0, atol=1e-11, err_msg=name)
        converged = trials["summary/converged_rate"][:]
        assert np.isnan(converged[0]) and (converged[1:4] == 1).all() and 0 < converged[4] < 1
        assert np.array_equal(np.isnan(trials["converged"][()]).all(axis=1), np.isnan(converged))
        assert (trials["summary/suboptimality_mean"][1:] > 0).all()
        words = trials["classifier"].asstr()[:].tolist()
        assert words[:3] == ["histogram", "naive_bayes", "logistic"] and len(set(words)) == 5


@pytest.mark.parametrize("keep", ["true", "false"])
def test_killed_and_resumed(caucus, sweep, tmp_path, keep):
    whole = sweep("whole", "--block", 16, keep=keep, trials=800)
    n_kills, process = 0, None
    for attempt in range(40):
        process = subprocess.Popen([caucus.program, "run", "sweep.yaml", "-o", "killed.h5", "-q", "--block", "16",
                                    *(["--resume"] if attempt > 0 else [])], cwd=tmp_path, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(0.1 * 1.3**attempt)
        process.kill()
        if process.wait(timeout=60) == 0:
            break
        n_kills += 1
    assert process.returncode == 0 and n_kills > 0
    assert content(tmp_path / "killed.h5") == content(whole)


# ---- what is said ----------------------------------------------------------------------------------------------------


def test_trainings_that_do_not_converge_are_named(caucus, sweep):
    path = sweep("said")
    table = caucus("summary", path).stdout
    with h5py.File(path) as file:
        converged = file["summary/converged_rate"][:]
        cost = file["summary/accuracy_cost_mean"][:]
    heading = table.split("\n\n")[0]
    assert "not converged: in 1 of 5 configurations" in heading
    assert f"up to {100 * (1 - converged[4]):.3g} % of the trials" in heading
    assert "raise the classifier's steps or tolerance" in heading
    lines = [line for line in table.splitlines() if " first " in line]
    assert len(lines) == 5 and f"{converged[4]:.4f}" in lines[4] and f"{cost[4]:.4f}" in lines[4]
    rows = json.loads(caucus("summary", path, "--format", "json").stdout)
    assert rows[0]["converged_rate"] is None and rows[-1]["converged_rate"] == converged[4]
    assert rows[-1]["accuracy_cost_mean"] == cost[4] and rows[-1]["suboptimality_mean"] > 0
    titles, first, *_ = caucus("summary", path, "--format", "csv").stdout.splitlines()
    values = dict(zip(titles.split(","), first.split(",")))
    assert values["converged_rate"] == "" and float(values["accuracy_mean"]) > 0 and "accuracy_cost_mean" in values
    assert "not converged" not in caucus("summary", sweep("fine", "--set", 'sweep[0].values=[logistic]')).stdout


def test_runs_without_trainings_say_nothing_of_them(caucus, source, tmp_path):
    assert caucus("run", source / "experiments/quick.yaml", "-o", "q.h5", "-q", "--trials", 2).returncode == 0
    assert "converged" not in caucus("summary", "q.h5").stdout
    assert "converged" not in caucus("summary", "q.h5", "--format", "csv").stdout


def test_too_much_memory_is_refused_before_anything_is_written(caucus, source, tmp_path):
    big = SOLVE.replace("cells: 30", "cells: 100000").replace("hidden: 2", "hidden: 65536")
    (tmp_path / "big.yaml").write_text(big)
    done = caucus("run", "big.yaml", "-o", "q.h5")
    assert done.returncode == 2
    assert "configuration 2: training with 100000 cells" in done.stderr and "GB" in done.stderr
    assert "use fewer features" in done.stderr
    assert not list(tmp_path.glob("q.h5*"))
    done = caucus("run", source / "experiments/quick.yaml", "-o", "q.h5", "--threads", 4000, "--set",
                  "platform.classifier=logistic")
    assert done.returncode == 2 and "workspaces of 4000 threads take" in done.stderr and "--threads" in done.stderr
    assert not list(tmp_path.glob("q.h5*"))


def test_check_expects_trainings(caucus, tmp_path):
    """Blocks stay short where trials are long, and the time is about what a run then takes, by one thread's processor time,
    which others on the machine hardly change."""
    (tmp_path / "sweep.yaml").write_text(SWEEP.format(trials=2000, keep="true"))
    plan = json.loads(caucus("check", "sweep.yaml", "--json", "--threads", 1).stdout.splitlines()[0])
    assert 8 <= plan["block_trials"] <= 512
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = caucus("run", "sweep.yaml", "-o", "r.h5", "-q", "--threads", 1)
    assert done.returncode == 0, done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert took / 5 < plan["expected_seconds"] < 5 * took


# ---- critical mass ---------------------------------------------------------------------------------------------------

SOLVE = """
trials: 60
population: {scenario: dirichlet, cells: 30, labels: 3, seed: 2}
platform: {consumers: 10K, test: 400}
collectives: [{name: us, share: 0.1, strategy: feature_label, set: {signal: "yes"}, target: y2}]
bounds: {epsilon: measured, knowledge: full, inequalities: [hoeffding, population]}
sweep: [{name: classifier, path: platform.classifier, values: [histogram, logistic, {name: mlp, hidden: 2, steps: 6}]}]
"""


def test_critical_mass_of_trained_platforms(caucus, run_experiment, tmp_path):
    (tmp_path / "solve.yaml").write_text(SOLVE)
    done = caucus("solve", "solve.yaml", "-o", "s.h5", "--format", "json")
    assert done.returncode == 0, done.stderr
    rows = {(row["config"], row["quantity"]): row for row in json.loads(done.stdout)}
    for config in (0, 1):
        row = rows[config, "success"]
        size = int(row["critical_mass"])
        assert 1 <= row["low"] <= size <= row["high"]
        at, below = [], []
        for n, means in ((size, at), (size - 1, below)):  # the run with that size gives the value, to the last bit
            text = SOLVE.replace("share: 0.1", f"size: {n}").replace("60\n", "60\noutput: {accuracy: false}\n", 1)
            with run_experiment(text) as file:
                means.append(float(file["summary/success_mean"][config, 0]))
        assert at == pytest.approx([row["value_at"]], abs=1e-12) and at[0] >= 0.9 > below[0]
        assert below == pytest.approx([row["value_below"]], abs=1e-12)
    assert rows[0, "success"]["converged"] is None and rows[1, "success"]["converged"] == 1
    assert rows[2, "success"]["converged"] < 1
    # A promise takes more, and more yet from a platform that is far from optimal.
    promises = [rows[config, "staircase/full/population"]["critical_mass"] for config in range(3)]
    assert rows[1, "success"]["critical_mass"] < promises[1] < promises[2] and promises[0] < promises[1]
    with h5py.File(tmp_path / "s.h5") as file:
        assert np.isnan(file["converged"][0]) and file["converged"][1] == 1 and file["converged"][2] < 1
    assert "not converged: in 1 of 3 configurations" in caucus("solve", "solve.yaml", "-o", "t.h5").stdout
