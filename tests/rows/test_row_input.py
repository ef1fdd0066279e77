"""Tables that are none of numbers, and keys of rows where there are none: refused with their place."""

import h5py
import numpy as np
import pytest
from test_rows import DEFAULTS, EXPERIMENT


@pytest.mark.parametrize("cell, message", [("", "no number in column"), ("NaN", "is no finite number"),
                                           ("inf", "is no finite number"), ("tall", "is no finite number")])
def test_numbers_that_are_none_are_refused_with_their_place(caucus, tmp_path, cell, message):
    (tmp_path / "people.csv").write_text(f"kind,x0,x1\nk0,1,2\nk1,2,{cell}\nk1,3,4\n")
    (tmp_path / "e.yaml").write_text(EXPERIMENT.format(**DEFAULTS))
    done = caucus("run", "e.yaml")
    assert done.returncode == 2
    assert "people.csv:3:6" in done.stderr and message in done.stderr and "x1" in done.stderr


@pytest.mark.parametrize("x, kind, message", [
    (np.array([[1, 2], [np.nan, 1], [3, 4]]), 3, "x[1][0] is no number (NaN)"),
    (np.array([[1, 2], [1, np.inf], [3, 4]]), 3, "x[1][1] is infinite"),
    (np.ones((4, 2)), 3, "x has 4 rows, but there are 3 labels"),
    (np.ones((2, 2)), 3, "x has 2 rows, fewer than there are labels"),
    (np.ones(3), 3, "no matrix of numbers"),
])
def test_bad_matrices_are_refused(caucus, tmp_path, x, kind, message):
    with h5py.File(tmp_path / "people.h5", "w") as file:
        file["x"] = x
        file["kind"] = np.arange(kind) % 2
    text = EXPERIMENT.format(**DEFAULTS).replace("people.csv, label: kind, numeric: all", "people.h5, label: kind, x: x")
    (tmp_path / "e.yaml").write_text(text.replace("k1", "1"))
    done = caucus("run", "e.yaml")
    assert done.returncode == 2, done.stderr
    assert message in done.stderr


def test_keys_of_rows_are_refused_where_there_are_cells(caucus, tiny):
    text = tiny.read_text()
    for old, new, message in [
            ("features: [home, age]}", "features: [home, age], scale: none}", "scale belongs to numeric features"),
            ("test: 20}", "test: 20, success_on: others}", "success_on is for people with real-valued features"),
            ("test: 20}", "test: 20, classifier: ridge}", "ridge is for people with real-valued features"),
            ("target: hi}", "target: hi, box: [0, 1]}", "add, mask and box change numbers")]:
        tiny.write_text(text.replace(old, new))
        done = caucus("run", tiny)
        assert done.returncode == 2 and message in done.stderr, done.stderr
