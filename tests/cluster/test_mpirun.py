"""Shards started by mpirun, merged, are the file of one run. Needs OpenMPI's or MPICH's launcher (Debian: openmpi-bin or
mpich)."""

import os
import shutil
import subprocess

import pytest

from compare_files import data_of

RANKS = 3
EXPERIMENT = """\
name: cluster
seed: 4
trials: 3000
population: {scenario: dirichlet, cells: 20, labels: 3, uniqueness: 0.3}
platform: {consumers: 400, test: 50}
collectives:
  - {name: a, share: 0.1, strategy: feature_label, set: {signal: yes}, target: y0}
bounds: {knowledge: [total], inequalities: [hoeffding]}
sweep:
  - {name: share, path: "collectives[0].share", values: {linspace: [0.05, 0.3, 6]}}
"""


@pytest.fixture
def mpirun(tmp_path):
    """The launcher's words before the program's."""
    path = shutil.which("mpirun")
    if path is None:
        pytest.skip("there is no mpirun (Debian: openmpi-bin or mpich)")
    words = [path, "-n", str(RANKS)]
    version = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30).stdout
    if "Open MPI" in version or "OpenRTE" in version:  # has fewer slots than ranks on a small machine, and refuses root
        words += ["--oversubscribe", "--allow-run-as-root", "--mca", "plm", "isolated"]
    tried = subprocess.run([*words, "true"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    if tried.returncode != 0:
        reason = (tried.stderr or tried.stdout).strip().splitlines()
        pytest.skip(f"mpirun does not start: {reason[-1] if reason else tried.returncode}")
    return words


def test_ranks_are_shards_of_one_run(mpirun, caucus, tmp_path):
    experiment = tmp_path / "cluster.yaml"
    experiment.write_text(EXPERIMENT)
    options = ["run", experiment, "-q", "--threads", "1"]
    done = subprocess.run([*mpirun, caucus.program, *map(str, options), "-o", "OUT.h5", "--shard", "auto", "--resume"],
                          cwd=tmp_path, env=os.environ, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    parts = [f"OUT-{number}-of-{RANKS}.h5" for number in range(1, RANKS + 1)]
    merged = caucus("merge", *parts, "-o", "OUT.h5")
    assert merged.returncode == 0, merged.stderr
    assert caucus(*options, "-o", "one.h5").returncode == 0
    assert data_of(tmp_path / "OUT.h5") == data_of(tmp_path / "one.h5")
