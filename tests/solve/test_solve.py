"""caucus solve: critical masses against exact answers, against sweeps by caucus run, and what a user may ask wrongly."""

import csv
import io
import json
import signal
import subprocess

import h5py
import numpy as np
import pytest
from scipy import stats

# One signal cell that 5 % of the people are in, all of them with the other label. n members hand in the signal with the
# target, so they win when fewer than n of the N - n others are there: the success of a trial is 0 or 1.
N, P = 20_000, 0.05
CELL = """\
name: cell
seed: 3
trials: 400
population: {file: cell.csv, label: y, features: [a], weight: n}
platform: {consumers: 20K, test: 1K}
collectives:
  - {name: us, size: 100, strategy: feature_label, set: {a: signal}, target: good}
"""
BOUNDS = "bounds: {families: [staircase], knowledge: [full], inequalities: [population, hoeffding]}\n"
OTHERS = "  - {name: them, size: 200, strategy: feature_label, set: {a: signal}, target: bad}\n"


def exact_mass(target):
    """Smallest n that wins with the given probability."""
    n = np.arange(1, N)
    return int(n[np.argmax(stats.binom.cdf(n - 1, N - n, P) >= target)])


@pytest.fixture
def solve(caucus, tmp_path):
    """Solve the text of an experiment, or a file; the records."""
    (tmp_path / "cell.csv").write_text("a,y,n\nsignal,bad,5\nother,bad,45\nother,good,50\n")

    def run(experiment, *options):
        if not hasattr(experiment, "exists"):
            (tmp_path / "experiment.yaml").write_text(experiment)
            experiment = tmp_path / "experiment.yaml"
        done = caucus("solve", experiment, "--force", "-o", "out.h5", "--format", "json", *options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def refuse(caucus, solve, tmp_path):
    """Solve what cannot be solved; the message."""

    def run(text, *options, code=2):
        (tmp_path / "bad.yaml").write_text(text)
        done = caucus("solve", tmp_path / "bad.yaml", "-q", *options)
        assert done.returncode == code, done.stderr
        assert not list(tmp_path.glob("*-solve.h5*"))
        return done.stderr

    return run


# ---- exact answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, probability",
    [
        (["--target", "0.9"], 0.9),
        (["--target", "0.5"], 0.5),
        (["--statistic", "median", "--target", "0.5"], 0.5),
        (["--statistic", "q10", "--target", "1"], 0.9),
        (["--statistic", "q2.5", "--target", "0.01"], 0.975),
    ],
)
def test_one_cell(solve, options, probability):
    (record,) = solve(CELL, "--confidence", "0.999", *options)
    assert record["low"] <= exact_mass(probability) <= record["high"]
    assert record["low"] <= record["critical_mass"] <= record["high"]
    assert record["high"] - record["low"] < 60  # 5 standard deviations of what the others hand in are 150
    assert record["trials"] == 400 and record["largest_size"] == N
    target = float(options[options.index("--target") + 1])
    assert record["value_below"] < target <= record["value_at"]


def test_more_trials_narrow_the_interval(solve):
    widths = [(lambda r: r["high"] - r["low"])(solve(CELL, "--trials", trials)[0]) for trials in (100, 1600)]
    assert widths[1] < 0.5 * widths[0]


def test_population_bound_is_exact(solve):
    """n / N > (1 - n / N) P, at once for the only signal cell."""
    exact = int(np.floor(P * N / (1 + P))) + 1
    success, population, hoeffding = solve(CELL + BOUNDS)
    assert population["critical_mass"] == population["low"] == population["high"] == exact
    assert population["trials"] == 0 and population["value_at"] == 1 and population["value_below"] == 0
    assert hoeffding["critical_mass"] > success["critical_mass"] > exact
    assert hoeffding["quantity"] == "staircase/full/hoeffding"


def test_others_stand_in_the_way(solve):
    """200 more members that want the other label: 200 more are needed, and 200 fewer consumers are left."""
    text = CELL + OTHERS + BOUNDS
    success, population, _ = solve(text)
    # n > 200 + (N - 200 - n) P
    assert population["critical_mass"] == int(np.floor((200 + (N - 200) * P) / (1 + P))) + 1
    assert success["largest_size"] == N - 200
    them = solve(text, "--collective", "them")
    assert them[0]["collective"] == "them" and them[0]["largest_size"] == N - 100


def test_target_that_is_reached_from_the_start(solve):
    """Everybody at the signal has the target already."""
    (record,) = solve(CELL.replace("target: good", "target: bad"))
    assert record["critical_mass"] == record["low"] == record["high"] == 1
    assert record["value_below"] is None and record["n_evaluations"] == 1


# ---- against caucus run -----------------------------------------------------------------------------------------------


@pytest.fixture
def vehicles(source):
    return source / "experiments/vehicles-critical-mass.yaml"


def summary(caucus, tmp_path, experiment, *options):
    done = caucus("run", experiment, "-q", "--force", "-o", tmp_path / "run.h5", *options)
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "run.h5") as file:
        return {name: file["summary"][name][:] for name in ("success_mean", "success_q05", "bound_mean")}


@pytest.mark.parametrize("statistic, name", [("mean", "success_mean"), ("q05", "success_q05")])
def test_a_run_of_that_size_gives_that_value(caucus, solve, tmp_path, vehicles, statistic, name):
    records = solve(vehicles, "--statistic", statistic)
    record = records[3]  # success, target Good
    assert record["target"] == "Good" and record["quantity"] == "success"
    for size, value in [(0, record["value_at"]), (-1, record["value_below"])]:
        size += int(record["critical_mass"])
        run = summary(caucus, tmp_path, vehicles, "--set", f"collectives[0].size={size}")
        assert run[name][1, 0] == pytest.approx(value, abs=1e-12)


def test_a_fine_sweep_crosses_inside_the_interval(caucus, solve, tmp_path, source, vehicles):
    """Other random numbers, four times the trials: where the sweep's means cross the target. The crossing is random too,
    with a quarter of the variance, and there are six of them."""
    records = {(r["target"], r["quantity"]): r for r in solve(vehicles, "--confidence", "0.9999")}
    for target in ("Good", "Average", "Poor"):
        for quantity, name in [("success", "success_mean"), ("staircase/total/hoeffding", "bound_mean")]:
            record = records[target, quantity]
            sizes = np.linspace(0.985 * record["critical_mass"], 1.015 * record["critical_mass"], 13).round()
            text = (source / "experiments/vehicles-planting.yaml").read_text()
            head, _ = text.split("sweep:")
            head = head.replace("target: Excellent", f"target: {target}").replace("data/", f"{source}/data/")
            path = tmp_path / "sweep.yaml"
            path.write_text(
                head + "sweep:\n  - {name: n_members, path: 'collectives[0].size', "
                f"values: {sizes.astype(int).tolist()}}}\noutput: {{accuracy: false}}\n"
            )
            means = summary(caucus, tmp_path, path, "--trials", 800, "--seed", 77)[name].reshape(len(sizes), -1)[:, 0]
            assert means[0] < 0.9 < means[-1]
            slope, offset = np.polyfit(sizes[3:-3] - sizes[6], means[3:-3], 1)
            crossing = sizes[6] + (0.9 - offset) / slope
            mass, wider = record["critical_mass"], 1.25**0.5
            low, high = (mass + wider * (record[end] - mass) for end in ("low", "high"))
            assert low <= crossing <= high, (target, quantity)


def test_threads_do_not_matter(solve, vehicles):
    assert solve(vehicles, "--threads", 1) == solve(vehicles, "--threads", 3, "--block", 7)


def test_seed_and_trials_matter(solve):
    assert solve(CELL) != solve(CELL, "--seed", 4)
    assert solve(CELL, "--trials", 50)[0]["trials"] == 50


# ---- what is not reached ----------------------------------------------------------------------------------------------


def test_unreachable(caucus, solve, tmp_path):
    text = CELL + BOUNDS
    success, population, hoeffding = solve(text, "--target", "0.999")
    assert hoeffding["critical_mass"] is None and hoeffding["low"] is None and hoeffding["high"] is None
    assert hoeffding["value_below"] is None
    run = summary(caucus, tmp_path, tmp_path / "experiment.yaml", "--set", f"collectives[0].size={N}")
    assert hoeffding["value_at"] == pytest.approx(run["bound_mean"][0, 0, 1], abs=1e-9)
    assert hoeffding["value_at"] < 0.999
    assert success["critical_mass"] > population["critical_mass"]
    done = caucus("solve", tmp_path / "experiment.yaml", "--force", "--target", "0.999")
    assert f"> {N}" in done.stdout


def test_a_single_trial_has_no_upper_end(solve):
    (record,) = solve(CELL, "--trials", 1)
    assert record["critical_mass"] > 1 and record["low"] == 1 and record["high"] is None


def test_no_room(solve):
    (record,) = solve(CELL.replace("size: 100", "size: 0") + OTHERS.replace("200", "20K"))
    assert record["critical_mass"] is None and record["largest_size"] == 0 and record["n_evaluations"] == 0


def test_estimators_are_members_too(solve):
    text = CELL.replace("feature_label", "unplant_adaptive").replace("size: 100", "size: 900, estimators: 300")
    (record,) = solve(text.replace("target: good", "target: bad"))
    assert record["critical_mass"] > 300
    (record,) = solve(text)  # nobody there has the target: done as soon as somebody acts
    assert record["critical_mass"] == 301


def test_people_run_out(solve):
    """Without replacement, and only those with one of 1,000 particular places may join."""
    text = CELL.replace("weight: n}", "weight: n, draw: without_replacement}").replace(
        "consumers: 20K, test: 1K", "consumers: 60, test: 20"
    )
    text = text.replace("size: 100", "size: 2, members: {a: signal}")
    success, *_ = solve(text, "--target", "1")
    assert success["largest_size"] == 5  # of the signal's own there are five
    (record,) = solve(text.replace("members: {a: signal}", "affinity: 0, members: {a: other}"))
    assert record["largest_size"] == 60


# ---- files and formats ------------------------------------------------------------------------------------------------

SWEPT = CELL + OTHERS + BOUNDS + "sweep:\n  - {name: rivals, path: 'collectives[1].size', values: [0, 100, 400]}\n"


def test_file(solve, tmp_path):
    xarray = pytest.importorskip("xarray")
    netCDF4 = pytest.importorskip("netCDF4")
    records = solve(SWEPT, "--statistic", "q05", "--target", "0.8", "--confidence", "0.9")
    with xarray.open_dataset(tmp_path / "out.h5", engine="h5netcdf") as file:
        assert dict(file.sizes) == {"config": 3, "quantity": 3}
        assert file.rivals.values.tolist() == [0, 100, 400] and "rivals" in file.coords
        assert file.inequality.values.tolist() == ["", "population", "hoeffding"]
        for name in ("critical_mass", "low", "high", "value_at", "value_below", "n_evaluations", "trials"):
            assert file[name].dims == ("config", "quantity")
            expected = [np.nan if r[name] is None else r[name] for r in records]
            assert file[name].values.ravel() == pytest.approx(expected, nan_ok=True, abs=0)
        assert file.attrs["format"] == "caucus-solve" and file.attrs["complete"] == 1
        assert file.attrs["solved_collective"] == "us" and file.attrs["statistic"] == "q05"
        assert (file.attrs["target"], file.attrs["confidence"]) == (0.8, 0.9)
        assert "name: cell" in file.attrs["experiment"]
        assert file.largest_size.values.tolist() == [N, N - 100, N - 400]
    with netCDF4.Dataset(tmp_path / "out.h5") as file:
        assert file["critical_mass"].dimensions == ("config", "quantity")
    masses = [r["critical_mass"] for r in records if r["quantity"] == "success"]
    assert masses == sorted(masses) and masses[0] < masses[2] - 300


def test_formats_agree(caucus, solve, tmp_path):
    records = solve(SWEPT)
    rows = list(csv.DictReader(io.StringIO(caucus("solve", "experiment.yaml", "--format", "csv").stdout)))
    assert [float(row["critical_mass"]) for row in rows] == [r["critical_mass"] for r in records]
    assert [float(row["rivals"]) for row in rows] == [r["rivals"] for r in records]
    table = caucus("solve", "experiment.yaml", "--force").stdout
    for record in records:
        assert f"{record['critical_mass']}" in table and record["quantity"] in table
    events = [json.loads(line) for line in caucus("solve", "experiment.yaml", "--json", "--force").stdout.splitlines()]
    assert [e["critical_mass"] for e in events if e["event"] == "critical_mass"] == [r["critical_mass"] for r in records]
    assert events[0]["event"] == "plan" and events[-1] == {"event": "done", "output": "cell-solve.h5"}


def test_axis_with_a_name_that_the_file_uses(solve, tmp_path):
    solve(SWEPT.replace("name: rivals", "name: low"))
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["axis_low"][:].tolist() == [0, 100, 400]


# ---- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, message",
    [
        (["--target", "0"], "--target takes a number above 0 and up to 1"),
        (["--target", "1.5"], "--target takes a number above 0 and up to 1"),
        (["--target", "most"], "--target takes a number above 0 and up to 1"),
        (["--confidence", "nan"], "--confidence takes a number"),
        (["--confidence", "1"], "confidence 1: it lies between 0 and 1"),
        (["--statistic", "q0"], 'statistic "q0": it is mean, median, or a quantile such as q05'),
        (["--statistic", "q100"], 'statistic "q100"'),
        (["--statistic", "average"], 'statistic "average"'),
        (["--collective", "Us"], 'has no collective called "Us": did you mean "us"?'),
        (["--collective", "nobody"], 'has no collective called "nobody": allowed: us'),
        (["--format", "xml"], "--format takes table, csv or json"),
        (["--output", ""], "--output takes the name of the result file"),
        (["--trials", "0"], "--trials takes a whole number from 1"),
    ],
)
def test_bad_options(refuse, options, message):
    assert message in refuse(CELL, *options)


@pytest.mark.parametrize("path", ["collectives[0].size", "collectives[0].share"])
def test_sweep_of_the_size(refuse, path):
    text = CELL if path.endswith("size") else CELL.replace("size: 100", "share: 0.1")
    text += f"sweep:\n  - {{name: members, path: '{path}', values: [0, 1]}}\n"
    message = refuse(text)
    assert "bad.yaml:9:" in message and "caucus solve looks for the size of us" in message
    assert "--collective" in message


def test_sweep_of_the_size_of_another_is_fine(solve):
    assert len(solve(SWEPT)) == 9


def test_output(caucus, solve, tmp_path):
    (tmp_path / "experiment.yaml").write_text(CELL)
    assert caucus("solve", "experiment.yaml", "-q").returncode == 0
    before = (tmp_path / "cell-solve.h5").read_bytes()
    done = caucus("solve", "experiment.yaml", "-q")
    assert done.returncode == 2 and "cell-solve.h5 exists already; use --force" in done.stderr
    assert (tmp_path / "cell-solve.h5").read_bytes() == before
    done = caucus("solve", "experiment.yaml", "-q", "-o", "nowhere/out.h5")
    assert done.returncode == 2 and "no directory nowhere" in done.stderr


def test_interrupt(caucus, solve, tmp_path):
    (tmp_path / "experiment.yaml").write_text(CELL)
    command = [caucus.program, "solve", "experiment.yaml", "--json", "--trials", "20M"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert json.loads(process.stdout.readline())["event"] == "plan"
        while json.loads(process.stdout.readline())["event"] != "progress":
            pass
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "nothing is written" in errors
    assert not list(tmp_path.glob("*.h5*"))


def test_info_and_summary_read_the_file(caucus, solve, tmp_path):
    """What the file gives is what solve printed."""
    sweep = 'sweep: [{name: test, path: platform.test, values: [500, 1000]}]\n'.replace("name: test", "name: testers")
    records = solve(CELL + BOUNDS + sweep)
    told = caucus("summary", "out.h5", "--format", "json")
    assert told.returncode == 0 and json.loads(told.stdout) == records, told.stderr
    rows = list(csv.DictReader(io.StringIO(caucus("summary", "out.h5", "--format", "csv").stdout)))
    assert [float(row["critical_mass"]) for row in rows if row["critical_mass"]] == [
        record["critical_mass"] for record in records if record["critical_mass"] is not None]
    assert "the smallest size of us at which the mean over 400 trials reaches 0.9" in caucus("summary", "out.h5").stdout
    info = caucus("info", "out.h5")
    assert info.returncode == 0 and "critical masses: the smallest sizes of us" in info.stdout
    assert json.loads(caucus("info", "out.h5", "--format", "json").stdout) == records
    for options in (["--where", "low>1"], ["out.h5"], ["--format", "md"]):
        done = caucus("summary", "out.h5", *options)
        assert done.returncode == 2 and "holds critical masses, which are printed one file at a time" in done.stderr


def test_rounds_are_refused(caucus, solve, refuse):
    assert "does not add trials" in refuse(CELL + "until: {standard_error: 0.1}\n").replace("\n", " ")
