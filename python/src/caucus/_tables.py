"""Looking into tables before they become experiments."""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

import pandas as pd

from ._bounds import Table, _file
from ._experiment import _options
from ._program import call


def columns(table: Table, **options: Any) -> pd.DataFrame:
    """What is in a table (a DataFrame, or a CSV or HDF5 file): a row for each column, with kind, number of values, missing
    ones, and the most frequent values. options: those of `caucus columns`, such as separator.

    >>> import pandas
    >>> people = pandas.DataFrame({"home": ["Rent", "Own", "Rent"], "age": [30, 41, 52]})
    >>> columns(people)[["name", "values", "missing"]].values.tolist()
    [['home', 2, 0], ['age', 3, 0]]
    """
    with tempfile.TemporaryDirectory(prefix="caucus-") as folder:
        found = json.loads(call(["columns", _file(table, folder, "table.csv"), *_options(options), "--format", "json"]))
    return pd.DataFrame(found["columns"])
