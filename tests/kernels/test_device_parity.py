"""The same numbers on a real CUDA device as on the CPU: to the bit. Skipped, with the reason, where there is no
usable device."""

import json
import os
import subprocess

import pytest
from compare_files import assert_same, contents
from conftest import PROGRAM, SOURCE, trains_on_cells

EXPERIMENTS = sorted(path for path in (SOURCE / "experiments").glob("*.yaml") if trains_on_cells(path))
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "CAUCUS_CUDA_MODULE"}


def find_devices():
    """The usable CUDA devices, and why there are none."""
    done = subprocess.run([PROGRAM, "devices", "--format", "json"], env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    cuda = json.loads(done.stdout)["cuda"]
    reasons = [device["reason"] for device in cuda["devices"] if not device["usable"]]
    return [d["device"] for d in cuda["devices"] if d["usable"]], cuda["reason"] or "; ".join(reasons)


DEVICES, REASON = find_devices()
pytestmark = pytest.mark.skipif(not DEVICES, reason=f"no usable CUDA device: {REASON}")


@pytest.fixture
def run(tmp_path):
    def start(path, device, name, *options, code=0):
        output = tmp_path / f"{name}.h5"
        done = subprocess.run([PROGRAM, "run", "--json", path, "--device", device, "-o", output, *map(str, options)],
                              env=ENVIRONMENT, capture_output=True, text=True, timeout=300)
        assert done.returncode == code, done.stderr
        return output

    return start


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_experiment(run, path):
    """More than one group of trials, the last one not full; few where the CPU trains for long."""
    trials = 140 if path.stem == "learning-algorithms" else 300
    assert_same(run(path, "cpu", "cpu", "--trials", trials), run(path, "cuda", "cuda", "--trials", trials))


@pytest.mark.parametrize("options", [["--block", 100], ["--block", 4096], []], ids=str)
def test_to_the_bit_however_work_is_spread(run, options):
    path = SOURCE / "experiments" / "vehicles-planting.yaml"
    assert_same(run(path, "cuda", "one", "--trials", 5000, "--block", 5000),
                run(path, "cuda:all", "other", "--trials", 5000, *options))


def test_seeds_differ(run):
    path = SOURCE / "experiments" / "vehicles-planting.yaml"
    left, right = (contents(run(path, "cuda", f"seed{seed}", "--trials", 100, "--seed", seed)) for seed in (1, 2))
    assert left["success_count"].tobytes() != right["success_count"].tobytes()
