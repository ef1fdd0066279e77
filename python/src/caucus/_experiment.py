"""Experiments: a file or a dictionary, changed by settings, checked, run, solved."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import pathlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ._errors import CaucusError, InvalidError
from ._program import call, follow, program
from ._progress import Progress
from ._result import CriticalMass, Result

if TYPE_CHECKING:
    import pandas as pd

    from ._bounds import Bounds


@dataclass(frozen=True)
class Plan:
    """How an experiment would be run."""

    name: str
    device: str
    threads: int
    configs: int
    trials: int
    collectives: int
    methods: int
    cells: int
    labels: int
    classes: int
    output_bytes: int
    working_bytes: int
    expected_seconds: float


def _plain(value: Any) -> Any:
    """numpy's numbers and arrays, and what iterates, as JSON has them."""
    return value.tolist() if hasattr(value, "tolist") else list(value)


def _text(value: Any) -> str:
    """A value as --set takes it: JSON is YAML; plain words stay words.

    >>> _text("Poor"), _text(41000), _text([1, "a"]), _text({"linspace": [0, 1, 3]}), _text(">=75k")
    ('"Poor"', '41000', '[1, "a"]', '{"linspace": [0, 1, 3]}', '">=75k"')
    """
    return json.dumps(value, ensure_ascii=False, default=_plain)


class Experiment:
    """An experiment, from a YAML file or a dictionary with the same keys. It never changes: set() and axis() return another.

    >>> experiment = Experiment({"name": "small", "trials": 20, "population": {"scenario": "dirichlet", "cells": 20},
    ...                          "platform": {"consumers": 2000, "test": 100},
    ...                          "collectives": [{"name": "us", "share": 0.2, "strategy": "feature_label",
    ...                                           "set": {"signal": "yes"}, "target": "y1"}]})
    >>> experiment.axis("share", "collectives[0].share", [0.1, 0.3]).plan().configs
    2
    """

    def __init__(self, source: str | os.PathLike[str] | Mapping[str, Any]):
        self._document: dict[str, Any] | None = None
        self._path: pathlib.Path | None = None
        if isinstance(source, Mapping):
            self._document = copy.deepcopy(dict(source))
        else:
            self._path = pathlib.Path(source)
            if not self._path.exists():
                raise InvalidError(f"there is no experiment file {self._path}", 2)
        self._settings: list[tuple[str, Any]] = []
        self._axes: list[dict[str, Any]] = []

    @property
    def path(self) -> pathlib.Path | None:
        """The file; None for an experiment from a dictionary."""
        return self._path

    def _other(self) -> Experiment:
        other = copy.copy(self)
        other._settings, other._axes = list(self._settings), list(self._axes)
        return other

    def set(self, path: str, value: Any) -> Experiment:
        """The experiment with one value replaced, by its path in the file.

        >>> example("quick").set("platform.consumers", "50K").plan().trials > 0
        True
        """
        other = self._other()
        if path == "sweep":  # a new sweep, to which axes are added from here on
            other._settings = [setting for setting in other._settings if setting[0] != "sweep"]
            other._axes = []
        other._settings.append((path, value))
        return other

    def axis(self, name: str, path: str, values: Sequence[Any] | Mapping[str, Any]) -> Experiment:
        """The experiment with one more axis of its sweep, behind those that it has. values: a list, or a mapping such as
        {"linspace": [0.01, 0.2, 20]}."""
        other = self._other()
        other._axes.append({"name": name, "path": path, "values": values})
        return other

    @contextlib.contextmanager
    def _arguments(self) -> Iterator[list[str]]:
        """The file and the options that stand for this experiment."""
        settings = [setting for setting in self._settings if not (self._axes and setting[0] == "sweep")]
        if self._axes:
            settings.append(("sweep", [*self._sweep(), *self._axes]))
        with tempfile.TemporaryDirectory(prefix="caucus-") as folder:
            path = self._path
            if self._document is not None:
                path = pathlib.Path(folder) / "experiment.yaml"
                path.write_text(json.dumps(self._document, default=_plain))
            yield [str(path), *(option for name, value in settings for option in ("--set", f"{name}={_text(value)}"))]

    def _sweep(self) -> list[dict[str, Any]]:
        """The axes before those that axis() added: of set("sweep", ...), else of the file or the dictionary."""
        for path, value in self._settings:
            if path == "sweep":
                return value or []
        if self._document is not None:
            return self._document.get("sweep") or []
        try:
            import yaml
        except ImportError:
            raise CaucusError("adding an axis to an experiment file needs PyYAML (Debian: python3-yaml); or give the experiment "
                              "as a dictionary") from None
        assert self._path is not None
        return (yaml.safe_load(self._path.read_text()) or {}).get("sweep") or []

    def check(self) -> None:
        """Raises InvalidError, with place and hint, when something is wrong in any configuration."""
        self.plan()

    def plan(self, **options: Any) -> Plan:
        """What would be run, how large it is and how long it would take. options: as of run()."""
        with self._arguments() as arguments:
            event = json.loads(call(["check", *arguments, *_options(options), "--json"]).splitlines()[-1])
        return Plan(**{field.name: event.get(field.name, 0) for field in fields(Plan)})

    def run(self, output: str | os.PathLike[str] | None = None, *, trials: int | str | None = None, seed: int | None = None,
            device: str | None = None, threads: int | None = None, shard: tuple[int, int] | str | None = None,
            resume: bool = False, force: bool = False, progress: bool = True, **options: Any) -> Result:
        """Run it and open its result. Without an output the file lives as long as the result.

        A run that is interrupted raises StoppedError; the same call with resume=True (and an output) goes on from there.
        shard=(2, 8) runs the second part of eight only, to OUT-2-of-8.h5; "auto" takes the part from Slurm's or MPI's
        variables; merge() puts the parts together. Further options are those of `caucus run`, with _ for -.
        """
        part = "/".join(map(str, shard)) if isinstance(shard, tuple) else shard
        given = {"trials": trials, "seed": seed, "device": device, "threads": threads, "shard": part,
                 "resume": resume or None, "force": force or None, **options}
        return self._start("run", output, given, progress, Result)

    def solve(self, output: str | os.PathLike[str] | None = None, *, target: float | None = None, collective: str | None = None,
              statistic: str | None = None, force: bool = False, progress: bool = True, **options: Any) -> CriticalMass:
        """Look for the critical mass: the smallest size of a collective at which its success, and each bound, reaches target."""
        given = {"target": target, "collective": collective, "statistic": statistic, "force": force or None, **options}
        return self._start("solve", output, given, progress, CriticalMass)

    def _start(self, command: str, output: Any, options: dict[str, Any], progress: bool, kind: Any) -> Any:
        folder = None
        if output is None:
            folder = tempfile.TemporaryDirectory(prefix="caucus-")
            output = pathlib.Path(folder.name) / "result.h5"
        shown = Progress(progress)
        try:
            with self._arguments() as arguments:
                last = follow([command, *arguments, "-o", output, *_options(options), "--json"], shown)
        finally:
            shown.close()
        return kind(last.get("output", output), keep=folder, notices=shown.notices)  # a shard's name is its own

    def bound(self, collective: str, members: pd.DataFrame | str | os.PathLike[str], *,
              others: pd.DataFrame | str | os.PathLike[str] | None = None, **options: Any) -> Bounds:
        """What a collective can guarantee from its own members' data, before it acts: a table with the population's features
        and label, one row a person (or weighted: weight="column")."""
        from ._bounds import of_members
        with self._arguments() as arguments:
            return of_members(arguments, collective, members, others, _options(options))

    def __repr__(self) -> str:
        name = self._path if self._path is not None else (self._document or {}).get("name", "without a name")
        changes = [*(f"{path}={_text(value)}" for path, value in self._settings), *(f"axis {axis['name']}" for axis in self._axes)]
        return f"<caucus.Experiment {name}{': ' + ', '.join(changes) if changes else ''}>"


def _options(options: Mapping[str, Any]) -> list[str]:
    """Options of the command line from keywords.

    >>> _options({"trials": 100, "until_se": 0.1, "force": True, "resume": None, "inequality": ["kl", "hoeffding"]})
    ['--trials=100', '--until-se=0.1', '--force', '--inequality=kl,hoeffding']
    """
    found = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            found.append(option)
        elif value is not None and value is not False:
            found.append(f"{option}={','.join(map(str, value)) if isinstance(value, (list, tuple)) else value}")
    return found


def example(name: str) -> Experiment:
    """A shipped experiment by its name, such as "quick".

    >>> example("quick")  # doctest: +ELLIPSIS
    <caucus.Experiment ...quick.yaml>
    """
    binary = pathlib.Path(program()).resolve()
    here = pathlib.Path(__file__).resolve().parent
    folders = [here / "experiments", here.parents[2] / "experiments", *(parent / "experiments" for parent in list(binary.parents)[:3]),
               *(parent / "share/caucus/experiments" for parent in list(binary.parents)[:3])]
    folders = [folder for folder in folders if folder.is_dir()]
    for folder in folders:
        if (folder / f"{name}.yaml").exists():
            return Experiment(folder / f"{name}.yaml")
    there = sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})
    raise InvalidError(f"there is no example {name!r}; there are: {', '.join(there) or 'none'}", 2)
