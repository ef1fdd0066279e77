"""The tutorial, run as a reader runs it: every command, and what the page says that it prints."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A folder that looks like a fresh clone after ./quickstart."""
    program = os.environ["CAUCUS"]
    source = pathlib.Path(os.environ["CAUCUS_SOURCE"])
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("build", "results"):
        (folder / name).mkdir()
    for name in ("data", "experiments"):
        (folder / name).symlink_to(source / name)
    (folder / "build" / "caucus").symlink_to(program)
    return folder


def run(block, kind, folder):
    if kind == "python":
        for module in ("matplotlib", "xarray", "h5netcdf"):
            pytest.importorskip(module)
        command = [sys.executable, "-c", block]
    else:
        command = [shutil.which("bash"), "-ec", block]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    assert done.returncode == 0, block + done.stderr
    return done.stdout


def alike(shown, printed):
    """The same words, and numbers that differ as little as another random draw's would."""
    shown, printed = shown.replace(",", "").split(), printed.replace(",", "").split()
    if len(shown) != len(printed):
        return False
    for a, b in zip(shown, printed):
        try:
            x, y = float(a), float(b)
        except ValueError:
            if a.strip("-") != b.strip("-"):  # lines under titles are as long as the widest number
                return False
        else:
            if abs(x - y) > 0.03 + 0.03 * abs(x):
                return False
    return True


def test_tutorial(checkout):
    text = (pathlib.Path(os.environ["CAUCUS_SOURCE"]) / "docs" / "tutorial.md").read_text()
    printed = ""
    commands = 0
    for kind, block in BLOCK.findall(text):
        if kind:
            printed = run(block, kind, checkout)
            commands += block.count("build/caucus")
            continue
        lines = printed.splitlines()
        for line in filter(None, block.splitlines()):
            assert any(alike(line, other) for other in lines), f"not printed: {line}\nbut:\n{printed}"
    assert commands >= 8
    for name in ("plebiscite.svg", "plebiscite.html", "mine.svg"):
        assert (checkout / "results" / name).read_text().count("<path") > 1, name
    first = (checkout / "results" / "first.yaml").read_text()
    assert "label: vote" in first and "168 rows without a label are left out" in first
