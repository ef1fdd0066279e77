"""Tables of all the kinds that people bring: what population they make, and what is said about them.

Each table is written here, by hand or by pandas. What a population has is asked of the program itself: a wrong value or
target is answered with the categories that there are.
"""

import csv
import gzip
import io
import json
import lzma
import re
import subprocess

import pytest
from table_experiments import PLAIN, many, tables  # noqa: F401

# ---- one table, one population ------------------------------------------------------------------------------------------

FRAME = {"home": ["own", "rent", None, "own"] * 5, "tier": [4.0, 2.0, None, 1.0] * 5,
         "child": [True, False, True, True] * 5, "n": [3, 10, 2, 3] * 5, "y": ["lo", "hi", "lo", "hi"] * 5}
SAME = {"home": ["own", "rent", "(missing)"], "tier": ["1", "2", "4", "(missing)"], "child": ["false", "true"],
        "n": ["10", "2", "3"]}


def formats(folder):
    """The same people in every form that pandas and h5py write; yields (name, keys of the population)."""
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("tables")
    import h5py
    import numpy

    frame = pandas.DataFrame(FRAME)
    people = {"key": "people", "format": "table", "data_columns": True}
    frame.to_csv(folder / "plain.csv", index=False)
    yield "plain.csv", ""
    frame.to_csv(folder / "index.csv")
    yield "index.csv", ""
    frame.to_csv(folder / "semicolons.csv", index=False, sep=";", na_rep="NA")
    yield "semicolons.csv", ""
    frame.to_csv(folder / "tabs.csv", index=False, sep="\t", na_rep="nan", lineterminator="\r\n")
    yield "tabs.csv", ""
    frame.to_csv(folder / "packed.csv.gz", index=False)
    yield "packed.csv.gz", ""
    frame.to_csv(folder / "packed.csv.xz", index=False)
    yield "packed.csv.xz", ""
    frame.assign(tier=frame.tier.astype("Int64"), child=frame.child.astype("boolean")).to_csv(
        folder / "nullable.csv", index=False, na_rep="<NA>")
    yield "nullable.csv", ""
    frame.to_hdf(folder / "text.h5", **people)
    yield "text.h5", ""
    yield "text.h5", ", group: people"
    yield "text.h5", ", group: /people/table"
    frame.assign(home=frame.home.astype("category"), tier=frame.tier.astype("category")).to_hdf(
        folder / "category.h5", **people)
    yield "category.h5", ""
    frame.assign(tier=frame.tier.astype("float32"), n=frame.n.astype("int8")).to_hdf(folder / "small.h5", **people)
    yield "small.h5", ""
    frame.to_hdf(folder / "deep.h5", key="a/b/people", format="table", data_columns=True, complib="zlib", complevel=3)
    yield "deep.h5", ""
    with h5py.File(folder / "columns.h5", "w") as file:
        for name, values in FRAME.items():
            if isinstance(values[0], str):
                values = numpy.array([value or "" for value in values], dtype=h5py.string_dtype())
            file[f"people/{name}"] = numpy.array(values, dtype=float) if name == "tier" else values
    yield "columns.h5", ", group: people"
    with h5py.File(folder / "records.h5", "w") as file:
        records = numpy.zeros(20, dtype=[("home", "S4"), ("tier", "f8"), ("child", "?"), ("n", "u2"), ("y", "S2")])
        for name, values in FRAME.items():
            records[name] = [numpy.nan if value is None and name == "tier" else value or "" if name == "home" else value
                             for value in values]
        file["people"] = records
    yield "records.h5", ""
    try:
        frame.assign(home=frame.home.fillna("")).to_xarray().to_netcdf(folder / "net.h5", engine="h5netcdf")
        yield "net.h5", ""
    except ImportError:
        pass


def test_every_format_makes_one_population(tables, tmp_path):
    first = None
    names = []
    for name, keys in formats(tmp_path):
        for column, expected in SAME.items():
            assert tables.values(tmp_path / name, column, "label: y, features: [home, tier, child, n]" + keys) == expected, name
        plan = re.search(r"^population .*$", tables.check(tmp_path / name, "label: y" + keys), re.M)[0]
        first = first or plan
        assert plan == first, name  # all columns but the index
        names.append(name)
    assert len(names) >= 15


def test_zstandard(tables, tmp_path):
    table = tables.write("plain.csv", PLAIN)
    if subprocess.run(["zstd", "-q", str(table)], check=False).returncode != 0:
        pytest.skip("no zstd program to compress a table with")
    assert tables.values(tmp_path / "plain.csv.zst", "home") == ["own", "rent"]


def test_members_of_a_gzip_file_follow_one_another(tables):
    table = tables.write("two.csv.gz", gzip.compress(PLAIN[:20].encode()) + gzip.compress(PLAIN[20:].encode()))
    assert tables.values(table, "job") == ["a", "b"]


@pytest.mark.parametrize("packed", [gzip.compress(PLAIN.encode() * 99)[:-9], lzma.compress(PLAIN.encode() * 99)[:-9],
                                    b"\x28\xb5\x2f\xfd\x04\x00garbage", b"\x1f\x8b\x08garbage", b"\xfd7zXZ\x00garbage"])
def test_damaged_files(tables, packed):
    error = tables.refused(tables.write("people.csv.packed", packed))
    assert "are damaged or cut off" in error and "fetch the file again" in error

# ---- missing values -----------------------------------------------------------------------------------------------------


def test_default_words(tables):
    words = ["", " ", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NULL", "null", "?", " ? ", "(missing)"]
    table = tables.write("t.csv", "home,y\nown,lo\nNone,hi\n" + "".join(f"{word},lo\n" for word in words))
    assert tables.values(table, "home") == ["None", "own", "(missing)"]


def test_other_words(tables):
    table = tables.write("t.csv", "home,age,y\nown,31,lo\n-,-9,hi\nNA,-9.0,lo\nx,70,hi\n")
    keys = 'label: y, missing: ["-", -9], bins: {age: [40]}'
    assert tables.values(table, "home", keys) == ["NA", "own", "x", "(missing)"]
    assert tables.values(table, "age", keys) == ["<40", ">=40", "(missing)"]
    assert tables.values(table, "home", "label: y, missing: []") == ["-", "NA", "own", "x"]
    error = tables.check(table, keys, "set: {home: '?'}, target: lo", code=2)
    assert 'write "(missing)"' in error


def test_rows_without_a_label(tables):
    """Blank spreadsheet rows and a label left empty are not a third label."""
    table = tables.write("t.csv", "home,y\nown,lo\nown,\nrent,hi\n,\n,\n")
    assert tables.values(table, None) == ["hi", "lo"]
    assert tables.values(table, "home") == ["own", "rent"]
    note, = tables.notes(table)
    assert "(2 rows): 3 more rows have no label in column y and are left out; unlabelled: keep would keep them" in note
    assert tables.values(table, None, "label: y, unlabelled: keep") == ["hi", "lo", "(missing)"]
    assert tables.notes(table, "label: y, unlabelled: keep") == []
    assert 'unlabelled cannot be "yes"' in tables.refused(table, "label: y, unlabelled: yes")


def test_numbers_with_a_word_that_means_missing(tables):
    table = tables.write("t.csv", "home,age,y\nown,31,lo\nrent,unknown,hi\n")
    error = tables.refused(table, "label: y, bins: {age: [40]}")
    assert '"unknown" is not a number' in error and "name it under missing" in error
    tables.check(table, "label: y, bins: {age: [40]}, missing: unknown")

# ---- numbers and truth values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column, expected", [
    ("4.0 4 1e3 -0 0.50", ["0", "0.5", "1000", "4"]), ("True FALSE true", ["false", "true"]),
    ("007 7 4.0", ["007", "4.0", "7"]), ("+41 4.0", ["+41", "4.0"]), ("4.0 x 4", ["4", "4.0", "x"]),
    ("12345678901234567890 1", ["1", "12345678901234567890"]), ("0.1 .1 1e-1", ["0.1"]), ("inf 1.0 -inf", ["-inf", "1", "inf"]),
    ("1.5.2 1.0", ["1.0", "1.5.2"]), ("2020-01-01 2020-01-02", ["2020-01-01", "2020-01-02"])])
def test_spelling(tables, column, expected):
    rows = "".join(f"own,{value},{('lo', 'hi')[i % 2]}\n" for i, value in enumerate(column.split() * 2))
    table = tables.write("t.csv", "home,x,y\n" + rows + "rent,,lo\n")
    if expected == ["0.1"]:
        assert tables.values(table, "x") == ["0.1", "(missing)"]
    else:
        assert tables.values(table, "x") == expected + ["(missing)"]
    for spelled in (column.split()[0], expected[0]):  # an experiment may write either
        tables.check(table, collective=f"set: {{x: {json.dumps(spelled)}}}, target: lo")

# ---- columns that are not used ------------------------------------------------------------------------------------------


def test_double_names_that_nobody_uses(tables):
    table = tables.write("t.csv", "home,score,y,score\nown,1,lo,2\nrent,1,hi,3\n")
    tables.check(table, "label: y, features: [home]")
    error = tables.refused(table)
    assert 'several columns have: "score" (columns 2, 4); rename them, or list the features to use' in error


def test_all_double_names_are_told_at_once(tables):
    table = tables.write("t.csv", "home,y,home,y,y,x,x\n" + "a,b,c,d,e,f,g\n" * 2)
    error = tables.refused(table, "label: y, features: [home]")
    assert '"y" (columns 2, 4, 5), "home" (columns 1, 3)' in error and '"x"' not in error


def test_columns_without_a_name(tables):
    table = tables.write("t.csv", ",home,,y\n1,own,x,lo\n2,rent,x,hi\n")
    note, = tables.notes(table)
    assert "2 columns without a name or with row numbers are no features" in note
    assert tables.notes(table, "label: y, features: [home]") == []


def test_many_columns_are_listed_in_quotes_and_counted(tables):
    names = [f"a column, number {i}" for i in range(60)]
    table = tables.write("t.csv", ",".join(f'"{name}"' for name in names) + ",y\n" + "1," * 60 + "2\n")
    error = tables.refused(table, "label: zzzzzzzzzzzzzzzzzzzzz")
    assert '"a column, number 0", "a column, number 1"' in error
    shown = error.count("a column, number")
    assert f"and {61 - shown} more (caucus columns lists all)" in error

# ---- populations that are degenerate ------------------------------------------------------------------------------------


def test_everybody_is_a_cell(tables):
    table = tables.write("t.csv", many({"id": lambda i: i, "age": lambda i: 18 + i * 7 % 63, "pay": lambda i: f"{i * 37 % 2001 + 0.25}",
                                        "home": lambda i: ("own", "rent", "other")[i % 3], "y": lambda i: ("lo", "hi")[i % 2]}))
    note, = tables.notes(table)
    assert "(2,000 rows): 2,000 cells for 2,000 people, 2,000 of them alone in theirs" in note
    assert "leave id out of the features" in note
    edges = json.loads(re.search(r"bins: \{pay: (\[.*?\])\}", note)[1])
    assert len(edges) == 3 and all(edge % 50 == 0 for edge in edges)
    assert tables.notes(table, "label: y, features: [age, home], bins: {age: [30, 50]}") == []
    run = tables.caucus("run", tables.experiment(table), "--trials", "2", "-o", tables.folder / "o.h5")
    assert f"note: {note}\n" in run.stderr
    quiet = tables.caucus("run", tables.folder / "e.yaml", "--trials", "2", "-o", tables.folder / "p.h5", "-q")
    assert quiet.stderr == ""
    checked = tables.caucus("check", tables.folder / "e.yaml", "--json")
    assert json.loads(checked.stdout)["notes"] == [note]


def test_more_columns_than_one_line_tells(tables):
    table = tables.write("t.csv", many({**{name: lambda i, k=k: f"{i * k % 2003 + 0.5}" for k, name in enumerate("abcde", 3)},
                                        "y": lambda i: ("lo", "hi")[i % 2]}))
    note = tables.notes(table, collective="set: {a: 3.5}, target: lo")[0]
    assert "cut c by bins" in note and note.endswith("; and 2 more (caucus columns lists all)")


def test_a_text_for_everybody(tables):
    table = tables.write("t.csv", many({"name": lambda i: f"person {i}", "home": lambda i: ("own", "rent")[i % 2],
                                        "y": lambda i: ("lo", "hi")[i % 3 == 0]}, 500))
    note, = tables.notes(table)
    assert "500 of them alone in theirs" in note and note.endswith(": leave name out of the features")


def test_a_label_of_many_values(tables):
    table = tables.write("t.csv", many({"home": lambda i: ("own", "rent")[i % 2], "y": lambda i: i % 97}))
    note, = [n for n in tables.notes(table, collective="set: {home: own}, target: 3")]
    assert "label y has 97 different values; cut y by bins: {y: [" in note
    table = tables.write("t.csv", many({"home": lambda i: ("own", "rent")[i % 2], "y": lambda i: f"w{i % 97}"}))
    note, = [n for n in tables.notes(table, collective="set: {home: own}, target: w3")]
    assert note.endswith("label y has 97 different values; is it the column to predict?")


def test_a_feature_of_one_value(tables):
    table = tables.write("t.csv", many({"home": lambda i: ("own", "rent")[i % 2], "land": lambda i: "here",
                                        "y": lambda i: ("lo", "hi")[i % 3 == 0]}))
    assert tables.notes(table) == [f"{table} (2,000 rows): feature land has one value only, \"here\", and tells nothing"]


def test_what_hardly_anybody_has(tables):
    table = tables.write("t.csv", many({"home": lambda i: "boat" if i == 7 else ("own", "rent")[i % 2],
                                        "y": lambda i: "rare" if i == 8 else ("lo", "hi")[i % 3 == 0]}, 5000))
    notes = tables.notes(table, collective="set: {home: boat}, target: rare")
    assert notes[0].endswith("hardly anybody (1 of 5,000 people) has the target of ours, rare")
    assert notes[1].endswith("hardly anybody (1 of 5,000 people) has the signal of ours by nature, so that the platform "
                             "learns it from the collective nearly alone")
    assert tables.notes(table) == []


def test_a_value_twice_on_an_axis(tables):
    table = tables.write("t.csv", PLAIN)
    assert tables.notes(table, more='sweep: [{path: "collectives[0].share", values: [0.1, 0.2, 0.1]}]') == [
        "axis share has the value 0.1 twice: the same configuration is computed twice, with the same numbers"]

# ---- files of other kinds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content, says", [
    (b"PK\x03\x04\x14\x00\x06\x00", "a spreadsheet (.xlsx, .ods)"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".xls"),
    (b"PAR1\x15\x04\x15\x00", "read_parquet"), (b"ARROW1\x00\x00", "read_feather"), (b"ORC\x08\x03", "read_orc"),
    (b"% a comment\n%\n@RELATION people\n@attribute", "arff.loadarff"), (b"SQLite format 3\x00", "sqlite3 -header -csv"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "git lfs pull"),
    (b"/annex/objects/SHA256E-s1--0.csv\n", "git annex get"), (b'[\n  {"a": 1}]', "a JSON file"), (b'{"a": [1]}', "a JSON file"),
    (b"\n<!DOCTYPE html>\n<html>", "a web page"), (b"<?xml version='1.0'?>", "an XML file"), (b"%PDF-1.7\n", "a PDF document"),
    (b"\x80\x04\x95\x00", "read_pickle"), (b"\x93NUMPY\x01\x00", "a NumPy array"), (b"BZh91AY&SY\x00", "bzip2"),
    (gzip.compress(b"RDX3\nX\n\x00\x00"), "an R workspace"), (gzip.compress(b"\x89HDF\r\n\x1a\n"), "unpack it first"),
    (b"\xff\xfea\x00,\x00", "UTF-16"), (b"", "the file is empty"), (gzip.compress(b""), "the file is empty")])
def test_other_kinds_of_files(tables, content, says):
    path = tables.write("people.data", content)
    assert says in tables.refused(path)
    done = tables.caucus("columns", path)
    assert done.returncode == 2 and says in done.stderr


def test_names_that_look_like_other_kinds(tables):
    for header in ("PAR1", "ORCID", "RDX", "[age]", "%share", "BZhome"):
        table = tables.write("t.csv", f"{header},home,y\n1,own,lo\n2,rent,hi\n")
        tables.check(table, "label: y, features: [home]")


def test_directories(tables, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    assert f"{folder} is a directory" in tables.refused(folder)
    for command in ("check", "run", "columns", "init"):
        done = tables.caucus(command, folder)
        assert done.returncode == 2 and "is a directory" in done.stderr, command
    assert "there is no file" in tables.refused(tmp_path / "absent.csv")

# ---- HDF5 that is no table ----------------------------------------------------------------------------------------------


def test_pandas_in_other_forms(tables, tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("tables")
    frame = pandas.DataFrame(FRAME)
    frame.to_hdf(tmp_path / "fixed.h5", key="people")
    frame.to_hdf(tmp_path / "packed.h5", key="people", format="table")
    for name in ("fixed.h5", "packed.h5"):
        error = tables.refused(tmp_path / name)
        assert 'frame.to_hdf("people.h5", key="people", format="table", data_columns=True)' in error, name
    frame.to_hdf(tmp_path / "partly.h5", key="people", format="table", data_columns=["home", "y"])
    tables.check(tmp_path / "partly.h5")
    frame.assign(when=pandas.Timestamp("2020-01-01")).to_hdf(tmp_path / "time.h5", key="people", format="table",
                                                             data_columns=True)
    assert '["when"].dt.year' in tables.refused(tmp_path / "time.h5")
    tables.check(tmp_path / "time.h5", "label: y, features: [home]")


def test_which_group(tables, tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("tables")
    frame = pandas.DataFrame(FRAME)
    for key in ("a", "b/c"):
        frame.to_hdf(tmp_path / "two.h5", key=key, format="table", data_columns=True)
    assert "write group: /a, or group: /b/c" in tables.refused(tmp_path / "two.h5")
    assert "no such group or dataset; write group: /a, or" in tables.refused(tmp_path / "two.h5", "label: y, group: people")
    tables.check(tmp_path / "two.h5", "label: y, group: b/c")
    table = tables.write("t.csv", PLAIN)
    assert 'not an HDF5 file, so it has no group "a"' in tables.refused(table, "label: y, group: a")


def test_h5py_without_a_table(tables, tmp_path):
    import h5py

    with h5py.File(tmp_path / "empty.h5", "w") as file:
        file.create_group("a")
    assert "the file holds no table" in tables.refused(tmp_path / "empty.h5")

# ---- caucus columns -----------------------------------------------------------------------------------------------------


def test_columns(tables):
    table = tables.write("t.csv", many({
        "id": lambda i: i, "age": lambda i: "NA" if i % 10 == 0 else 18 + i % 60, "pay": lambda i: f"{i * 0.37:.2f}",
        "home": lambda i: ("own", "rent", "rent")[i % 3], "child": lambda i: i % 2 == 0, "note": lambda i: f"text {i}",
        "one": lambda i: "x", "none": lambda i: "", "y": lambda i: ("lo", "hi")[i % 2]}))
    rows, columns = tables.columns(table)
    assert rows == 2000
    kinds = {name: column["kind"] for name, column in columns.items()}
    assert kinds == {"id": "whole", "age": "whole", "pay": "number", "home": "text", "child": "true/false", "note": "text",
                     "one": "text", "none": "empty", "y": "text"}
    assert columns["id"]["row_numbers"] and "leave it out" in columns["id"]["note"]
    assert columns["age"]["missing"] == 200 and (columns["age"]["low"], columns["age"]["high"]) == (19, 77)
    assert columns["age"]["bins"] == [34, 48, 64]
    assert columns["pay"]["nearly_unique"] and columns["pay"]["note"].endswith("cut it by bins")
    assert columns["home"]["frequent"] == [["rent", 1333], ["own", 667]]
    assert columns["child"]["frequent"] == [["false", 1000], ["true", 1000]]
    assert columns["note"]["nearly_unique"] and columns["note"]["note"].endswith("leave it out")
    assert columns["one"]["note"] == "one value: it tells nothing" and columns["none"]["missing"] == 2000
    _, plain = tables.columns(table, "--missing", "")
    assert plain["age"]["missing"] == 0 and plain["age"]["kind"] == "text"

    page = tables.caucus("columns", table).stdout
    assert page.startswith(f"{table}: 2,000 rows, 9 columns\n")
    line = next(line for line in page.splitlines() if line.startswith("age"))
    for words in ("whole", "200", "19 to 77", "[34, 48, 64]", "cut it by bins"):
        assert words in line
    records = list(csv.DictReader(io.StringIO(tables.caucus("columns", table, "--format", "csv").stdout)))
    assert [r["column"] for r in records] == list(columns)
    assert records[3]["frequent"] == "rent=1333; own=667" and records[1]["bins"] == "[34, 48, 64]"


@pytest.mark.parametrize("value, dressed", [
    (lambda i: f"{i},5", True), (lambda i: f"${1000 + i:,}", True), (lambda i: f"{i % 90} %", True), (lambda i: f"1'{i:03}", True),
    (lambda i: f"-{i}€", True), (lambda i: f"2024-05-{1 + i % 28:02}", False), (lambda i: f"10.0.0.{i % 200}", False),
    (lambda i: f"A,{i}", False), (lambda i: ",", False), (lambda i: f"{i}.5", False)])
def test_numbers_as_people_write_them(tables, value, dressed):
    _, columns = tables.columns(tables.write("t.csv", many({"x": lambda i: f'"{value(i)}"', "y": lambda i: "ab"[i % 2]})))
    assert ("write them plain" in columns["x"]["note"]) == dressed


def test_columns_of_more_values_than_a_feature_may_have(tables):
    table = tables.write("t.csv", many({"x": lambda i: f"{i * 7919 % 100003 / 8}", "w": lambda i: f"w{i}",
                                        "y": lambda i: i % 2}, 100000))
    rows, columns = tables.columns(table)
    assert rows == 100000 and columns["x"]["too_many"] and columns["w"]["too_many"]
    assert columns["x"]["kind"] == "number" and columns["x"]["low"] == 0 and columns["x"]["high"] == 100002 / 8
    assert columns["x"]["bins"] == pytest.approx([3125, 6250, 9375], rel=0.1)
    assert columns["w"]["kind"] == "text"


def test_columns_of_every_format(tables, tmp_path):
    for name, keys in formats(tmp_path):
        group = re.findall("group: (.*)", keys)
        rows, columns = tables.columns(tmp_path / name, *(["--group", group[0]] if group else []))
        assert rows == 20
        for column in SAME:
            values = sorted(value for value, _ in columns[column]["frequent"])
            assert values == sorted(set(SAME[column]) - {"(missing)"}), (name, column)
        if "index" in columns:
            assert "no feature unless it is listed" in columns["index"]["note"]

# ---- caucus init --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [
    {"id": lambda i: i, "age": lambda i: 18 + i % 60, "home": lambda i: ("own", "rent")[i % 2], "y": lambda i: ("lo", "hi")[i % 3 == 0]},
    {"a b": lambda i: ("x: y", "#z", '"q""r"', "true")[i % 4], "z,": lambda i: i % 5, "pay": lambda i: f"{i * 0.37:.2f}"},
    {"Count": lambda i: i % 3, "colour": lambda i: "rgb"[i % 3], "vote": lambda i: "NA" if i % 7 == 0 else "YN"[i % 2]},
    {"only": lambda i: ("p", "q")[i % 2], "class": lambda i: ("1", "2", "3")[i % 3]}])
def test_init_runs_as_it_is(tables, columns):
    text = many({f'"{name}"' if "," in name else name: of for name, of in columns.items()}, 400)
    table = tables.write("people.csv", text)
    out = tables.folder / "first.yaml"
    made = tables.caucus("init", table, "-o", out)
    assert made.returncode == 0, made.stderr
    assert "file: people.csv " in out.read_text()  # beside the experiment
    done = tables.caucus("run", out, "-o", tables.folder / "o.h5")
    assert done.returncode == 0 and "ours" in done.stdout, done.stderr + out.read_text()
    assert tables.caucus("init", table, "-o", out).returncode == 2
    assert tables.caucus("init", table, "-o", out, "--force").returncode == 0


def test_init_explains_what_it_guesses(tables):
    table = tables.write("people.csv", many({
        "id": lambda i: i, "age": lambda i: 18 + i % 60, "name": lambda i: f"p{i}", "one": lambda i: 1, "home": lambda i: "abc"[i % 3],
        "y": lambda i: ("lo", "hi")[i % 3 == 0]}))
    text = tables.caucus("init", table).stdout
    for words in ("label: y    # what the platform predicts; guessed by its name", "features: [age, home]",
                  "# not id: it numbers the rows", "# not name: nearly every row has a value of its own",
                  "# not one: it has one value only", "age: [32, 48, 62]", 'set: {age: "<32"}', "target: hi    # or lo, hi"):
        assert words in text, words
    text = tables.caucus("init", table, "--label", "home").stdout
    assert "label: home    # what the platform predicts\n" in text
    done = tables.caucus("init", table, "--label", "hoem")
    assert done.returncode == 2 and 'did you mean "home"?' in done.stderr
    done = tables.caucus("init", tables.write("ids.csv", many({"a": lambda i: f"x{i}", "b": lambda i: f"y{i}"})))
    assert done.returncode == 2 and "no column looks like a label" in done.stderr

# ---- cases that once went wrong -----------------------------------------------------------------------------------------


def test_linear_is_no_share_above_one(tables):
    """A target that leads everywhere in the signal set."""
    table = tables.write("t.csv", "x,y,count\na,good,900\na,bad,100\nb,good,300\nb,bad,700\n")
    experiment = tables.write("e.yaml", (
        f"population: {{file: {table}, label: y, weight: count}}\nplatform: {{consumers: 100K, test: 10K}}\n"
        "collectives: [{share: 0.01, strategy: feature_label, set: {x: a}, target: good}]\n"
        "bounds: {families: [staircase, linear], knowledge: full, inequalities: population}\n"))
    done = tables.caucus("run", experiment, "--trials", "20", "-q", "-o", tables.folder / "o.h5")
    assert done.returncode == 0, done.stderr
    import h5py
    with h5py.File(tables.folder / "o.h5") as file:
        assert (file["lower_bound"][:] <= 1).all()
