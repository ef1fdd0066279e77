"""caucus summary and info: columns, conditions, order, digits, formats, several files, and large sweeps."""

import csv
import io
import json
import os
import pty
import subprocess

import h5py
import pytest

from conftest import PROGRAM

SWEEP = """\
name: many
trials: 3
population: {scenario: dirichlet, cells: 4, labels: 2, uniqueness: 0.4}
platform: {consumers: 300, test: 40}
collectives:
  - {name: a_b, share: 0.1, strategy: feature_label, set: {signal: yes}, target: y0}
bounds: {knowledge: [total], inequalities: [hoeffding, clopper_pearson]}
sweep:
  - {name: share, path: "collectives[0].share", values: {linspace: [0.001, 0.4, 400]}}
"""


@pytest.fixture(scope="module")
def result(caucus_once, tmp_path_factory):
    path = tmp_path_factory.mktemp("sweep") / "many.yaml"
    path.write_text(SWEEP)
    return caucus_once("run", path)


@pytest.fixture
def records(caucus, result):
    def read(*options, paths=None):
        done = caucus("summary", *(paths or [result]), "--format", "csv", *options)
        assert done.returncode == 0, done.stderr
        return list(csv.DictReader(io.StringIO(done.stdout)))

    return read


def test_the_usual_columns(records, result):
    rows = records()
    assert len(rows) == 2 * 400
    assert list(rows[0]) == ["config", "share", "collective", "size", "success_mean", "success_std", "success_q05", "success_median",
                             "success_q95", "method", "bound_mean", "bound_q05", "bound_median", "bound_q95", "tightness_mean",
                             "violation_rate", "violation_low", "violation_high", "vacuous_rate", "delta", "trials"]
    assert [int(row["config"]) for row in rows] == [i // 2 for i in range(800)]
    with h5py.File(result) as file:
        assert [float(row["success_q95"]) for row in rows[::2]] == list(file["summary/success_q95"][:, 0])
        assert {float(row["delta"]) for row in rows} == {file.attrs["delta"]}


def test_records_are_no_more_than_what_is_named_tells_apart(records):
    """One method's or collective's line would be as another's."""
    assert len(records("--columns", "share,collective,method")) == 2 * 400
    assert len(records("--columns", "share,success_mean")) == 400
    assert len(records("--columns", "share,success_mean", "--sort", "bound_mean")) == 2 * 400
    assert len(records("--columns", "share,success_mean", "--where", "vacuous_rate!=-1")) == 2 * 400
    both = records("--where", "method=staircase/total/hoeffding")
    assert [row["success_mean"] for row in both] == [row["success_mean"] for row in records("--columns", "success_mean")]


def test_choice_condition_and_order(records):
    rows = records("--where", "share>=0.2", "--where", "method=staircase/total/hoeffding", "--columns", "success_mean,share",
                   "--sort", "-success_mean,share")
    assert list(rows[0]) == ["success_mean", "share"]
    found = [(-float(row["success_mean"]), float(row["share"])) for row in rows]
    assert found == sorted(found) and 195 < len(found) < 205 and min(share for _, share in found) >= 0.2
    assert records("--where", "share<0") == []
    assert len(records("--where", "collective!=a_b")) == 0 and len(records("--where", "config<=1K")) == 800


def test_digits_and_formats(caucus, result):
    chosen = ["--where", "config=7", "--columns", "share,collective,success_mean,method", "--digits", "2"]
    rows = {name: caucus("summary", result, *chosen, "--format", name).stdout for name in ("table", "md", "latex", "json")}
    mean = f"{json.loads(rows['json'])[0]['success_mean']:.2f}"
    assert rows["md"].splitlines()[0] == "| share | collective | success_mean | method |"
    assert rows["md"].splitlines()[1] == "| ---: | --- | ---: | --- |"
    assert rows["md"].splitlines()[2] == f"| 0.008 | a_b | {mean} | staircase/total/hoeffding |"
    assert rows["latex"].splitlines()[0] == r"\begin{tabular}{rlrl}" and r"a\_b" in rows["latex"]
    assert rows["latex"].splitlines()[-1] == r"\end{tabular}" and rows["latex"].count(r" \\") == 3
    assert f"  {mean}  " in rows["table"] and len(rows["table"].splitlines()) == 4


@pytest.mark.parametrize("options, words", [
    (["--columns", "sucess_mean"], 'there is no column "sucess_mean"; did you mean "success_mean"?'),
    (["--where", "share"], '"share" is no condition'), (["--where", ">3"], "is no condition"),
    (["--sort", "shar"], 'did you mean "share"?'), (["--digits", "40"], "--digits takes a whole number from 0 to 17")])
def test_wrong_choices(caucus, result, options, words):
    done = caucus("summary", result, *options)
    assert done.returncode == 2 and words in done.stderr


def test_several_files(records, result):
    rows = records("--where", "config<2", paths=[result, result])
    assert len(rows) == 8 and {row["file"] for row in rows} == {str(result)} and list(rows[0])[0] == "file"


def on_a_terminal(*arguments):
    outer, inner = pty.openpty()
    process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=inner, stderr=subprocess.DEVNULL)
    os.close(inner)
    shown = b""
    try:
        while chunk := os.read(outer, 1 << 16):
            shown += chunk
    except OSError:  # the other side is closed
        pass
    os.close(outer)
    assert process.wait(60) == 0
    return shown.decode().replace("\r", "").splitlines()


def test_a_terminal_gets_the_most_telling_rows(caucus, result):
    try:
        shown = on_a_terminal("summary", result)
    except OSError as reason:
        pytest.skip(f"no terminal can be made here: {reason}")
    everything = caucus("summary", result).stdout.splitlines()
    assert len(everything) > 400 and 40 <= len(shown) <= 60
    assert any("of 400 configurations are shown" in line for line in shown) and "--all" in shown[-1]
    rows = [line for line in shown if "a_b" in line]
    with h5py.File(result) as file:
        success = file["summary/success_mean"][:, 0]
    for telling in (success.argmin(), success.argmax()):
        assert any(line.split()[0] == f"{file_share(result, telling):g}" for line in rows), telling
    assert len(on_a_terminal("summary", result, "--all")) == len(everything)


def file_share(result, config):
    with h5py.File(result) as file:
        return file["share"][config]


def test_a_hundred_thousand_configurations_take_two_seconds(caucus, tmp_path):
    """The processor's time, with room for a machine that others use: reading is by slabs."""
    path = tmp_path / "large.yaml"
    path.write_text(SWEEP.replace("400]", "20000]").replace("trials: 3", "trials: 1"))
    assert caucus("run", path, "-q", "-o", "large.h5", timeout=300).returncode == 0
    before = os.times().children_user
    done = caucus("summary", "large.h5", "--sort", "-success_mean", "--columns", "share,success_mean,bound_mean", "--format", "csv")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 40_001
    assert os.times().children_user - before < 5 * 2 * 20_000 / 100_000


def test_info_for_programs(caucus, result):
    told = json.loads(caucus("info", result, "--format", "json").stdout)
    assert told["complete"] is True and told["configs"] == 400 and told["trials"] == 3 and told["axes"] == {"share": "numbers"}
    assert told["collectives"] == ["a_b"] and told["experiment"].startswith("name: many") and len(told["hosts"]) == 1


def test_parts_by_their_own_name(caucus, tmp_path):
    path = tmp_path / "many.yaml"
    path.write_text(SWEEP.replace("trials: 3", "trials: 4M").replace("400]", "4]"))
    process = subprocess.Popen([PROGRAM, "run", path, "--json", "-o", "o.h5", "--threads", "1"], cwd=tmp_path,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in process.stdout:
        if '"progress"' in line:
            break
    process.terminate()
    process.communicate()
    assert process.returncode == 3, "the run was over before it could be stopped"
    for name in ("o.h5", "o.h5.parts", "o.h5.parts/"):
        done = caucus("info", name)
        assert done.returncode == 0 and "unfinished" in done.stdout, done.stderr
        assert caucus("summary", name).returncode == 0
