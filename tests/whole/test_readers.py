"""A reader never fails because a writer works."""

import os
import subprocess
import time

import h5py
import pytest

from conftest import PROGRAM


@pytest.mark.parametrize("command", [["info"], ["summary"], ["summary", "--format", "json"], ["verify"],
                                     ["report", "--force", "-o", "page.html"]])
def test_readers_at_any_moment_of_a_run(caucus, tiny, tmp_path, command):
    """From when the run has begun to its end; more tries in the target reliability_soak."""
    seconds = float(os.environ.get("CAUCUS_SOAK_READERS", "3"))
    end = time.monotonic() + seconds
    n_runs = n_tries = 0
    while time.monotonic() < end or n_tries < 20:
        output = tmp_path / f"o{n_runs}.h5"
        n_runs += 1
        run = subprocess.Popen([PROGRAM, "run", tiny, "--trials", "20K", "--block", "500", "-o", output, "-q"],
                               cwd=tmp_path, stdout=subprocess.DEVNULL)
        while run.poll() is None:
            begun = output.exists() or output.with_name(output.name + ".parts").exists()
            done = caucus(*command, output)
            n_tries += 1
            if begun:
                assert done.returncode == 0, (n_tries, done)
        assert run.returncode == 0
    print(f"{n_tries} tries in {n_runs} runs")


def test_who_took_part(caucus, tiny, tmp_path):
    """A result lists all of them, also those whose trials were resumed."""
    assert caucus("run", tiny, "-o", "o.h5", "-q").returncode == 0
    with h5py.File(tmp_path / "o.h5") as file:
        assert [len(file.attrs[name]) for name in ("versions", "commits", "devices", "hosts")] == [1, 1, 1, 1]
        assert file.attrs["hosts"][0] == os.uname().nodename
        assert file.attrs["versions"][0] == file.attrs["caucus_version"]
