"""Every command under valgrind, which sees into libraries that sanitizers were not built into."""

import pathlib
import shutil
import subprocess

import pytest

from conftest import PROGRAM

pytestmark = [
    pytest.mark.skipif(shutil.which("valgrind") is None, reason="there is no valgrind"),
    pytest.mark.skipif(b"san_init" in pathlib.Path(PROGRAM).read_bytes(),
                       reason="valgrind and sanitizers do not go together"),
]


@pytest.fixture
def checked(tmp_path):
    """Run a command under memcheck; what it finds fails the test."""
    def run(*arguments, code=0):
        done = subprocess.run(["valgrind", "--quiet", "--error-exitcode=99", "--vex-guest-max-insns=20", PROGRAM, *map(str, arguments)],
                              cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == code, done.stderr
        return done

    return run


def test_run_and_summary(checked, tiny):
    checked("run", tiny, "--threads", "2", "-o", "out.h5", "-q")
    checked("summary", "out.h5")


def test_solve(checked, tiny):
    checked("solve", tiny, "--set", "sweep=[]", "-o", "solved.h5", "-q")
