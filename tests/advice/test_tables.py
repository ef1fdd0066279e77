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

PLAIN = "home,job,y\nown,a,lo\nrent,b,hi\nown,b,lo\nrent,a,hi\n"


class Tables:
    """Tables in a folder, and experiments on them."""

    def __init__(self, caucus, folder):
        self.caucus = caucus
        self.folder = folder

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def experiment(self, table, population="label: y", collective="set: {home: own}, target: lo", more=""):
        text = (f"population: {{file: {json.dumps(str(table))}, {population}}}\n"
                "platform: {consumers: 1K, test: 100}\n"
                f"collectives: [{{name: ours, share: 0.05, strategy: feature_label, {collective}}}]\n{more}")
        return self.write("e.yaml", text)

    def check(self, *arguments, options=(), code=0, **keywords):
        done = self.caucus("check", self.experiment(*arguments, **keywords), *options)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    def notes(self, *arguments, **keywords):
        return re.findall(r"^note +(.*)$", self.check(*arguments, **keywords), re.M)

    def values(self, table, column, population="label: y"):
        """The categories of a feature, or of the label where column is None."""
        asked = "set: {home: own}, target: zzzzzzzzzz" if column is None else f"set: {{{column}: zzzzzzzzzz}}, target: lo"
        error = self.check(table, population, asked, code=2)
        return re.search(r"^hint: allowed: (.*)$", error, re.M)[1].split(", ")

    def refused(self, table, population="label: y", **keywords):
        return self.check(table, population, code=2, **keywords)

    def columns(self, table, *options):
        done = self.caucus("columns", table, "--format", "json", *options)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        return found["rows"], {c["name"]: c for c in found["columns"]}


@pytest.fixture
def tables(caucus, tmp_path):
    return Tables(caucus, tmp_path)


def many(columns, n=2000):
    """A table of n rows: columns maps names to functions of the row's number."""
    lines = [",".join(columns)]
    lines += [",".join(str(of(i)) for of in columns.values()) for i in range(n)]
    return "\n".join(lines) + "\n"


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


# ---- paths and hints ----------------------------------------------------------------------------------------------------


TWO = ("population: {file: t.csv, label: y}\nplatform: {consumers: 1K, test: 100}\ncollectives:\n"
       "  - {name: renters, share: 0.05, strategy: feature_label, set: {home: rent}, target: lo}\n"
       "  - {share: 0.05, strategy: feature_label, set: {home: own}, target: hi}\n")


def axes(tables, text, *options):
    """The axes of a run, as its summary names them, with their values."""
    tables.write("t.csv", PLAIN)
    done = tables.caucus("run", tables.write("e.yaml", text), "-q", "--trials", "2", "-o", tables.folder / "o.h5", "--force",
                         *options)
    assert done.returncode == 0, done.stderr
    import h5py
    with h5py.File(tables.folder / "o.h5") as file:
        return {name: [v.decode() if isinstance(v, bytes) else v for v in file[name][:]] for name in file
                if isinstance(file[name], h5py.Dataset) and file[name].dims[0].label in ("", "config")
                and file[name].shape == file["done"].shape[:1] and name not in ("config",)}


def test_names_in_paths(tables):
    tables.write("t.csv", PLAIN)
    experiment = tables.write("e.yaml", TWO)
    for path in ("collectives.renters.share", "collectives.c2.share", "collectives[1].share"):
        done = tables.caucus("check", experiment, "--set", f"{path}=2")
        assert done.returncode == 2 and f"--set {path}=2: share must be a number from 0 to 1" in done.stderr, done.stderr
    done = tables.caucus("check", experiment, "--set", "collectives.rentres.share=0.1")
    assert 'collectives is a list, and none of its items is called "rentres"' in done.stderr
    assert 'did you mean "renters"?' in done.stderr
    swept = tables.write("s.yaml", TWO + "sweep: [{path: collectives.renters.share, values: [0.1, 2]}]\n")
    assert "must be a number from 0 to 1" in tables.caucus("check", swept).stderr
    whole = tables.write("s.yaml", TWO + "sweep: [{path: collectives.renters, values: [{share: 0.1}]}]\n")
    assert tables.caucus("check", whole).returncode == 2


def test_axis_option(tables):
    found = axes(tables, TWO, "--axis", "collectives.renters.share=0.1, 0.2", "--axis", "collectives[1].target=lo,hi")
    assert found["share"] == [0.1, 0.1, 0.2, 0.2] and found["target"] == ["lo", "hi", "lo", "hi"]
    swept = TWO + 'sweep: [{name: size, path: "collectives[0].share", values: [0.1]}]\n'.replace("size", "part")
    assert axes(tables, swept, "--axis", "collectives[0].share=0.2,0.3")["part"] == [0.2, 0.3]
    assert axes(tables, TWO, "--axis", "collectives[0].share={linspace: [0, 0.2, 3]}")["share"] == [0, 0.1, 0.2]
    assert axes(tables, TWO, "--axis", "collectives[0].target='lo',\"hi\"")["target"] == ["lo", "hi"]
    tied = TWO + ('sweep: [{name: both, paths: ["collectives[0].share", "collectives[1].share"], values: [0.1, 0.2]}]\n')
    experiment = tables.write("e.yaml", tied)
    for axis, says in (("collectives[0].share=0.2", "moves together with other places"), ("nonsense", "--axis takes PATH=V1,V2"),
                       ("collectives[1].share=0.1,,2", "--axis collectives[1].share=0.1,,2: a value is missing"),
                       ("collectives[7].share=1", "--axis collectives[7].share=1: collectives[7] leads nowhere")):
        done = tables.caucus("check", experiment, "--axis", axis)
        assert done.returncode == 2 and says in done.stderr, done.stderr


def test_default_names_of_axes_never_clash(tables):
    found = axes(tables, TWO, "--axis", "collectives[0].share=0.1,0.2", "--axis", "collectives[1].share=0.1,0.2", "--axis",
                 "platform.test=50,60", "--axis", 'collectives[0].set.home=own,rent')
    assert {"share", "c2_share", "platform_test", "home"} <= set(found)
    named = TWO + 'sweep: [{path: "collectives[0].share", values: [0.1]}, {name: share, path: "collectives[1].share", values: [0.2]}]\n'
    assert {"renters_share", "share"} <= set(axes(tables, named))


def test_hints(tables):
    tables.write("t.csv", PLAIN)
    bare = tables.write("e.yaml", TWO + "sweep: [{path: collectives[0].share, values: [0.1]}]\n")
    assert 'stands in quotes: {path: "collectives[0].share", ...}' in tables.caucus("check", bare).stderr
    for name in ("a/b", ".hidden"):
        done = tables.caucus("check", tables.write("e.yaml", f"name: {name}\n{TWO}"))
        assert done.returncode == 2 and "name is what result files are called" in done.stderr


def test_numbers_that_nobody_cut(tables):
    table = tables.write("t.csv", many({"home": lambda i: ("own", "rent")[i % 2], "age": lambda i: 18 + i % 60,
                                        "y": lambda i: ("lo", "hi")[i % 3 == 0]}))
    for value in ("90", "<30", "25.5"):
        error = tables.check(table, collective=f'set: {{age: "{value}"}}, target: lo', code=2)
        assert "age is a column of 60 different numbers" in error and "hint: cut it: bins: {age: [32, 48, 62]}" in error


# ---- how many of us? ----------------------------------------------------------------------------------------------------


GROWING = ("population: {file: people.csv, label: y, features: [age, job], bins: {age: [30, 50]}}\n"
           "platform: {consumers: 200K, test: 10K}\n"
           "collectives: [{name: ours, share: 0.01, strategy: feature_label, set: {job: a}, target: hi}]\n"
           "bounds: {families: [staircase, budget, linear], knowledge: [total, full], inequalities: [population, kl, "
           "clopper_pearson]}\n")


@pytest.fixture
def growing(tables):
    """3,000 people of whom 300 are a collective's; nearly half of each job have the target."""
    rows = [f"{18 + i * 7 % 60},{'abc'[i // 7 % 3]},{'hi' if i * 31 % 100 < 48 else 'lo'}" for i in range(3000)]
    tables.write("people.csv", "age,job,y\n" + "\n".join(rows) + "\n")
    members = tables.write("members.csv", "job,age,y,note\n" + "".join(
        ",".join([row.split(",")[1], row.split(",")[0], row.split(",")[2], "x"]) + "\n" for row in rows[::10]))
    return tables.write("e.yaml", GROWING), members


def ask(tables, growing, *options):
    done = tables.caucus("bound", growing[0], "--collective", "ours", "--members", growing[1], *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_how_unlike_members_may_be(tables, growing):
    """The ratio that is found is where the guarantee leaves the goal."""
    lines = growing[1].read_text().splitlines()
    tables.write("more.csv", "\n".join([lines[0] + ",n", *(f"{line},60" for line in lines[1:])]) + "\n")
    many = (growing[0], tables.folder / "more.csv")
    options = ("--weight", "n", "--format", "json", "--goal", "0.5")

    def at(ratio):
        return json.loads(ask(tables, many, *options, "--set", f"collectives[0].membership={{ratio: {ratio}}}"))

    found = at(1)
    ratio = found["sensitivity"]["ratio"]
    assert found["sensitivity"]["goal"] == 0.5 and ratio > 1.05
    assert at(ratio)["best"]["bound"] >= 0.5 > at(1.02 * ratio)["best"]["bound"]
    page = ask(tables, many, "--weight", "n", "--goal", "0.5")
    assert f"It still is 50 % as long as nobody is more than {int(100 * ratio) / 100:.2f} times as likely to join" in page
    small = json.loads(ask(tables, growing, "--format", "json", "--family", "staircase", "--inequality", "hoeffding"))
    assert small["best"]["bound"] < 0 and small["sensitivity"] == {"goal": 0, "ratio": None}


def test_how_many_members(tables, growing):
    found = json.loads(ask(tables, growing, "--format", "json"))
    goal = found["goal"]
    assert found["members"] == 300 and found["best"]["bound"] < 0.1
    assert goal["goal"] == 0.9 and goal["reached"] and goal["room"] == 200000
    assert goal["best"]["bound"] >= 0.9 and goal["members"] > 2000

    def at(times):  # the members' file itself, so many times over
        lines = growing[1].read_text().splitlines()
        tables.write("more.csv", "\n".join([lines[0] + ",n", *(f"{line},{times}" for line in lines[1:])]) + "\n")
        more = json.loads(ask(tables, (growing[0], tables.folder / "more.csv"), "--weight", "n", "--format", "json"))
        return more["best"]["bound"]

    times = goal["members"] / 300
    assert at(int(times * 1.02) + 1) >= 0.9 > at(int(times * 0.96))
    easier = json.loads(ask(tables, growing, "--format", "json", "--goal", "0.5"))["goal"]
    assert easier["goal"] == 0.5 and easier["members"] <= goal["members"]


def test_the_page_says_it_in_words(tables, growing):
    goal = json.loads(ask(tables, growing, "--format", "json"))["goal"]
    page = ask(tables, growing)
    head = page.split("\n\n")[1]
    assert head.startswith("With 300 members nothing is sure yet: the hope is that new people who report job = a\n"
                           "get the answer y = hi.\nTo be sure of 90 %, it takes about ")
    number = int(re.search(r"times your members: ([\d,]+)\.", head)[1].replace(",", ""))
    assert goal["members"] <= number <= goal["members"] * 1.01 + 1
    assert "fails in at most 5 % of" in head
    assert "linear  " not in page and "guarantee nothing and are left out" in page
    assert "+0.0000" not in page
    assert "population is what infinite data" in ask(tables, growing, "--inequality", "population")
    enough = ask(tables, growing, "--set", "platform.consumers=5K", "--goal", "0.9")
    assert "To be sure of 90 %, it takes" in enough or "No number of members can be sure of 90 % here" in enough
    never = ask(tables, growing, "--goal", "1")
    assert "No number of members can be sure of 100 % here: with all 200,000 consumers" in never


def test_fewer_would_do(tables, growing):
    everybody = (growing[0], tables.folder / "people.csv")
    head = ask(tables, everybody, "--set", "platform.consumers=4K").split("\n\n")[1]
    assert head.startswith("With 3,000 members it is sure that at least 9")
    assert "To be sure of 90 %, fewer would do: about " in head


def test_solve_by_members(tables, growing):
    goal = json.loads(ask(tables, growing, "--format", "json", "--family", "budget", "--knowledge", "total", "--inequality",
                          "clopper_pearson"))["goal"]
    done = tables.caucus("solve", growing[0], "--members", growing[1], "--format", "json", "--axis",
                         "collectives.ours.target=hi,lo")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert {(r["family"], r["inequality"]) for r in rows} == {(f, i) for f in ("staircase", "budget")
                                                              for i in ("kl", "clopper_pearson")}
    assert [r["target"] for r in rows] == ["hi"] * 4 + ["lo"] * 4
    one, = (r for r in rows if (r["target"], r["family"], r["inequality"]) == ("hi", "budget", "clopper_pearson"))
    assert one["members"] == goal["members"] and one["bound"] == goal["best"]["bound"] >= 0.9
    table = tables.caucus("solve", growing[0], "--members", growing[1]).stdout
    assert table.startswith(f"How many members like those in {growing[1]} are sure of 90 % success, as ours:")
    records = list(csv.DictReader(io.StringIO(
        tables.caucus("solve", growing[0], "--members", growing[1], "--format", "csv", "--target", "1").stdout)))
    assert len(records) == 4 and all(r["members"] == "" and r["goal"] == "1" for r in records)
    for options, says in ((("--json",), "nothing is simulated"), (("--members", "x.csv"), "x.csv"),
                          (("--collective", "theirs"), 'no collective called "theirs"')):
        done = tables.caucus("solve", growing[0], "--members", growing[1], *options)
        assert done.returncode == 2 and says in done.stderr, done.stderr


def test_members_alone_are_told_what_to_do(tables, growing):
    for path in (growing[1], tables.write("m.csv.gz", gzip.compress(growing[1].read_bytes()))):
        done = tables.caucus("bound", path)
        assert done.returncode == 2
        assert "this is a table, not a document of counts" in done.stderr
        assert f"caucus init {path} -o EXP.yaml" in done.stderr and f"--members {path}" in done.stderr


def test_members_of_every_kind(tables, growing):
    """Packed members, members with words for what is missing, and without labels."""
    page = ask(tables, growing)
    packed = tables.write("m.csv.xz", lzma.compress(growing[1].read_bytes()))
    assert ask(tables, (growing[0], packed)).replace("m.csv.xz", "members.csv") == page
    more = tables.write("more.csv", growing[1].read_text() + "a,40,NA,\na,40,?,\n")
    assert "; 2 more without a label are left out" in ask(tables, (growing[0], more))


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
