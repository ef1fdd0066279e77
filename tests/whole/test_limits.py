"""Plans say what memory they take, keep to what they may take, and nothing takes time that grows faster than its size."""

import json
import os
import resource
import signal
import subprocess
import time

import pytest

from conftest import PROGRAM

BASELINE = 160 << 20  # of any command: its libraries, what the C library keeps, and plans of draws for later


def plan_of(caucus, experiment, *options):
    done = caucus("check", experiment, "--json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_list_of_blocks_is_planned(caucus, tiny):
    few = plan_of(caucus, tiny, "--trials", "100M", "--set", "output.trials=false", "--block", "1M")
    many = plan_of(caucus, tiny, "--trials", "100M", "--set", "output.trials=false", "--block", "64")
    assert few["working_bytes"] < 1e6 * 20
    n_blocks = 2 * 100e6 / 64
    assert 18 * n_blocks <= many["working_bytes"] <= few["working_bytes"] + 20 * n_blocks


@pytest.mark.parametrize("command", ["check", "run", "solve"])
def test_more_than_the_limit_is_refused_before_anything_begins(caucus, tiny, tmp_path, command):
    """With the number that was asked for, and with what the machine has."""
    one = ["--set", "sweep=[]"] if command == "solve" else []
    done = caucus(command, tiny, "--trials", "1G", "--block", "64", "--memory", "100M", *one)
    assert done.returncode == 2 and "--memory allows 0.1 GB" in done.stderr and "--block" in done.stderr, done
    done = caucus(command, tiny, "--trials", "4G", "--block", "1", *one)
    assert done.returncode == 2 and "this machine has" in done.stderr and "--block" in done.stderr, done
    assert not list(tmp_path.glob("*.h5*"))
    done = caucus(command, tiny, "--memory", "lots", *one)
    assert done.returncode == 2 and "--memory takes a whole number" in done.stderr


@pytest.mark.parametrize("options", [["--trials", "60K", "--block", "20"],
                                     ["--trials", "60K", "--block", "20", "--set", "output.trials=false"],
                                     ["--trials", "200K", "--set", "output.compression=0"]])
def test_a_run_takes_no_more_than_its_plan_says(caucus, tiny, tmp_path, options):
    planned = plan_of(caucus, tiny, *options, "--threads", "2")["working_bytes"]
    process = subprocess.Popen([PROGRAM, "run", tiny, *options, "--threads", "2", "-q", "-o", "o.h5"], cwd=tmp_path,
                               stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    print(f"planned {planned / 1e6:.0f} MB, taken {usage.ru_maxrss / 1e3:.0f} MB")
    assert usage.ru_maxrss * 1024 <= planned + BASELINE


def test_a_disk_without_room_is_told_of(tiny, tmp_path):
    process = subprocess.Popen([PROGRAM, "run", tiny, "--trials", "10M", "--set", "sweep=[]", "--axis", f"platform.test={','.join(str(i) for i in range(20, 1020))}",
                                "--threads", "2", "-o", "o.h5"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    seen = ""
    deadline = time.monotonic() + 50
    while "GB left" not in seen and time.monotonic() < deadline:
        line = process.stderr.readline()
        if line == "":
            break
        seen += line
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert "GB left and the run may write up to" in seen, seen


# ---- sizes ------------------------------------------------------------------------------------------------------------

def ends(tmp_path, text, seconds, *codes, command="check"):
    """The command ends in time, with a result or a message."""
    (tmp_path / "large.yaml").write_text(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([PROGRAM, command, "large.yaml"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{taken:.1f} s: {done.stderr[:300]}")
    assert done.returncode in codes and taken < seconds, (done, taken)
    return done


BASE = """\
name: large
trials: 2
population: {file: people.csv, label: income, features: [home, age]}
platform: {consumers: 200, test: 20}
"""


def test_a_million_collectives(tiny, tmp_path):
    one = "- {size: 1, strategy: erase, set: {home: Own}}\n"
    done = ends(tmp_path, BASE + "collectives:\n" + one * 100_000, 20, 2)
    assert "large.yaml" in done.stderr
    done = ends(tmp_path, BASE + "collectives:\n" + one * 1_000_000, 60, 2)
    assert "large.yaml" in done.stderr


def test_thousands_of_merged_keys(tiny, tmp_path):
    """Merging 10^4 keys again and again was a search of each among all."""
    keys = "".join(f"  k{i}: 1\n" for i in range(9999))
    done = ends(tmp_path, f"base: &b\n{keys}other:\n  <<: [{', '.join(['*b'] * 390)}]\n" + BASE, 30, 2)
    assert "unknown key" in done.stderr or "more than" in done.stderr


def test_many_configurations(tiny, tmp_path):
    text = BASE + """\
collectives:
- {size: 5, strategy: erase, set: {home: Own}}
sweep:
- {path: platform.test, values: {range: [1, 101, 1]}}
- {path: platform.consumers, values: {range: [1000, 1200, 1]}}
"""
    assert "20,000" in ends(tmp_path, text, 20, 0).stdout
