"""Shards of an experiment, merged, are the file of one run of it, to the byte; and what cannot be merged is told."""

import os
import pathlib
import re
import subprocess

import h5py
import numpy as np
import pytest

from compare_files import data_of
from conftest import PROGRAM

EXPERIMENT = """\
name: whole
seed: 4
trials: {trials}
population: {{scenario: dirichlet, cells: 20, labels: 3, uniqueness: 0.3}}
platform: {{consumers: 400, test: 50}}
collectives:
  - {{name: a, share: 0.1, strategy: feature_label, set: {{signal: yes}}, target: y0}}
  - {{name: b, share: 0.05, strategy: erase, set: {{signal: no}}}}
bounds: {{knowledge: [total], inequalities: [hoeffding, kl]}}
output: {{trials: {keep}}}
sweep:
  - {{name: share, path: "collectives[0].share", values: {{linspace: [0.05, 0.4, {shares}]}}}}
  - {{name: classifier, path: platform.classifier, values: [histogram, naive_bayes]}}
"""


@pytest.fixture
def experiment(tmp_path):
    def write(shares=6, trials=30, keep="true"):
        path = tmp_path / "whole.yaml"
        path.write_text(EXPERIMENT.format(shares=shares, trials=trials, keep=keep))
        return path

    return write


def run_shards(caucus, path, count, *options, skip=()):
    for number in range(1, count + 1):
        if number not in skip:
            done = caucus("run", path, "-q", "--shard", f"{number}/{count}", "-o", "part.h5", *options)
            assert done.returncode == 0 and done.stdout == "", done.stderr
    return [f"part-{number}-of-{count}.h5" for number in range(1, count + 1) if number not in skip]


# Over configurations; over trials; over trials that share their chunks with other configurations' or have many.
SHAPES = [(6, 30, 3), (6, 30, 12), (1, 3000, 4), (1, 100_000, 3), (2, 7, 5), (40, 4, 7)]


@pytest.mark.parametrize("shares, trials, count", SHAPES)
def test_merged_shards_are_the_whole(caucus, experiment, tmp_path, shares, trials, count):
    path = experiment(shares, trials)
    assert caucus("run", path, "-q", "-o", "one.h5").returncode == 0
    parts = run_shards(caucus, path, count, "--block", "64")
    done = caucus("merge", *reversed(parts), "-o", "merged.h5")
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert f"merged.h5: {2 * shares * trials:,} trials of {len(parts)} files in " in done.stderr
    quiet = caucus("merge", *parts, "-o", "merged.h5", "--force", "-q")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert data_of(tmp_path / "merged.h5") == data_of(tmp_path / "one.h5")
    assert caucus("verify", "merged.h5").returncode == 0
    rows = 0
    for part in parts:  # each is a result of its own
        with h5py.File(tmp_path / part) as file:
            rows += file["success_count"].shape[0] * file["success_count"].shape[1]
        assert caucus("summary", part).returncode == 0
    assert rows == 2 * shares * trials


@pytest.mark.parametrize("shares, trials, count", [(6, 30, 3), (1, 3000, 4)])
def test_shards_that_keep_no_trials(caucus, experiment, tmp_path, shares, trials, count):
    path = experiment(shares, trials, keep="false")
    assert caucus("run", path, "-q", "-o", "one.h5").returncode == 0
    done = caucus("merge", *run_shards(caucus, path, count), "-o", "merged.h5")
    assert done.returncode == 0, done.stderr
    assert data_of(tmp_path / "merged.h5") == data_of(tmp_path / "one.h5")


def test_the_whole_does_not_depend_on_its_blocks(caucus, experiment, tmp_path):
    path = experiment(1, 3000)
    for block in ("32", "1024"):
        assert caucus("run", path, "-q", "-o", f"{block}.h5", "--block", block).returncode == 0
    assert data_of(tmp_path / "32.h5") == data_of(tmp_path / "1024.h5")


def test_what_is_missing_is_told_with_the_command(caucus, experiment):
    parts = run_shards(caucus, experiment(), 5, skip=(2, 5))
    for options in (["--check"], ["-o", "merged.h5"]):
        done = caucus("merge", *parts, *options)
        assert done.returncode == 2
        assert "--shard 2/5" in done.stderr and "--shard 5/5" in done.stderr and "--shard 1/5" not in done.stderr
        assert "144 trials are missing: configurations 0 to 11, trials 6 to 11; configurations 0 to 11, trials 24 to 29" in done.stderr
    assert not pathlib.Path("merged.h5").exists()
    run_shards(caucus, experiment(), 5, skip=(1, 3, 4))
    done = caucus("merge", *[f"part-{i}-of-5.h5" for i in range(1, 6)], "--check")
    assert done.returncode == 0 and done.stdout.endswith("complete: 5 files can be merged\n")
    assert done.stdout.startswith("part-1-of-5.h5: configurations 0 to 11 of 12, trials 0 to 5 of 30\n")


def test_what_cannot_be_merged(caucus, experiment, tmp_path):
    path = experiment()
    parts = run_shards(caucus, path, 3)
    twice = caucus("merge", *parts, parts[1], "-o", "m.h5")
    assert twice.returncode == 2 and "both have trials" in twice.stderr
    assert caucus("run", path, "-q", "--shard", "3/3", "-o", "other.h5", "--seed", "5").returncode == 0
    other = caucus("merge", *parts[:2], "other-3-of-3.h5", "-o", "m.h5")
    assert other.returncode == 2 and "merge files of one run only" in other.stderr
    (tmp_path / parts[0]).write_bytes((tmp_path / parts[0]).read_bytes()[:-100])
    cut = caucus("merge", *parts, "-o", "m.h5")
    assert cut.returncode in (1, 2) and parts[0] in cut.stderr
    assert not (tmp_path / "m.h5").exists() and not (tmp_path / "m.h5.parts").exists()
    (tmp_path / "m.h5").write_text("mine")
    there = caucus("merge", *parts, "-o", "m.h5")
    assert there.returncode == 2 and "m.h5 exists already" in there.stderr


def test_too_many_shards(caucus, experiment):
    done = caucus("run", experiment(1, 4), "--shard", "1/9")
    assert done.returncode == 2 and "cannot be cut into 9 shards; make at most 4" in done.stderr


@pytest.mark.parametrize("arguments", ["0/3", "4/3", "3", "a/b", "1/0", "-1/3"])
def test_shards_that_do_not_exist(caucus, experiment, arguments):
    done = caucus("run", experiment(), "--shard", arguments)
    assert done.returncode == 2 and "--shard takes I/N" in done.stderr


ARRAY = {"SLURM_ARRAY_TASK_ID": "12", "SLURM_ARRAY_TASK_MIN": "10", "SLURM_ARRAY_TASK_COUNT": "4"}


@pytest.mark.parametrize("variables, shard", [
    (ARRAY, "3-of-4"),
    ({**ARRAY, "SLURM_ARRAY_TASK_STEP": "2"}, "2-of-4"),
    ({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, "2-of-2"),
    ({"PMI_RANK": "0", "PMI_SIZE": "3"}, "1-of-3"),
    ({"SLURM_PROCID": "2", "SLURM_STEP_NUM_TASKS": "3"}, "3-of-3"),
    ({**ARRAY, "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, "6-of-8")])
def test_shards_by_the_environment(caucus, experiment, tmp_path, variables, shard):
    done = caucus("run", experiment(), "-q", "--shard", "auto", env=variables)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"whole-{shard}.h5").exists()


@pytest.mark.parametrize("variables, words", [
    ({}, "neither a task of a Slurm job array nor a process of an MPI launcher"),
    ({**ARRAY, "SLURM_ARRAY_TASK_ID": "14"}, "make the job array one range"),
    ({"SLURM_ARRAY_TASK_ID": "3"}, "SLURM_ARRAY_TASK_MIN")])
def test_environments_that_tell_no_shard(caucus, experiment, variables, words):
    done = caucus("run", experiment(), "--shard", "auto", env=variables)
    assert done.returncode == 2 and words in done.stderr


def test_a_shard_that_is_stopped_goes_on(caucus, experiment, tmp_path, stop_and_resume):
    path = experiment(1, 100_000)
    whole = caucus("run", path, "-q", "--shard", "2/3", "-o", "one.h5")
    assert whole.returncode == 0, whole.stderr
    process = subprocess.Popen([PROGRAM, "run", path, "--json", "--shard", "2/3", "-o", "two.h5", "--threads", "1", "--block", "16"],
                               cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ, text=True)
    for line in process.stdout:
        if '"progress"' in line:
            break
    process.terminate()
    process.communicate()
    assert process.returncode in (0, 3)
    again = caucus("run", path, "-q", "--shard", "2/3", "-o", "two.h5", "--resume")
    assert again.returncode == 0, again.stderr
    with h5py.File(tmp_path / "one-2-of-3.h5") as one, h5py.File(tmp_path / "two-2-of-3.h5") as two:
        assert np.array_equal(one["success_count"][:], two["success_count"][:])
        assert one.attrs["first_trial"] == two.attrs["first_trial"] > 0
