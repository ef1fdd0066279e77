"""Runs that keep no single trials: the summary of the trials, whatever the blocks, threads, stops and resumes."""

import json
import os
import signal
import subprocess
import time

import h5py
import numpy as np
import pytest
import xarray as xr

from conftest import wait_until_caught

EXPERIMENT = """
name: summaries
seed: 77
trials: {trials}
population: {{scenario: dirichlet, cells: 60, labels: 3, concentration: 0.7, uniqueness: 0.2, gap: 0.1}}
platform: {{consumers: 5000, test: {test}}}
collectives:
  - {{name: first, share: 0.1, strategy: feature_label, set: {{signal: "yes"}}, target: y0, noise: {{miss: 0.1}}}}
  - {{name: second, share: 0.05, strategy: unplant_adaptive, set: {{signal: "yes"}}, target: y1, estimators: 50}}
bounds:
  delta: 0.3
  upper: true
  families: [staircase, budget, linear]
  inequalities: [hoeffding, population]
sweep:
  - {{name: share, path: "collectives[0].share", values: [0.01, 0.05, 0.2]}}
output: {{trials: false{more}}}
"""
QUANTILES = ("_q05", "_median", "_q95")
RATES = ("_rate", "violation_low", "violation_high")


def summary_of(path):
    with h5py.File(path, "r") as file:
        return {name: item[()] for name, item in file["summary"].items() if name not in file}


@pytest.fixture
def run(caucus, tmp_path):
    def start(name, *options, trials=600, test=400, more="", **others):
        path = tmp_path / "experiment.yaml"
        path.write_text(EXPERIMENT.format(trials=trials, test=test, more=more))
        output = tmp_path / f"{name}.h5"
        return caucus("run", path, "-o", output, "--quiet", *options, **others), output

    return start


def bin_width(values, test):
    """Of docs/result-file.md; test None: of bounds."""
    if test is not None:
        return 0.0 if test <= 4096 else 2.0**-12
    size = np.abs(values)
    far = 2.0 ** np.floor(np.log2(np.maximum(size, 1))) / 4
    near = np.where(values < 0, 2.0**-10, 2.0**-12)
    return np.where(size > 1, far, near)


def order_statistics(values, level):
    """The two trials that a quantile lies between, along axis 1, without NaN."""
    ordered = np.sort(values, axis=1)  # NaN last
    n = (~np.isnan(values)).sum(axis=1, keepdims=True)
    k = np.maximum(np.floor(level * (n - 1)), 0).astype(int)
    below = np.take_along_axis(ordered, k, 1)
    above = np.take_along_axis(ordered, np.minimum(k + 1, np.maximum(n - 1, 0)), 1)
    return below[:, 0], above[:, 0]


def quantile_tolerance(trials, name):
    level = {"q05": 0.05, "median": 0.5, "q95": 0.95}[name.rsplit("_", 1)[1]]
    if name.startswith("success"):
        return np.max([bin_width(0, int(test)) for test in trials["test"]]) + 1e-12
    below, above = order_statistics(trials["lower_bound"][()].astype(float), level)
    return np.maximum(bin_width(below, None), bin_width(above, None)) + 1e-12


def compare(kept, summed):
    """A result with trials and one without, of the same experiment and seed."""
    with h5py.File(kept, "r") as trials, h5py.File(summed, "r") as sums:
        assert sums.attrs["summaries_only"] == 1 and trials.attrs["summaries_only"] == 0
        assert "success_count" in trials and "success_count" not in sums and "trial" not in sums
        assert set(trials["summary"]) == set(sums["summary"])
        n_compared = 0
        for name in set(trials["summary"]) - set(trials):  # and no coordinate
            wanted, found = trials["summary"][name][()], sums["summary"][name][()]
            assert np.array_equal(np.isnan(wanted), np.isnan(found)), name
            if name.endswith(QUANTILES):
                tolerance = quantile_tolerance(trials, name)
            else:
                tolerance = 0.0 if name.endswith(RATES) else 1e-11
            with np.errstate(invalid="ignore"):
                off = np.where(wanted == found, 0, np.abs(wanted - found))  # infinite ones are equal
            assert np.all((off <= tolerance) | np.isnan(wanted)), (name, np.nanmax(off))
            n_compared += np.isfinite(wanted).sum()
        return n_compared


@pytest.mark.parametrize("test", [400, 20_000])
def test_as_from_trials(run, test):
    done, summed = run("summed", test=test)
    assert done.returncode == 0, done.stderr
    done, kept = run("kept", "--set", "output.trials=true", test=test)
    assert done.returncode == 0, done.stderr
    assert compare(kept, summed) > 1000


@pytest.mark.parametrize(
    "name, trials, settings",
    [
        ("quick", 20, []),
        ("vehicles-planting", 300, ["bounds.families=[staircase,budget]", "bounds.inequalities=[kl,population]"]),
        ("vehicles-erasing", 100, []),
        ("climate-four", 60, ["collectives.count=3", "bounds.families=[staircase,linear]",
                              "bounds.inequalities=[bernstein,population]"]),
        ("tightness-income", 20, []),
    ],
)
def test_shipped_experiments(caucus, source, tmp_path, name, trials, settings):
    paths = []
    for keep in ("true", "false"):
        paths.append(tmp_path / f"{keep}.h5")
        options = [part for setting in [*settings, f"output.trials={keep}"] for part in ("--set", setting)]
        done = caucus("run", source / f"experiments/{name}.yaml", "-o", paths[-1], "-q", "--trials", trials, *options)
        assert done.returncode == 0, done.stderr
    assert compare(*paths) > 50


def test_threads_and_blocks(run):
    reference = None
    for threads, block in [(1, 600), (2, 600), (3, 64), (7, 1), (2, 97), (1, 0)]:
        done, output = run(f"t{threads}b{block}", "--threads", threads, "--block", block)
        assert done.returncode == 0, done.stderr
        content = {name: values.tobytes() for name, values in summary_of(output).items()}
        reference = reference or content
        assert content == reference, (threads, block)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stop_and_resume(run, caucus, stop_and_resume, tmp_path, number):
    trials = 4_000 if number == signal.SIGINT else 1_500  # killed runs save nothing in so short a time
    done, whole = run("whole", trials=trials)
    assert done.returncode == 0, done.stderr
    output = tmp_path / "stopped.h5"
    n_saved = 0
    for returncode, _ in stop_and_resume(tmp_path / "experiment.yaml", output, number):
        if returncode == 3:  # it had set up its handlers, so what was finished is saved
            n_saved += 1
            info = caucus("info", output)
            assert info.returncode == 0 and "unfinished" in info.stdout and "only summaries are kept" in info.stdout
            table = caucus("summary", output, "--format", "json")
            assert table.returncode == 0, table.stderr
            records = json.loads(table.stdout)
            assert all(0 < record["trials"] <= trials for record in records)
    assert number == signal.SIGKILL or n_saved > 0
    for name, values in summary_of(whole).items():
        assert values.tobytes() == summary_of(output)[name].tobytes(), name


def test_resume_refuses_the_other_kind(run, caucus, tmp_path):
    for wait in (0.3, 0.6, 1.0, 2.0):  # until a stop leaves segments behind
        path = tmp_path / "experiment.yaml"
        path.write_text(EXPERIMENT.format(trials=2_000_000, test=400, more=""))
        process = subprocess.Popen([caucus.program, "run", path, "-o", tmp_path / "r.h5", "--quiet", "--force"],
                                   stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_until_caught(process, signal.SIGTERM)
        time.sleep(wait)
        process.send_signal(signal.SIGTERM)
        if process.wait(timeout=60) == 3:
            break
    assert process.returncode == 3
    done, _ = run("r", "--resume", "--set", "output.trials=true", trials=2_000_000)
    assert done.returncode == 2
    assert "trials: false" in done.stderr and "trials: true" in done.stderr


@pytest.mark.parametrize("engine", ["h5netcdf", "netcdf4"])
def test_readers(run, engine):
    done, output = run("read")
    assert done.returncode == 0, done.stderr
    with xr.open_dataset(output, engine=engine) as data:
        assert "trial" not in data.sizes and set(data.data_vars) == {"size", "done"}
        assert set(data.coords) >= {"share", "test", "method", "family", "knowledge", "inequality"}
        coordinates = data.coords.to_dataset().load()
        assert data.attrs["summaries_only"] == 1 and data.attrs["trials"] == 600
    with xr.open_dataset(output, engine=engine, group="summary") as summary:
        assert summary.success_median.attrs["resolution"] == 2.0**-12
        assert summary.bound_q05.attrs["resolution"] == 2.0**-12
        assert summary.bound_q05.attrs["resolution_below_0"] == 2.0**-10
        assert "resolution" not in summary.bound_mean.attrs
        assert summary.bound_mean.dims == ("config", "collective", "method")
        best = summary.assign_coords(coordinates.coords).success_mean.sel(collective="first")
        assert best.where(coordinates.share == 0.2, drop=True) > best.where(coordinates.share == 0.01, drop=True)


@pytest.mark.parametrize("trials", ["1G", 2**32 - 1, 2**32])
def test_plans_of_very_many_trials(caucus, tmp_path, trials):
    path = tmp_path / "many.yaml"
    path.write_text(EXPERIMENT.format(trials=trials, test=400, more=""))
    done = caucus("check", "--json", path, "--threads", "2")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    number = 10**9 if trials == "1G" else trials
    assert plan["trials"] == number
    assert plan["configs"] * number / plan["block_trials"] <= 2**20 + plan["configs"]
    assert plan["working_bytes"] < 100e6
    assert plan["output_bytes"] < 1e6


def test_what_is_finished_of_very_many_trials_is_kept(caucus, tmp_path):
    path = tmp_path / "many.yaml"
    path.write_text(EXPERIMENT.format(trials="4G", test=400, more=""))
    output = tmp_path / "many.h5"
    for wait in (1, 2, 4):  # until a block is finished
        process = subprocess.Popen([caucus.program, "run", path, "-o", output, "-q", "--block", "500", "--force"],
                                   stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        wait_until_caught(process, signal.SIGINT)
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 3 or wait < 4, errors
        if process.returncode == 3 and os.path.exists(f"{output}.parts"):
            break
    records = json.loads(caucus("summary", output, "--format", "json").stdout)
    assert {record["collective"] for record in records} == {"first", "second"}
    assert all(record["trials"] % 500 == 0 and record["trials"] > 0 for record in records)


@pytest.mark.parametrize("trials", ["true", "false"])
def test_cost_of_accuracy(run, trials):
    done, output = run("cost", "--set", f"output.trials={trials}", more=", accuracy_cost: true", trials=20)
    assert done.returncode == 0, done.stderr
    with h5py.File(output, "r") as file:
        assert file.attrs["compared"] == 1 and file.attrs["trained"] == 0
        assert file["summary/accuracy_cost_mean"].shape == (3,)
        assert "converged_rate" not in file["summary"] and "converged" not in file
        if trials == "true":
            assert file["accuracy_cost"].shape == (3, 20) and file["accuracy_cost"].dtype == np.float32
        else:
            assert "accuracy_cost" not in file
