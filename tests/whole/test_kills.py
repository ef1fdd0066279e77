"""Commands that are killed at any instant, with 4 threads: what is made in the end is what would have been made at once.
More of it in the target soak (CAUCUS_SOAK_KILLS)."""

import os
import random
import signal
import subprocess
import time

import h5py
import numpy
import pytest

from conftest import PROGRAM

KILLS = int(os.environ.get("CAUCUS_SOAK_KILLS", "1"))  # of each kind
KINDS = {
    "trials": (["run", "--trials", "20K", "--block", "250"], ["--resume"]),
    "plain": (["run", "--trials", "20K", "--block", "250", "--set", "output.compression=0"], ["--resume"]),
    "sums": (["run", "--trials", "100K", "--block", "1000", "--set", "output.trials=false"], ["--resume"]),
    "trained": (["run", "--trials", "400", "--block", "8", "--set", "platform.classifier=logistic"], ["--resume"]),
    "solve": (["solve", "--trials", "2K", "--set", "sweep=[]"], ["--force"]),
    "shard": (["run", "--trials", "60K", "--block", "250", "--shard", "2/3"], ["--resume"]),
    "merge": (["merge"], ["--force"]),
}
SHARDS = 3


def contents(path):
    """Every dataset, and the attributes that do not tell when and by whom."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
        for name in ("seed", "experiment", "rng_version", "complete"):
            if name in file.attrs:
                found[f"@{name}"] = file.attrs[name]
    return found


def same(a, b):
    return a.keys() == b.keys() and all(
        numpy.array_equal(a[name], b[name], equal_nan=numpy.asarray(a[name]).dtype.kind == "f") for name in a)


def shards(caucus, tiny, folder):
    for i in range(1, SHARDS + 1):
        assert caucus("run", tiny, "--trials", "60K", "--shard", f"{i}/{SHARDS}", "-o", "s.h5", "-q").returncode == 0
    return sorted(folder.glob("s-*.h5"))


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_any_instant(caucus, tiny, tmp_path, kind):
    (command, *options), again = KINDS[kind]
    arguments = [PROGRAM, command, *(shards(caucus, tiny, tmp_path) if kind == "merge" else
                                     [tiny, *options, "--threads", "4", "-q"])]
    start = time.monotonic()
    subprocess.run([*arguments, "-o", "whole.h5"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    lasts = time.monotonic() - start
    made = "{}-2-of-3.h5" if kind == "shard" else "{}.h5"
    whole = contents(tmp_path / made.format("whole"))
    generator = random.Random(int(os.environ.get("CAUCUS_SOAK_SEED", "1")))
    killed = finished = 0
    while killed < KILLS:
        output = tmp_path / made.format(f"o{finished}")
        asked = ["-o", f"o{finished}.h5"]
        attempt = arguments + asked
        while True:
            process = subprocess.Popen(attempt, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                       text=True)
            try:
                _, errors = process.communicate(timeout=generator.uniform(0, lasts) if killed < KILLS else 120)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                _, errors = process.communicate(timeout=60)
            if process.returncode == 0:
                break
            assert process.returncode == -signal.SIGKILL, errors
            killed += 1
            if output.exists():  # published, so it is whole
                assert same(contents(output), whole)
            attempt = arguments + again + asked
        assert same(contents(output), whole), (kind, killed)
        assert not output.with_name(output.name + ".parts").exists()
        assert caucus("verify", output).returncode == 0
        finished += 1
    print(f"{kind}: killed {killed} times in {finished} runs")
