"""The program: where it is, and how it is called."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from typing import Any

from ._errors import CaucusError, InvalidError, ProgramNotFound, failure

Event = dict[str, Any]


def program() -> str:
    """The path of the program: the environment variable CAUCUS, inside this package (a wheel that carries it), in the
    installation or the built checkout that this package is a part of, or on PATH, in this order.
    """
    named = os.environ.get("CAUCUS")
    if named:
        if not os.access(named, os.X_OK):
            raise ProgramNotFound(f"the environment variable CAUCUS names {named}, which is no program")
        return named
    here = pathlib.Path(__file__).resolve().parent
    beside = [here / "bin" / "caucus", *(parent / "bin" / "caucus" for parent in here.parents[:5]),
              here.parents[2] / "build" / "caucus"]
    for path in beside:
        if os.access(path, os.X_OK) and path.is_file():
            return str(path)
    found = shutil.which("caucus")
    if found is None:
        raise ProgramNotFound("there is no program caucus beside this package or on PATH: build it (cmake --build build) and set "
                              "CAUCUS=build/caucus, or install it")
    return found


def call(arguments: Iterable[object], *, text: str | None = None) -> str:
    """What the program prints; raises the exception that its exit code asks for."""
    done = subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True, input=text)
    if done.returncode != 0:
        raise failure(done.returncode, _reason(done.stderr, done.returncode))
    return done.stdout


def follow(arguments: Iterable[object], each: Callable[[Event], None]) -> Event:
    """Run a command that prints events (--json) and hand each to a function; returns the last one of the run.

    An interrupt (Ctrl-C, the stop button of a notebook) lets the program save what is finished, and raises StoppedError.
    """
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([program(), *map(str, arguments)], stdout=subprocess.PIPE, stderr=errors, text=True,
                                   start_new_session=True)
        last: Event = {}
        try:
            last = _events(process, each)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            last = _events(process, each)
        finally:
            if process.poll() is None and last.get("event") not in ("done", "error"):
                process.send_signal(signal.SIGINT)
            process.wait()
        errors.seek(0)
        if process.returncode != 0:
            message = last.get("message") if last.get("event") == "error" else None
            raise failure(process.returncode, message or _reason(errors.read(), process.returncode))
    return last


def _events(process: subprocess.Popen[str], each: Callable[[Event], None]) -> Event:
    assert process.stdout is not None
    last: Event = {}
    for line in process.stdout:
        if line.startswith("{"):
            last = json.loads(line)
            each(last)
    return last


def _reason(errors: str, exit_code: int) -> str:
    lines = [line for line in errors.splitlines() if line.strip()]
    if not lines:
        return f"caucus was killed by signal {-exit_code}" if exit_code < 0 else f"caucus ended with exit code {exit_code}"
    first = lines[0].split(": ", 1)
    named = first[0].startswith("caucus") and len(first) == 2
    return "\n".join([first[1] if named else lines[0], *lines[1:]])


def version() -> str:
    """The program's version, with the commit that it was built from."""
    return call(["--version"]).strip()


def devices() -> dict[str, Any]:
    """The CPU and the CUDA devices: what is usable, and why not."""
    return json.loads(call(["devices", "--format", "json"]))


__all__ = ["CaucusError", "InvalidError", "call", "devices", "follow", "program", "version"]
