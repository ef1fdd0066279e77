"""Bounds from above in reports: what is impossible, and what undecided between that and the promise."""

import json

import pytest
from conftest import SOURCE
from pages import page  # noqa: F401 fixture

METHOD = "budget/total/clopper_pearson"


@pytest.fixture(scope="module")
def result(caucus_once):
    return caucus_once("run", SOURCE / "experiments/impossible.yaml", "--trials", "50")


def sizes_of(records, column, goal):
    """Sizes at which a column reaches the goal, and those at which it does not."""
    return ([r["size"] for r in records if r[column] >= goal], [r["size"] for r in records if r[column] < goal])


def test_runs_say_what_is_impossible(caucus, page, result):
    made = page(result)
    records = [r for r in json.loads(caucus("summary", result, "--format", "json").stdout) if r["method"] == METHOD]
    possible, impossible = sizes_of(records, "upper_mean", 0.9)
    promised, unpromised = sizes_of(records, "bound_q05", 0.9)
    assert min(possible) > max(impossible) and min(promised) > max(unpromised) > min(possible)
    words = made.words()
    assert f"with {max(impossible):,} it is impossible, with {min(possible):,} to {max(unpromised):,} undecided" in words
    assert f"impossible, by {METHOD}" in words and f"{max(impossible):,} and fewer" in words
    for record in records:  # the line is drawn at the means
        assert f"impossible above, by {METHOD} {record['upper_mean']:.4f}" in words


def test_figures_draw_what_is_impossible(caucus, tmp_path, result):
    assert caucus("plot", result, "-o", "figure.svg", "--series", METHOD).returncode == 0
    figure = (tmp_path / "figure.svg").read_text()
    assert figure.count('class="line') == 2 * 2 and f"impossible above, by {METHOD}" in figure  # the promise and this, with keys


def test_critical_masses_say_what_is_impossible(caucus, page, tmp_path):
    path = tmp_path / "mass.h5"
    options = (SOURCE / "experiments/impossible.yaml", "--set", "sweep=[]", "--trials", "10")
    assert caucus("solve", "-q", *options, "-o", path).returncode == 0
    found = {r["quantity"]: r["critical_mass"] for r in json.loads(
        caucus("solve", *options, "-o", tmp_path / "again.h5", "--format", "json").stdout)}
    mass, least = found[METHOD], found[f"upper/{METHOD}"]
    words = page(path).words()
    assert f"with fewer than {least:,.0f} it is impossible, up to {mass - 1:,.0f} undecided" in words
    assert f"impossible below, by {METHOD}" in words and "undecided from" in words
    rows = [row for row in words.split("All configurations")[1].split(METHOD)[1:2]]
    assert f"{least:,.0f}{least:,.0f}{mass - 1:,.0f}" in rows[0].replace(" ", "")


def test_without_bounds_from_above_nothing_is_said_of_them(caucus, page, tmp_path):
    done = caucus("run", "-q", SOURCE / "experiments/impossible.yaml", "--set", "bounds.upper=false", "--trials", "5", "-o", "plain.h5")
    assert done.returncode == 0, done.stderr
    assert "impossible, by" not in page(tmp_path / "plain.h5").words() and "undecided" not in page(tmp_path / "plain.h5").words()
