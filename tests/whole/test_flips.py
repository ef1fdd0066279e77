"""Bits of a result that change: no wrong number at exit code 0, and no crash. More of them in the target soak
(CAUCUS_SOAK_FLIPS)."""

import os
import random
import resource
import subprocess

import pytest

from conftest import PROGRAM

FLIPS = int(os.environ.get("CAUCUS_SOAK_FLIPS", "10"))


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@pytest.mark.parametrize("options", [[], ["--set", "output.compression=0"], ["--set", "output.trials=false"]],
                         ids=["compressed", "plain", "sums"])
def test_flipped_bits(caucus, tiny, tmp_path, options):
    path = tmp_path / "out.h5"
    assert caucus("run", tiny, "--trials", "300", "-o", path, "-q", *options).returncode == 0
    whole = path.read_bytes()
    commands = [["summary", "--format", "csv"], ["info"], ["verify"]]
    said = {}
    for command in commands:
        said[command[0]] = caucus(*command, path).stdout
    counted = {"refused": 0, "the same": 0}
    generator = random.Random(int(os.environ.get("CAUCUS_SOAK_SEED", "1")))
    for _ in range(FLIPS):
        damaged = bytearray(whole)
        bits = [(generator.randrange(len(whole)), generator.randrange(8)) for _ in range(generator.choice((1, 1, 1, 9)))]
        for at, bit in bits:
            damaged[at] ^= 1 << bit
        path.write_bytes(damaged)
        for command in commands:
            done = subprocess.run([PROGRAM, *command, path], cwd=tmp_path, capture_output=True, text=True, timeout=60,
                                  preexec_fn=no_core)
            told = (bits, command, done)
            assert done.returncode in (0, 2), told
            if done.returncode == 0:
                assert command[0] != "verify" or damaged == whole, told
                assert done.stdout == said[command[0]] or command[0] == "verify", told
                counted["the same"] += 1
            else:
                assert "damaged" in done.stderr or "torn" in done.stderr or "no HDF5" in done.stderr or \
                    "not an HDF5" in done.stderr or "seal" in done.stderr, told
                counted["refused"] += 1
    print(f"{FLIPS} damaged files: {counted}")
