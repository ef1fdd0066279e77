"""Bounds without a simulation: from counts, or from a collective's own members."""

from __future__ import annotations

import json
import os
import pathlib
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ._experiment import _options
from ._program import call

Table = pd.DataFrame | str | os.PathLike[str]


class Bounds:
    """What a collective can guarantee.

    frame: a row for each method, with its bound. best: the best method chosen before its bound is seen holds; this is the
    largest here. cells: the cells of the signal set, which resist, and why (from members' data). record: all of it.
    """

    def __init__(self, record: dict[str, Any]):
        self.record = record
        self.frame = pd.DataFrame(record.get("bounds", []))
        self.best = record.get("best")
        self.cells = pd.DataFrame(record.get("cells", []))

    def _repr_html_(self) -> str:
        return self.frame.to_html(index=False)

    def __repr__(self) -> str:
        return self.frame.to_string(index=False)


def _file(table: Table, folder: str, name: str) -> str:
    if not isinstance(table, pd.DataFrame):
        return str(table)
    path = pathlib.Path(folder) / name
    table.to_csv(path, index=False)
    return str(path)


def of_members(arguments: Sequence[str], collective: str, members: Table, others: Table | None, options: Sequence[str]) -> Bounds:
    """`caucus bound` for a collective of an experiment."""
    with tempfile.TemporaryDirectory(prefix="caucus-") as folder:
        command = ["bound", *arguments, f"--collective={collective}", f"--members={_file(members, folder, 'members.csv')}"]
        if others is not None:
            command.append(f"--others={_file(others, folder, 'others.csv')}")
        return Bounds(json.loads(call([*command, *options, "--format", "json"])))


def bound(document: Mapping[str, Any] | str | os.PathLike[str], **options: Any) -> pd.DataFrame:
    """Bounds of all collectives from a document of counts (a mapping, or a YAML or JSON file): a row for each collective and
    method. options: family, inequality, knowledge as names or lists of them.

    >>> counts = {"consumers": 2000, "test": 500, "delta": 0.05, "labels": 2, "cells": 2,
    ...           "collectives": [{"strategy": "feature_label", "target": 1, "map": [1, 1], "counts": [[700, 300], [500, 100]]}]}
    >>> bound(counts, family="budget", knowledge="total", inequality="kl")[["family", "inequality"]].values.tolist()
    [['budget', 'kl']]
    """
    text = json.dumps(document) if isinstance(document, Mapping) else pathlib.Path(document).read_text()
    found = json.loads(call(["bound", "-", *_options(options), "--format", "json"], text=text))
    return pd.DataFrame(found)
