"""Bounds from above: they hold, more knowledge never raises them, and results, summaries and searches tell them."""

import csv
import json
import sys

import h5py
import numpy as np
import pytest
from conftest import PROGRAM, SOURCE

sys.path.insert(0, str(SOURCE / "bench"))
import evidence
import evidence_problems as problems

KNOWLEDGE = ["total", "labels", "strategies", "aggregate", "full"]
LEVEL = 1 - 1e-6  # of the intervals: hundreds of rates are looked at


def upper(text):
    return text.replace("bounds:\n", "bounds:\n  upper: true\n")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """strategy -> result of the ordinary problem at delta = 0.5, all methods from both sides."""
    made = {}

    def run(strategy):
        if strategy not in made:
            text = upper(problems.ordinary(strategy, delta=0.5, methods=problems.ALL_INEQUALITIES, shares=[0.05, 0.2]))
            made[strategy] = evidence.run(text, tmp_path_factory.mktemp("upper"), 150, 3, PROGRAM)
        return made[strategy]

    return run


@pytest.mark.parametrize("strategy", [s for s in problems.STRATEGIES if s != "erase"])
def test_hold(results, strategy):
    """Broken in no more than delta of the trials, and useful; both sides at delta/2 enclose the success."""
    measured, trials = evidence.measure(results(strategy))
    rates = {method: counts for (of, method), counts in measured.items() if of == "upper"}
    assert len(rates) == 5 * (6 + 8)
    for method, (broken, _) in rates.items():
        low, _ = evidence.clopper_pearson(broken, trials, LEVEL)
        assert (low <= 0.5).all() or method.endswith("/population"), (method, broken / trials)
    assert max(useful.max() for _, useful in rates.values()) > 0.5 * trials


@pytest.mark.parametrize("strategy", [s for s in problems.STRATEGIES if s != "erase"])
def test_more_knowledge_never_raises_them(results, strategy):
    with h5py.File(results(strategy), "r") as file:
        names = list(file["method"].asstr()[:])
        bounds = dict(zip(names, np.moveaxis(file["upper_bound"][:, :, 0, :].astype(float), -1, 0)))
    for name, values in bounds.items():
        family, knowledge, inequality = name.split("/")
        if knowledge != "full":
            more = KNOWLEDGE[KNOWLEDGE.index(knowledge) + 1]
            assert (bounds[f"{family}/{more}/{inequality}"] <= values).all(), name


def at(delta, strategy, folder):
    """Trials of the ordinary problem whose bounds are at the level delta: the same draws whatever it is."""
    text = upper(problems.ordinary(strategy, delta=delta, methods=problems.ALL_INEQUALITIES, shares=[0.05, 0.2]))
    with h5py.File(evidence.run(text, folder, 40, 3, PROGRAM), "r") as file:
        names = ("upper_bound", "global_upper", "joint_upper", "size")
        return {name: file[name][()].astype(float) for name in names}


@pytest.mark.parametrize("strategy", ["feature_label", "unplant_adaptive", "erase"])
def test_goals_are_made_of_those_at_the_shared_level(strategy, tmp_path):
    """Of M collectives each has delta/M: weighted by size they bound the global success, the least the joint one. Who
    has none, erasing, may succeed always."""
    whole = at(0.4, strategy, tmp_path)
    each = at(0.4 / whole["size"].shape[1], strategy, tmp_path)["upper_bound"]
    assert np.isnan(each[:, :, 0, :]).all() == (strategy == "erase")
    most = np.where(np.isnan(each), 1, each)
    weights = (whole["size"] / whole["size"].sum(axis=1, keepdims=True))[:, None, :, None]
    np.testing.assert_allclose(whole["global_upper"], (weights * most).sum(axis=2), rtol=3e-7)
    np.testing.assert_allclose(whole["joint_upper"], most.min(axis=2), rtol=0)
    assert (whole["joint_upper"] < 1).any()


def test_goals_hold(results):
    """Joint and global success lie above them in no more than delta of the trials; sums say so too."""
    for strategy in problems.STRATEGIES:
        measured, trials = evidence.measure(results(strategy))
        rates = {(of, method): counts[0] for (of, method), counts in measured.items() if of.endswith("_upper")}
        assert len(rates) == 2 * 5 * (6 + 8)
        for (of, method), broken in rates.items():
            low, _ = evidence.clopper_pearson(broken, trials, LEVEL)
            assert (low <= 0.5).all() or method.endswith("/population"), (of, method, broken / trials)


def test_erasing_has_none(tmp_path):
    path = evidence.run(upper(problems.ordinary("erase", shares=[0.1])), tmp_path, 3, 3, PROGRAM)
    with h5py.File(path, "r") as file:
        assert np.isnan(file["upper_bound"][:, :, 0, :]).all()
        assert np.isfinite(file["upper_bound"][:, :, 1, :]).all()  # the rival beside it plants
        assert np.isnan(file["summary/upper_mean"][:, 0]).all()


def test_summary(caucus, results):
    """Means and rates are those of the trials, in the file and as printed."""
    path = results("feature_label")
    with h5py.File(path, "r") as file:
        bounds = file["upper_bound"][()].astype(float)
        success = (file["success_count"][()] / file["test"][()][:, None, None])[..., None]
        np.testing.assert_allclose(file["summary/upper_mean"][()], bounds.mean(axis=1), rtol=1e-12)
        np.testing.assert_array_equal(file["summary/upper_violation_rate"][()], (bounds < success).mean(axis=1))
        np.testing.assert_array_equal(file["summary/upper_vacuous_rate"][()], (bounds >= 1).mean(axis=1))
        mean = file["summary/upper_mean"][()]
        names = list(file["method"].asstr()[:])
    rows = list(csv.DictReader(caucus("summary", path, "--format", "csv").stdout.splitlines()))
    assert len(rows) == mean.size
    for row, expected in zip(rows, mean.ravel()):
        assert float(row["upper_mean"]) == pytest.approx(expected, rel=1e-12)
    assert json.loads(caucus("summary", path, "--format", "json").stdout)[0]["upper_violation_low"] is not None
    page = path.parent / "page.html"
    assert caucus("report", path, "-o", page).returncode == 0
    assert "worst rate of the bound from above" in page.read_text()
    table = caucus("summary", path).stdout
    assert "upper bound" in table and names[0] in table


def test_what_cannot_do(caucus, tmp_path):
    """solve: from above the target is out of reach below one size, from below it is sure from another one on."""
    path = tmp_path / "e.yaml"
    path.write_text(upper(problems.ordinary("feature_label", methods="families: budget\n  knowledge: [total, full]\n"
                                            "  inequalities: clopper_pearson", consumers="20K").split("sweep:")[0]))
    done = caucus("solve", path, "--trials", "20", "--format", "json", "-o", tmp_path / "s.h5", "--target", "0.95")
    assert done.returncode == 0, done.stderr
    sizes = {row["quantity"]: row["critical_mass"] for row in json.loads(done.stdout)}
    for method in ("budget/total/clopper_pearson", "budget/full/clopper_pearson"):
        assert 1 <= sizes[f"upper/{method}"] <= sizes["success"] <= sizes[method]
    assert sizes["upper/budget/full/clopper_pearson"] > 1
    assert sizes["upper/budget/full/clopper_pearson"] >= sizes["upper/budget/total/clopper_pearson"]
    with h5py.File(tmp_path / "s.h5") as file:
        assert list(file["side"].asstr()[:]) == ["", "lower", "lower", "upper", "upper"]
    table = caucus("solve", path, "--trials", "20", "-o", tmp_path / "t.h5", "--target", "0.95").stdout
    assert "impossible below" in table and "undecided between" in table
    line = next(line for line in table.splitlines() if line.lstrip().startswith("budget/full"))
    assert f"{sizes['upper/budget/full/clopper_pearson']:.0f} - {sizes['budget/full/clopper_pearson'] - 1:.0f}" in line


def test_switched_by_true_or_false(caucus, tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text(problems.ordinary("feature_label", shares=[0.1]).replace("bounds:\n", "bounds:\n  upper: maybe\n"))
    done = caucus("run", path, "-o", tmp_path / "o.h5")
    assert done.returncode == 2 and "upper" in done.stderr and "e.yaml:10" in done.stderr
