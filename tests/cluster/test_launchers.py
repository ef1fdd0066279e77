"""Shards started as docs/cluster.md has it, by MPI's launchers, GNU parallel and Snakemake, and merged, are the file of one
run. Debian: openmpi-bin, mpich, parallel, snakemake."""

import os
import shutil
import subprocess

import pytest

from compare_files import data_of

SHARDS = 3


@pytest.fixture
def shell(tmp_path):
    """Runs lines of a shell; returns what they said."""

    def run(lines, timeout=120):
        done = subprocess.run(["bash", "-euc", lines], cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def is_one_run(caucus, sweep, tmp_path):
    """Whether OUT.h5 is what one run writes."""
    experiment = sweep(trials=3000)

    def compare():
        assert caucus("run", experiment, "-q", "--threads", "1", "-o", "one.h5").returncode == 0
        assert data_of(tmp_path / "OUT.h5") == data_of(tmp_path / "one.h5")

    return compare


def find(name, package):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"there is no {name} (Debian: {package})")
    return path


ONE_THREAD = (r"--resume -q", "--resume -q --threads 1")  # files say how many there were


# OpenMPI has fewer slots than ranks on a small machine, and refuses root.
@pytest.mark.parametrize("launcher, options, package", [
    ("mpirun.openmpi", "--oversubscribe --allow-run-as-root --mca plm isolated", "openmpi-bin"),
    ("mpirun.mpich", "", "mpich")], ids=["openmpi", "mpich"])
def test_ranks_are_shards(launcher, options, package, shell, documented, is_one_run, tmp_path):
    path = find(launcher, package)
    tried = subprocess.run([path, *options.split(), "-n", "1", "true"], cwd=tmp_path, stdin=subprocess.DEVNULL,
                           capture_output=True, text=True, timeout=60)
    if tried.returncode != 0:
        pytest.skip(f"{launcher} does not start: {(tried.stderr or tried.stdout or '(no word)').strip().splitlines()[-1]}")
    shell(documented("MPI launchers", "mpirun", (r"\bmpirun -n 8", f"{path} {options} -n {SHARDS}"),
                     (r"-of-8", f"-of-{SHARDS}"), ONE_THREAD))
    is_one_run()


def test_gnu_parallel(shell, documented, is_one_run):
    path = find("parallel", "parallel")
    # other hosts would need a login
    shell(documented("GNU parallel", "parallel", (r"\bparallel --sshlogin \S+ --workdir \S+", path), (r"/16", f"/{SHARDS}"),
                     (r"1\.\.16", f"1..{SHARDS}"), (r"-of-16", f"-of-{SHARDS}"), ONE_THREAD))
    is_one_run()


def test_snakemake(shell, documented, is_one_run, tmp_path):
    path = find("snakemake", "snakemake")
    (tmp_path / "Snakefile").write_text(documented("Snakemake", "rule", (r"N = 16", f"N = {SHARDS}"), (r"threads: 8", "threads: 1")))
    shell(f"{path} --cores 2 --quiet")
    is_one_run()
