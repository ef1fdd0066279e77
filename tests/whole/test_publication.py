"""A result gets its name from one writer at a time, replaces nothing unasked, and no name leads elsewhere."""

import errno
import os
import pathlib
import signal
import stat
import subprocess
import time

import h5py
import pytest

from conftest import PROGRAM, io_fault, needs_shims

COMMANDS = ["run", "solve"]


@pytest.fixture
def write(caucus, tiny):
    """Run a command that writes a result; its sweep is left out, so that solve takes it too."""
    return lambda command, *options, **more: caucus(command, tiny, "--set", "sweep=[]", "-q", *options, **more)


@pytest.fixture
def start(tiny, tmp_path):
    """The same without waiting; takes part of an environment."""

    def begin(command, *options, env=None):
        return subprocess.Popen([PROGRAM, command, tiny, "--set", "sweep=[]", "-q", *map(str, options)], cwd=tmp_path,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                env={**os.environ, **(env or {})})

    return begin


def wait_for(path):
    for _ in range(600):
        if path.exists():
            return
        time.sleep(0.05)
    raise AssertionError(f"{path} never came")


AT_THE_END = io_fault("fsync", "result.h5.tmp", mode="sleep", sleep=2)  # and before the result has its name


def seed_of(path):
    with h5py.File(path) as file:
        return int(file.attrs["seed"])


def folder_is_clean(folder):
    return not [path.name for path in folder.iterdir() if path.name.endswith((".parts", ".tmp"))]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped", "sub/escaped", ".hidden", "-rf", "..", "tab\\there"])
def test_an_experiments_name_chooses_no_directory(caucus, tiny, tmp_path, command, name):
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    tiny.write_text(tiny.read_text().replace("name: tiny", f'name: "{name}"'))
    done = caucus(command, tiny, "--set", "sweep=[]", "-q", cwd=inside)
    assert done.returncode == 2 and "with -o" in done.stderr, done
    assert sorted(tmp_path.rglob("*")) == before
    done = caucus(command, tiny, "--set", "sweep=[]", "-q", "-o", "named.h5", cwd=inside)
    refused = name.startswith(".") or "/" in name  # as a name of anything
    assert done.returncode == (2 if refused else 0), done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_only_regular_files_are_replaced(write, tmp_path, command):
    os.mkfifo(tmp_path / "pipe.h5")
    (tmp_path / "folder.h5").mkdir()
    (tmp_path / "victim.txt").write_text("notes")
    (tmp_path / "link.h5").symlink_to("victim.txt")
    (tmp_path / "dangling.h5").symlink_to("nowhere")
    names = ["pipe.h5", "folder.h5", "link.h5", "dangling.h5", "/dev/null"]
    for name in names:
        done = write(command, "-o", name, "--force")
        assert done.returncode == 2 and "cannot be a result file" in done.stderr, (name, done)
    assert stat.S_ISFIFO((tmp_path / "pipe.h5").stat().st_mode)
    assert pathlib.Path("/dev/null").is_char_device()
    assert (tmp_path / "victim.txt").read_text() == "notes" and not (tmp_path / "nowhere").exists()
    assert folder_is_clean(tmp_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_temporaries_of_others_are_left_alone(write, tmp_path, command):
    (tmp_path / "q.h5.tmp").write_text("notes")
    (tmp_path / "victim.txt").write_text("notes")
    (tmp_path / "q2.h5.tmp").symlink_to("victim.txt")
    (tmp_path / "q3.h5.parts").mkdir()
    for name in ("result.h5.tmp", "layout.h5.tmp", "segment-00000000.h5.tmp"):
        (tmp_path / "q3.h5.parts" / name).symlink_to(tmp_path / "victim.txt")
    (tmp_path / "q4.h5.parts").symlink_to(tmp_path)
    for name in ("q.h5", "q2.h5", "q3.h5"):
        done = write(command, "-o", name)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / name).is_file() and not (tmp_path / name).is_symlink()
    done = write(command, "-o", "q4.h5")
    assert done.returncode == 1 and "q4.h5.parts" in done.stderr
    assert (tmp_path / "q.h5.tmp").read_text() == "notes" and (tmp_path / "victim.txt").read_text() == "notes"


def test_a_folder_of_parts_that_is_left_says_why(caucus, tiny, tmp_path):
    """What belongs to somebody else stays; what cannot be removed is told with the system's reason."""
    parts = tmp_path / "o.h5.parts"
    parts.mkdir()
    (parts / "diary.txt").write_text("mine")
    done = caucus("run", tiny, "-o", "o.h5")
    assert done.returncode == 0, done
    assert f"{parts.name} is not needed any more, but was left: it holds other files" in done.stderr
    assert [path.name for path in parts.iterdir()] == ["diary.txt"]


@needs_shims
def test_parts_that_cannot_be_removed_are_told_of(caucus, tiny, tmp_path):
    done = caucus("run", tiny, "-o", "o.h5", env=io_fault("unlink", "o.h5.parts/segment-", errno=errno.EROFS))
    assert done.returncode == 0 and f"but was left: {os.strerror(errno.EROFS)}" in done.stderr, done


@needs_shims
@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_appears_meanwhile_stays(start, tmp_path, command):
    late = start(command, "-o", "o.h5", env=AT_THE_END)
    wait_for(tmp_path / "o.h5.parts" / "result.h5.tmp")
    (tmp_path / "o.h5").write_text("written by somebody else")
    _, errors = late.communicate(timeout=60)
    assert late.returncode == 2 and "somebody else" in errors, errors
    assert (tmp_path / "o.h5").read_text() == "written by somebody else"
    if command == "run":
        (tmp_path / "o.h5").unlink()
        again = start(command, "-o", "o.h5", "--resume")
        assert again.wait(timeout=60) == 0
    assert folder_is_clean(tmp_path)


@needs_shims
@pytest.mark.parametrize("calls", ["renameat2", "renameat2,link"])
def test_file_systems_that_cannot_rename_so_are_served_too(write, tmp_path, calls):
    done = write("run", "-o", "o.h5", env=io_fault(calls, "o.h5", mode="from", errno=errno.EOPNOTSUPP))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "o.h5").is_file() and folder_is_clean(tmp_path)
    done = write("run", "-o", "o.h5", "--force", env=io_fault(calls, "o.h5", mode="from", errno=errno.EOPNOTSUPP))
    assert done.returncode == 0, done.stderr


@needs_shims
@pytest.mark.parametrize("command", COMMANDS)
def test_the_second_of_two_writers_is_told_of_the_first(start, write, tmp_path, command):
    first = start(command, "--seed", "1", "-o", "o.h5", env=AT_THE_END)
    wait_for(tmp_path / "o.h5.parts" / "result.h5.tmp")
    second = write(command, "--seed", "2", "-o", "o.h5", "--force")
    assert second.returncode == 2 and "another process" in second.stderr and f"number {first.pid}" in second.stderr
    assert first.wait(timeout=60) == 0
    assert seed_of(tmp_path / "o.h5") == 1 and folder_is_clean(tmp_path)


@needs_shims
@pytest.mark.parametrize("command", COMMANDS)
def test_a_writer_that_comes_to_a_folder_that_just_went_looks_again(start, tmp_path, command):
    """The second has found no result and opened the folder when the first one ends; it waits before it locks."""
    first = start(command, "--seed", "1", "-o", "o.h5", env=AT_THE_END)
    wait_for(tmp_path / "o.h5.parts" / "result.h5.tmp")
    second = start(command, "--seed", "2", "-o", "o.h5", env=io_fault("flock", "o.h5", mode="sleep", sleep=3))
    assert first.wait(timeout=60) == 0
    _, errors = second.communicate(timeout=60)
    # Where the first one takes longer than that, the second still finds it at work.
    assert second.returncode == 2 and ("exists already" in errors or "another process" in errors), errors
    assert seed_of(tmp_path / "o.h5") == 1 and folder_is_clean(tmp_path)


NO_LOCKS = io_fault("flock", mode="from", errno=errno.ENOLCK)


@needs_shims
def test_without_locks_there_is_one_writer_all_the_same(start, tmp_path):
    for attempt in range(4):
        output = tmp_path / f"o{attempt}.h5"
        both = [start("run", "--seed", seed, "--trials", "2000", "--block", "50", "-o", output, env=NO_LOCKS)
                for seed in (1, 2)]
        said = [one.communicate(timeout=60)[1] for one in both]
        codes = [one.returncode for one in both]
        assert 0 in codes, said
        for code, words in zip(codes, said):
            assert code == 0 or "another process" in words or "exists already" in words, said
            assert code != 0 or "cannot be locked" in words
        assert seed_of(output) == 1 + codes.index(0) or codes == [0, 0]
        assert folder_is_clean(tmp_path)


@needs_shims
def test_without_locks_the_mark_of_a_killed_writer_is_recognised(start, tmp_path):
    killed = start("run", "--trials", "4M", "--block", "500", "-o", "o.h5", env=NO_LOCKS)
    wait_for(tmp_path / "o.h5.parts" / "layout.h5")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert "process" in (tmp_path / "o.h5.parts" / "writer").read_text()
    again = start("run", "--trials", "2000", "-o", "o.h5", "--force", env=NO_LOCKS)
    _, errors = again.communicate(timeout=60)
    assert again.returncode == 0, errors
    assert folder_is_clean(tmp_path)


@needs_shims
def test_without_locks_the_mark_of_another_machine_counts(start, tmp_path):
    folder = tmp_path / "o.h5.parts"
    folder.mkdir()
    (folder / "writer").write_text("machine elsewhere/x/y\nhost elsewhere\nprocess 1\nbegun 5\nlocked 0\n"
                                   "since 2026-01-02T03:04:05Z\n")
    refused = start("run", "-o", "o.h5", env=NO_LOCKS)
    _, errors = refused.communicate(timeout=60)
    assert refused.returncode == 2 and "on elsewhere since 2026-01-02T03:04:05Z" in errors
    assert "o.h5.parts/writer" in errors
    (folder / "writer").unlink()
    assert start("run", "-o", "o.h5", env=NO_LOCKS).wait(timeout=60) == 0
