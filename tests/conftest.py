"""What the tests in Python share. ctest sets CAUCUS to the program and CAUCUS_SOURCE to the source folder."""

import os
import pathlib
import subprocess

import pytest

PROGRAM = os.environ.get("CAUCUS", "")
SOURCE = pathlib.Path(os.environ.get("CAUCUS_SOURCE", pathlib.Path(__file__).parent.parent))


@pytest.fixture(scope="session")
def source():
    return SOURCE


@pytest.fixture
def caucus(tmp_path):
    """Run the program in an empty folder; the result has returncode, stdout, stderr."""

    def run(*arguments, timeout=60, env=None, **options):
        return subprocess.run(
            [PROGRAM, *map(str, arguments)],
            cwd=options.pop("cwd", tmp_path),
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            text=True,
            timeout=timeout,
            **options,
        )

    run.program = PROGRAM
    return run
