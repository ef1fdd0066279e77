"""caucus verify names what is damaged, and run --resume computes just that again."""

import json

import h5py
import numpy
import pytest


@pytest.fixture
def result(caucus, tiny, tmp_path):
    """Several megabytes of trials in several chunks, and the command that made them."""
    arguments = ["run", tiny, "--trials", "60K", "--set", "output.compression=0", "--block", "1000", "-o", "out.h5"]
    done = caucus(*arguments, "-q", timeout=120)
    assert done.returncode == 0, done.stderr
    return tmp_path / "out.h5", arguments


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0x10]))


def datasets(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def test_a_whole_result(caucus, result):
    done = caucus("verify", result[0])
    assert done.returncode == 0 and "state           whole" in done.stdout and "GB/s" in done.stdout
    with h5py.File(result[0]) as file:
        assert file["lower_bound"].fletcher32 and file["success_count"].fletcher32


def test_damaged_trials_are_named_and_computed_again(caucus, result):
    path, arguments = result
    before = datasets(path)
    with h5py.File(path) as file:
        chunk = file["lower_bound"].id.get_chunk_info(1)
        first, n = chunk.chunk_offset[1], file["lower_bound"].chunks[1]
        config = chunk.chunk_offset[0]
    flip(path, chunk.byte_offset + chunk.size // 2)
    done = caucus("verify", path)
    assert done.returncode == 2 and "do not match its seal" in done.stderr
    end = min(first + n, 60000)
    assert f"configuration {config}, trials {first} to {end - 1}\n" in done.stdout
    again = caucus(*arguments, "--resume", "--json", timeout=120)
    assert again.returncode == 0, again.stderr
    last = json.loads(again.stdout.splitlines()[-1])
    assert last["event"] == "done"
    assert 0 < last["trials_done"] <= n + 2000 and last["trials_done"] + last["trials_resumed"] == 120000
    assert "kept as" in again.stdout and path.with_name("out.h5.damaged").exists()
    assert caucus("verify", path).returncode == 0
    after = datasets(path)
    assert before.keys() == after.keys()
    for name in before:
        if before[name].dtype != object:
            assert numpy.array_equal(before[name], after[name], equal_nan=before[name].dtype.kind == "f"), name


def test_readers_refuse_what_is_damaged_where_they_look(caucus, result):
    path, _ = result
    with h5py.File(path) as file:
        place = file["summary/success_mean"].id.get_offset()
    flip(path, place)
    done = caucus("summary", path)
    assert done.returncode == 2 and "damaged" in done.stderr and done.stdout == ""


def test_without_its_seal_nothing_is_read(caucus, result):
    path, _ = result
    with open(path, "r+b") as file:
        file.truncate(path.stat().st_size - 1)
    for command in ("info", "summary", "verify"):
        done = caucus(command, path)
        assert done.returncode == 2 and "seal" in done.stderr and done.stdout == "", command
