"""Tables that are none of numbers, and keys of rows where there are none: refused with their place."""

import h5py
import numpy as np
import pytest
from test_rows import DEFAULTS, EXPERIMENT

OF_MATRIX = EXPERIMENT.replace("people.csv, label: kind, numeric: all", "people.h5, label: kind, x: x").replace("target: k1", "target: '1'")


@pytest.mark.parametrize("cell, message", [("", "no number in column"), ("NaN", "is no finite number"),
                                           ("inf", "is no finite number"), ("tall", "is no finite number")])
def test_numbers_that_are_none_are_refused_with_their_place(caucus, tmp_path, cell, message):
    (tmp_path / "people.csv").write_text(f"kind,x0,x1\nk0,1,2\nk1,2,{cell}\nk1,3,4\n")
    (tmp_path / "e.yaml").write_text(EXPERIMENT.format(**DEFAULTS))
    done = caucus("run", "e.yaml")
    assert done.returncode == 2
    assert "people.csv:3:6" in done.stderr and message in done.stderr and "x1" in done.stderr


def refused(caucus, folder, message, experiment=EXPERIMENT, **parts):
    """Whether it says so, and has neither drawn nor written anything."""
    (folder / "e.yaml").write_text(experiment.format(**{**DEFAULTS, **parts}))
    done = caucus("run", "e.yaml", "-o", "e.h5")
    if "needs OpenBLAS" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 2 and message in done.stderr and "HDF5-DIAG" not in done.stderr, done.stderr
    assert not (folder / "e.h5").exists()


def write_people(path, header="kind,x0,x1", rows=("k0,1,2", "k1,2,3", "k1,3,5")):
    path.write_text("\n".join([header, *rows]) + "\n")


@pytest.mark.parametrize("weights, message", [
    (("-1", "1", "1"), 'people.csv:2:8: weight -1 in column "n": weights are counts'),
    (("nan", "1", "1"), 'people.csv:2:8: "nan" in column "n" is not a weight'),
    (("1", "", "1"), 'people.csv:3:8: no weight in column "n"'),
    (("1", "1.5", "1"), "people.csv:3:8: weight 1.5"),
    (("0", "0", "0"), "no row has a label and a weight"),
])
def test_weights_that_are_no_counts_are_refused(caucus, tmp_path, weights, message):
    write_people(tmp_path / "people.csv", "kind,x0,x1,n", [f"k{i % 2},{i},{i},{n}" for i, n in enumerate(weights)])
    refused(caucus, tmp_path, message, population=", weight: n")


@pytest.mark.parametrize("rows, parts, message", [
    ([], {}, "no row has a label and a weight"),
    (["k0,1,2", "k0,2,3"], {}, 'has one value only, "k0"'),
    (["k0,1,2", "k1,2"], {}, "people.csv:3:1: 2 fields, but the header has 3"),
    (["k0,1,2", "k1,2,1e300"], {}, 'people.csv:3:6: 1e+300 in column "x1" is beyond 1e100'),
    (["k0,1,2", "k1,2,1e30"], {"population": ", scale: none", "classifier": "{name: logistic, precision: single}"},
     "x1 of row 1 of the population (from 0, of those that were read) is 1e+30"),
    (["k2,1,2", *[f"k{i % 2},{i},{i}" for i in range(40)]], {"test": 0.95}, 'everybody with label "k2" is held out'),
    (None, {"population": ", words: {x1: {a: 1e200}}"}, "a must be a number from -1e+100 to 1e+100"),
])
def test_tables_that_nothing_is_learnt_from_are_refused(caucus, tmp_path, rows, parts, message):
    write_people(tmp_path / "people.csv", **({} if rows is None else {"rows": rows}))
    refused(caucus, tmp_path, message, **parts)


@pytest.mark.parametrize("collective, message", [
    (", add: {vector: [1e99, 0], scale: 1e9}", "x0 of row 0 of the population (from 0, of those that were read), as changed by a,"),
    (", add: {vector: far.txt, scale: 1e99}", "x0 of row 0"),
    (", add: {vector: nowhere.txt}", "there is no file nowhere.txt"),
    (", add: {vector: [1, .nan]}", 'a number of vector must be a number from -1e+100 to 1e+100, not ".nan"'),
    (", mask: {columns: [x0], size: [1, 1], value: 1}", "a mask names columns or a patch of an image, and this one has size too"),
    (", mask: {columns: [], value: 1}", "columns is an empty list"),
    (", mask: {columns: [x0]}", 'mask lacks "value"'),
    (", mask: {value: 1}", 'mask lacks "image"'),
    (", box: [.nan, 1]", "box must be a number"),
    (", members: {x1: {}}", "members: the range of x1 has no end"),
    (", members: {x7: {from: 1}}", 'members: the population has no feature "x7"'),
    (", affinity: -1, members: {x1: {from: 3}}", "affinity must be a number of 0 or more"),
])
def test_changes_that_are_none_are_refused(caucus, tmp_path, collective, message):
    write_people(tmp_path / "people.csv")
    (tmp_path / "far.txt").write_text("1e300 0")
    text = EXPERIMENT.replace("set: {{x0: 15, x1: 20}}, ", "") if "mask" in collective or "add" in collective else EXPERIMENT
    refused(caucus, tmp_path, message, text, collective=collective)


def test_a_test_of_nobody_is_refused(caucus, tmp_path):
    write_people(tmp_path / "people.csv")
    text = EXPERIMENT + "  - {{name: b, share: 0.1, strategy: feature_label, set: {{x0: 3}}, target: k0}}\n"
    refused(caucus, tmp_path, "success_on: others leaves nobody for the test", text, platform=", success_on: others")


def test_a_matrix_is_of_hdf5(caucus, tmp_path):
    write_people(tmp_path / "people.csv")
    refused(caucus, tmp_path, "people.csv is no HDF5 file, in which x names a matrix", OF_MATRIX.replace("people.h5", "people.csv"))


@pytest.mark.parametrize("end, shown", [(b"\x1b", r"\x1b"), (b"\xc2\x9b", r"\x9b"), (b"\xc3\xa9", "\u00e9")])
def test_names_of_strangers_do_not_move_the_cursor(caucus, tmp_path, end, shown):
    (tmp_path / "people.csv").write_bytes(b"kind,feature" + end + b"\nk0,1\nk1,2\n")
    text = EXPERIMENT.replace("numeric: all", "numeric: [features]")
    refused(caucus, tmp_path, f'numeric column "features" is no feature; did you mean "feature{shown}"?', text)


MATRIX = np.array([[1.0, 2], [2, 1], [3, 4]])


@pytest.mark.parametrize("x, kind, message", [
    (np.array([[1, 2], [np.nan, 1], [3, 4]]), 3, "e.yaml:3:20: people.h5:x[1][0] is no number (NaN)"),
    (np.array([[1, 2], [1, np.inf], [3, 4]]), 3, "x[1][1] is infinite"),
    (np.array([[1, 2], [1, 1e200], [3, 4]]), 3, "x[1][1] is beyond 1e100"),
    (np.ones((4, 2)), 3, "x has 4 rows, but there are 3 labels"),
    (np.ones((2, 2)), 3, "x has 2 rows, fewer than there are labels"),
    (np.ones((0, 2)), 3, "x has 0 rows, fewer than there are labels"),
    (np.ones(3), 3, "is no matrix of numbers"),
    (np.ones((3, 2, 1)), 3, "is no matrix of numbers"),
    (np.ones((3, 0)), 3, "is no matrix of numbers"),
    (np.float64(1), 3, "is no matrix of numbers"),
    (MATRIX > 1, 3, "is no matrix of numbers"),
    (MATRIX.astype("c16"), 3, "is no matrix of numbers"),
    (np.full((3, 2), b"1"), 3, "is no matrix of numbers"),
    (np.zeros(3, dtype=[("a", "f8"), ("b", "f8")]), 3, "is no matrix of numbers"),
    (None, 3, 'no dataset is named "x"'),
    ({}, 3, 'no dataset is named "x"'),
    (MATRIX, np.zeros((3, 1), "i4"), "kind: it has 2 dimensions, but a column has one"),
    (MATRIX, np.int32(1), "kind: it has 0 dimensions, but a column has one"),
    (MATRIX, np.ones(3, "i4"), 'has one value only, "1"'),
    (MATRIX, {}, 'no dataset is named "kind"'),
])
def test_bad_matrices_are_refused(caucus, tmp_path, x, kind, message):
    with h5py.File(tmp_path / "people.h5", "w") as file:
        for name, data in (("x", x), ("kind", np.arange(kind) % 2 if isinstance(kind, int) else kind)):
            if isinstance(data, dict):
                file.create_group(name)
            elif data is not None:
                file[name] = data
    refused(caucus, tmp_path, message, OF_MATRIX)


def test_what_makes_many_columns_is_told(caucus, tmp_path):
    write_people(tmp_path / "people.csv", "kind,x0,x1,name,home", [f"k{i % 60},{i},{i},person {i},here" for i in range(120)])
    (tmp_path / "e.yaml").write_text(EXPERIMENT.replace("numeric: all", "numeric: [x0, x1]").format(**{**DEFAULTS, "classifier": "{name: ridge, batch: 1}"}))
    done = caucus("check", "e.yaml")
    if "needs OpenBLAS" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    for words in ("feature name becomes 120 columns of 0 and 1", 'feature home has one value only, "here"', "label kind has 60 different values"):
        assert words in done.stdout + done.stderr, done.stdout + done.stderr


def test_more_rows_or_columns_than_can_be_are_refused_by_the_header(caucus, tmp_path):
    for shape, message in (((3 << 30, 1), "3221225472 rows, at most 2147483648"), ((2, 1 << 20), "columns, at most 2^20 - 1")):
        with h5py.File(tmp_path / "people.h5", "w") as file:
            file.create_dataset("x", shape=shape, dtype="f4", chunks=(1, 1024) if shape[1] > 1 else (1 << 20, 1))
            file["kind"] = [0, 1]
        refused(caucus, tmp_path, message, OF_MATRIX)


def test_a_damaged_matrix_ends_the_process_that_reads_it_alone(caucus, tmp_path):
    """Whatever the bytes of the file, the answer is a result or one line that says what is wrong."""
    rng = np.random.default_rng(1)
    with h5py.File(tmp_path / "people.h5", "w") as file:
        file.create_dataset("x", data=rng.normal(size=(64, 4)), chunks=(16, 4), compression="gzip")
        file["kind"] = np.arange(64) % 2
    whole = (tmp_path / "people.h5").read_bytes()
    (tmp_path / "e.yaml").write_text(OF_MATRIX.format(**DEFAULTS))
    for _ in range(12):
        damaged = bytearray(whole)
        for at in rng.integers(512, len(whole), 40):
            damaged[at] = rng.integers(256)
        (tmp_path / "people.h5").write_bytes(damaged)
        done = caucus("check", "e.yaml")
        assert done.returncode in (0, 1, 2) and "HDF5-DIAG" not in done.stderr, done.stderr


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
