"""Files made to do harm, little memory, limits and signals: a message and an exit code, and nothing else."""

import os
import resource
import shutil
import signal
import subprocess
import time

import pytest

from compare_files import data_of
from conftest import PROGRAM, io_fault, needs_shims, wait_until_caught


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# ---- tables -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["wild_copy", "large_type"])
def test_hdf5_tables_that_harm_the_library(caucus, tiny, source, name):
    """Each made HDF5 1.10.8 crash, or take gigabytes."""
    table = source / "tests" / "population" / "hostile" / f"{name}.h5"
    done = caucus("check", tiny, "--set", f"population.file={table}", preexec_fn=no_core)
    assert done.returncode in (1, 2) and f"{name}.h5" in done.stderr, done
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1 << 21


def test_an_hdf5_table_opens_no_other_file(caucus, tiny, tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["home"] = ["secret"] * 4
    with h5py.File(tmp_path / "table.h5", "w") as file:
        file["income"] = ["hi", "lo", "hi", "lo"]
        file["age"] = [1, 2, 3, 4]
        file["home"] = h5py.ExternalLink("secret.h5", "/home")
    done = caucus("check", tiny, "--set", "population.file=table.h5")
    assert done.returncode == 2 and "secret" not in done.stdout + done.stderr


def test_a_csv_table_does_not_start_hdf5(caucus, tiny, tmp_path):
    """The library's first call opens files of its own; here no call of it may run."""
    (tmp_path / "fake.csv").write_bytes((tmp_path / "people.csv").read_bytes() + b"hi,\x89HDF,1\n".replace(b"\x89", b"x"))
    done = caucus("check", tiny, "--set", "population.file=fake.csv")
    assert done.returncode == 0, done.stderr


def test_a_csv_table_that_shrinks_while_it_is_read(tiny, tmp_path):
    large = tmp_path / "large.csv"
    large.write_text("income,home,age\n" + "hi,Rent,1\nlo,Own,2\nmid,Rent,5\n" * 2_000_000)
    for delay in (0.005, 0.02, 0.05):
        os.truncate(large, 50_000_016)
        process = subprocess.Popen([PROGRAM, "check", tiny, "--set", "population.file=large.csv"], cwd=tmp_path,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(delay)
        os.truncate(large, 1000)
        _, errors = process.communicate(timeout=60)
        assert process.returncode in (0, 1, 2), errors
        assert process.returncode == 0 or "large.csv" in errors
        large.write_text("income,home,age\n" + "hi,Rent,1\nlo,Own,2\nmid,Rent,5\n" * 2_000_000)


# ---- limits and signals -----------------------------------------------------------------------------------------------

def test_a_limit_on_the_size_of_files_is_a_message(caucus, tiny, tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    done = caucus("run", tiny, "-o", "o.h5", "-q", preexec_fn=limit)
    assert done.returncode == 1 and "File too large" in done.stderr
    assert caucus("run", tiny, "-o", "o.h5", "-q", "--resume").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU, signal.SIGINT])
def test_signals_save_what_is_finished(tiny, tmp_path, number):
    arguments = [PROGRAM, "run", tiny, "--trials", "50M", "--block", "1000", "-o", "o.h5", "-q"]
    process = subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        time.sleep(0.05)
        if (tmp_path / "o.h5.parts" / "layout.h5").exists():
            break
    time.sleep(0.2)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 3 and "go on with --resume" in errors
    assert list((tmp_path / "o.h5.parts").glob("segment-*.h5"))


@pytest.mark.parametrize("command", ["run", "solve"])
def test_a_signal_while_planning_stops(tiny, tmp_path, command):
    (tmp_path / "people.csv").write_text("income,home,age\n" + "hi,Rent,1\nlo,Own,2\nmid,Rent,5\n" * 3_000_000)
    process = subprocess.Popen([PROGRAM, command, tiny, "--set", "sweep=[]", "-o", "o.h5"], cwd=tmp_path,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_until_caught(process, signal.SIGTERM)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 3), errors
    assert process.returncode == 0 or "stop" in errors
    assert process.returncode == 0 or not (tmp_path / "o.h5").exists()


def test_what_is_ignored_stays_ignored(tiny, tmp_path):
    process = subprocess.Popen([PROGRAM, "run", tiny, "--trials", "200K", "-o", "o.h5", "-q"], cwd=tmp_path,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    time.sleep(0.2)
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=120) == 0


@needs_shims
@pytest.mark.parametrize("calls", ["close", "read", "pread"])
def test_interrupted_and_failing_calls_do_not_crash(caucus, tiny, tmp_path, calls):
    """Whichever call on the result fails, once."""
    for at in range(1, 40, 3):
        for output in (tmp_path / "o.h5", tmp_path / "o.h5.parts"):
            subprocess.run(["rm", "-rf", output], check=True)
        done = caucus("run", tiny, "-o", "o.h5", "-q", env=io_fault(calls, "o.h5", at=at, errno=5), preexec_fn=no_core)
        assert done.returncode in (0, 1), (at, done)
        assert done.returncode == 0 or "Input/output error" in done.stderr, (at, done)
    done = caucus("run", tiny, "-o", "o.h5", "-q", "--force",
                  env=io_fault("read,write,pread,pwrite,fsync", "o.h5", mode="every", at=2, errno=4))
    assert done.returncode == 0, done.stderr


@needs_shims
@pytest.mark.parametrize("calls", ["read", "pread", "open"])
def test_a_read_that_fails_while_resuming_is_no_damage(caucus, tiny, tmp_path, calls):
    """What was saved is counted once the disk reads again: it is neither set aside nor computed anew."""
    run = ["run", tiny, "-q", "--threads", "1"]
    assert caucus(*run, "-o", "whole.h5").returncode == 0
    stopped = caucus(*run, "-o", "o.h5", env=io_fault("fsync", "result.h5", mode="from", errno=28))
    saved = sorted(path.name for path in (tmp_path / "o.h5.parts").iterdir() if path.name.startswith("segment"))
    assert stopped.returncode == 1 and saved, stopped
    shutil.copytree(tmp_path / "o.h5.parts", tmp_path / "kept")
    failed = 0
    for at in range(1, 60, 4):
        shutil.rmtree(tmp_path / "o.h5.parts", ignore_errors=True)
        (tmp_path / "o.h5").unlink(missing_ok=True)
        shutil.copytree(tmp_path / "kept", tmp_path / "o.h5.parts")
        done = caucus(*run, "-o", "o.h5", "--resume", env=io_fault(calls, "o.h5.parts", at=at, errno=5), preexec_fn=no_core)
        assert "damaged" not in done.stderr, (at, done)
        if done.returncode != 0:
            failed += 1
            assert done.returncode == 1 and "Input/output error" in done.stderr, (at, done)
            left = sorted(path.name for path in (tmp_path / "o.h5.parts").iterdir())
            assert set(saved) <= set(left), (at, left)
            assert caucus(*run, "-o", "o.h5", "--resume").returncode == 0
        assert data_of(tmp_path / "o.h5") == data_of(tmp_path / "whole.h5"), at
    assert failed > 0


# ---- terminals --------------------------------------------------------------------------------------------------------

@pytest.fixture
def painted(caucus, tiny):
    """A result whose names would paint a terminal, and what running it said."""
    text = tiny.read_text().replace("name: tiny", r'name: "esc\e[2Jname"').replace("name: a,", r'name: "=cmd|x\e[31m",')
    tiny.write_text(text.replace("name: b,", r'name: "two\nlines\a",'))
    done = caucus("run", tiny, "-o", "o.h5")
    assert done.returncode == 0, done.stderr
    return done


def test_control_characters_are_shown(caucus, tiny, painted):
    said = [painted, caucus("info", "o.h5"), caucus("summary", "o.h5"), caucus("check", tiny),
            caucus("solve", tiny, "--set", "sweep=[]", "-o", "s.h5"), caucus("info", "no\x1b[2Jfile.h5"),
            caucus("check", tiny, "--set", "trials=\x1b[2J")]
    for one in said:
        for text in (one.stdout, one.stderr):
            assert not [c for c in text if ord(c) < 32 and c not in "\n\t\r" or 127 <= ord(c) < 160], one.args
    assert r"two\x0alines\x07" in said[2].stdout and r"no\x1b[2Jfile.h5" in said[5].stderr


def test_spreadsheets_run_no_cell(caucus, painted):
    assert "\"'=cmd|x" in caucus("summary", "o.h5", "--format", "csv").stdout
    assert ",=cmd|x" in caucus("summary", "o.h5", "--format", "csv", "--unguarded").stdout
