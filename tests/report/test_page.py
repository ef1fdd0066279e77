"""caucus report: what the page says, that it needs nothing else, and that names cannot break out of it."""

import json
import re
import subprocess

import pytest
from conftest import SOURCE
from pages import EXPERIMENT, HOSTILE, Page, page, result  # noqa: F401 fixtures


def test_page_needs_nothing_else(result, page, tmp_path):
    made = page(result())
    for tag, attributes in made.elements:
        assert tag not in ("link", "img", "iframe", "object"), tag
        assert not {"src", "href", "onclick", "onload"} & set(attributes), attributes
    assert "http" not in "".join(made.scripts) and "@import" not in "".join(made.scripts)
    assert (tmp_path / "page.html").stat().st_size < 200_000


def test_names_cannot_break_out(result, page):
    made = page(result())
    assert sum(tag == "script" for tag, _ in made.elements) == 1  # the page's own
    assert HOSTILE in made.words()


def test_what_it_says(caucus, result, page, tmp_path):
    path = result()
    words = page(path).words()
    assert re.search("two groups ?complete", words) and words.index("A question.") < words.index("6 configurations")
    assert "6 configurations of 40 trials" in words and "5,000 consumers" in words and "200 test people" in words
    assert f"caucus run EXPERIMENT.yaml --seed 1 --trials 40 -o {path} caucus report {path}" in words
    headings = [heading for heading in ("Success and promise over share", "Do the promises hold?", "All configurations",
                                        "How this was made") if heading in words]
    assert len(headings) == 4
    records = json.loads(caucus("summary", path, "--format", "json").stdout)
    for record in records:
        assert f"{record['success_mean']:.4f}" in words and f"{record['bound_mean']:.4f}" in words


def test_what_acting_cost(caucus, result, page):
    path = result(platform={"consumers": 5000, "test": 200, "classifier": "naive_bayes", }, output={"accuracy": True, "accuracy_cost": True}, trials=5)
    words = page(path).words()
    assert "What acting cost the platform" in words and "percentage points of accuracy" in words
    for field in ("accuracy_cost_mean", "suboptimality_mean", "converged_rate"):
        values = [r[field] for r in json.loads(caucus("summary", path, "--format", "json").stdout)]
        assert f"{min(values):.4f}" in words and f"{max(values):.4f}" in words, field


def test_broken_promises_are_told(caucus, result, page):
    """Bounds assume members like everybody else; members who all have the signal are not."""
    assert "promises hold" in page(result()).words()
    path = result("biased.h5", trials=200, sweep=[], platform={"consumers": 50_000, "test": 2000}, collectives=[
        {"name": "us", "share": 0.2, "strategy": "erase", "set": {"signal": "yes"}, "members": {"signal": "no"}},
        {"name": "them", "share": 0.2, "strategy": "feature_label", "set": {"signal": "yes"}, "target": "y1",
         "members": {"signal": "yes"}}])
    records = json.loads(caucus("summary", path, "--format", "json").stdout)
    broken = any(record["violation_low"] > 0.05 for record in records)
    assert (f"promises {'broken' if broken else 'hold'}") in page(path).words()


def test_two_numeric_axes_make_a_map(result, page):
    made = page(result(sweep=[{"name": "them", "path": "collectives[1].share", "values": [0.1, 0.2]},
                              {"name": "us", "path": "collectives[0].share", "values": [0.1, 0.2, 0.3]}]))
    assert "Mean success over us and them" in made.words()
    filled = [attributes for tag, attributes in made.elements if tag == "rect" and attributes.get("fill", "").startswith("#")]
    assert len(filled) == 2 * 6  # two collectives, six configurations


@pytest.mark.parametrize("sweep", [[], [{"name": "aim", "path": "collectives[0].target", "values": ["y1", "y0"]}],
                                   [{"name": "n", "path": "platform.consumers", "values": [4000, 4000, 5000]}]])
def test_sweeps_without_a_numeric_grid(caucus, result, page, sweep):
    path = result(sweep=sweep)
    assert "All configurations" in page(path).words()
    done = caucus("plot", path, "-o", "figure.svg")
    assert done.returncode == 2 and "no numeric axis" in done.stderr


def test_a_run_that_was_stopped(caucus, tmp_path, page):
    import os
    import signal
    import time
    path = tmp_path / "experiment.yaml"
    path.write_text(json.dumps({**EXPERIMENT, "trials": 300_000}))
    process = subprocess.Popen([caucus.program, "run", "-q", path, "-o", tmp_path / "long.h5", "--threads", "1", "--block", "2000"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        if len(list(tmp_path.glob("long.h5.parts/*"))) > 3 or process.poll() is not None:
            break
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    if process.wait(timeout=60) != 3:
        pytest.skip("the run was done before it was stopped")
    words = page(tmp_path / "long.h5").words()
    assert re.search(r"two groups ?\d+\.\d % done", words)


def test_large_sweeps_are_cut_aloud(result, page):
    made = page(result(trials=1, bounds={"families": ["budget"], "knowledge": ["total"], "inequalities": ["hoeffding"]}, sweep=[
        {"name": "share", "path": "collectives[0].share", "values": {"linspace": [0.01, 0.5, 1100]}}]))
    assert "200 more rows: caucus summary --format csv has all" in made.words()


@pytest.mark.parametrize("options, says", [
    (["--x", "shore"], 'no axis "shore"; did you mean "share"'), (["--x", "aim"], "holds words"),
    (["--method", "budget/total/kll"], 'did you mean "budget/total/kl"'), (["--goal", "1.5"], "at most 1"),
    (["--goal", "none"], "a number above 0")])
def test_wrong_wishes(caucus, result, options, says):
    for command, output in (("report", "page.html"), ("plot", "figure.svg")):
        done = caucus(command, result(), "-o", output, *options)
        assert done.returncode == 2 and says in done.stderr, done.stderr


def test_nothing_is_replaced_without_force(caucus, result, tmp_path):
    path = result()
    (tmp_path / "page.html").write_text("mine")
    done = caucus("report", path, "-o", "page.html")
    assert done.returncode == 2 and "page.html" in done.stderr and (tmp_path / "page.html").read_text() == "mine"
    assert caucus("report", tmp_path / "absent.h5", "-o", "other.html").returncode == 2
    assert caucus("report", path, "-o", "nowhere/page.html").returncode == 2
    assert caucus("report", path).returncode == 2 and caucus("report", "-o", "x.html").returncode == 2
    assert not list(tmp_path.glob("*.parts"))


def test_limits_that_nobody_knows_are_not_promised(caucus, result, page):
    """Bounds by the population's own limits come first in the experiment, and are not what sentences tell."""
    path = result(bounds={"families": ["budget"], "knowledge": ["total"], "inequalities": ["population", "kl"]})
    assert "by budget/total/kl, chosen before looking" in page(path).words()
    assert "by budget/total/population, chosen" in page(path, "--method", "budget/total/population").words()


def test_every_experiment_has_a_page(caucus, tmp_path):
    for path in sorted((SOURCE / "experiments").glob("vehicles-*.yaml"))[:3]:
        output = tmp_path / f"{path.stem}.h5"
        assert caucus("run", "-q", path, "--trials", "5", "-o", output).returncode == 0
        assert caucus("report", output, "-o", tmp_path / f"{path.stem}.html").returncode == 0
        Page((tmp_path / f"{path.stem}.html").read_text())
