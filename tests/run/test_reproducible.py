"""The same numbers for the same seed, however the work is cut up: threads, blocks, kills, signals and resumes."""

import signal
import subprocess
import time

import h5py
import numpy as np
import pytest

from conftest import wait_until_caught

EXPERIMENT = """
name: reproducible
seed: 77
trials: {trials}
population: {{scenario: dirichlet, cells: 60, labels: 3, concentration: 0.7, uniqueness: 0.2, gap: 0.1}}
platform: {{consumers: 5000, test: 400}}
collectives:
  - {{name: first, share: 0.1, strategy: feature_label, set: {{signal: "yes"}}, target: y0, noise: {{miss: 0.1}}}}
  - {{name: second, share: 0.05, strategy: unplant_adaptive, set: {{signal: "yes"}}, target: y1, estimators: 50}}
bounds: {{inequalities: [hoeffding, population]}}
sweep:
  - {{name: share, path: "collectives[0].share", values: [0.01, 0.05, 0.2]}}
"""


def datasets(path):
    """Every dataset of a result as bytes, and the attributes that say what was computed."""
    content = {}
    with h5py.File(path, "r") as file:
        def visit(name, item):
            if isinstance(item, h5py.Dataset) and name != "done" and "netCDF dimension" not in str(item.attrs.get("NAME")):
                content[name] = item.asstr()[:].tolist() if item.dtype == object else item[()].tobytes()
        file.visititems(visit)
        content["experiment"] = file.attrs["experiment"]
        content["complete"] = int(file.attrs["complete"])
    return content


@pytest.fixture
def run(caucus, tmp_path):
    def start(name, *options, trials=600, **more):
        path = tmp_path / "experiment.yaml"
        path.write_text(EXPERIMENT.format(trials=trials))
        output = tmp_path / f"{name}.h5"
        done = caucus("run", path, "-o", output, "--quiet", *options, **more)
        return done, output

    return start


def test_threads_and_blocks(run):
    reference = None
    for threads, block in [(1, 600), (2, 600), (3, 64), (7, 1), (2, 97), (1, 512)]:
        done, output = run(f"t{threads}b{block}", "--threads", threads, "--block", block)
        assert done.returncode == 0, done.stderr
        content = datasets(output)
        reference = reference or content
        assert content == reference, (threads, block)


def test_seeds_differ(run):
    contents = []
    for seed in (1, 2):
        done, output = run(f"seed{seed}", "--seed", seed)
        assert done.returncode == 0, done.stderr
        contents.append(datasets(output)["success_count"])
    assert contents[0] != contents[1]


def test_a_configuration_has_trials_of_its_own(run):
    done, output = run("own")
    assert done.returncode == 0
    with h5py.File(output, "r") as file:
        counts = file["success_count"][:, :, 1]
    assert not np.array_equal(counts[0], counts[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_stop_and_resume(run, stop_and_resume, tmp_path, number):
    done, whole = run("whole", trials=6_000)
    assert done.returncode == 0, done.stderr
    output = tmp_path / "stopped.h5"
    for returncode, errors in stop_and_resume(tmp_path / "experiment.yaml", output, number):
        if number == signal.SIGKILL:
            assert returncode == -signal.SIGKILL
        elif returncode != -number:  # it had set up its handlers
            assert returncode == 3, errors
            assert "--resume" in errors or "stopped before anything was computed" in errors
    assert datasets(output) == datasets(whole)


def test_resume_refuses_another_experiment(run, caucus, tmp_path):
    process = None
    for wait in (0.3, 0.6, 1.0, 2.0):  # until a stop leaves segments behind
        path = tmp_path / "experiment.yaml"
        path.write_text(EXPERIMENT.format(trials=200_000))
        process = subprocess.Popen([caucus.program, "run", path, "-o", tmp_path / "r.h5", "--quiet", "--force"],
                                   stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_until_caught(process, signal.SIGTERM)
        time.sleep(wait)
        process.send_signal(signal.SIGTERM)
        if process.wait(timeout=60) == 3:
            break
    assert process.returncode == 3
    done, _ = run("r", "--resume", "--seed", 5, trials=200_000)
    assert done.returncode != 0
    assert "seed" in done.stderr or "experiment" in done.stderr


def test_platforms_of_any_size_cost_the_same(run_experiment):
    for consumers in ("100K", "1000G"):
        text = EXPERIMENT.format(trials=50).replace("consumers: 5000", f"consumers: {consumers}")
        with run_experiment(text, timeout=20) as file:
            assert int(file["consumers"][0]) == (10**5 if consumers == "100K" else 10**12)
            assert file["success_count"].shape == (3, 50, 2)
