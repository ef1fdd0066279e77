"""caucus report and caucus plot: what the page says, that it needs nothing else, that names cannot break out of it, and what a
browser makes of it."""

import html.parser
import json
import re
import shutil
import subprocess

import pytest
from conftest import SOURCE

HOSTILE = "<script>alert(1)</script>&\"'"

EXPERIMENT = {
    "name": "two groups",
    "description": "A question.",
    "seed": 1,
    "trials": 40,
    "population": {"scenario": "dirichlet", "cells": 20},
    "platform": {"consumers": 5000, "test": 200},
    "collectives": [
        {"name": HOSTILE, "share": 0.2, "strategy": "feature_label", "set": {"signal": "yes"}, "target": "y1"},
        {"name": "them", "share": 0.1, "strategy": "feature_label", "set": {"signal": "yes"}, "target": "y0"},
    ],
    "bounds": {"families": ["budget"], "knowledge": ["total"], "inequalities": ["hoeffding", "kl"]},
    "sweep": [{"name": "aim", "path": "collectives[0].target", "values": ["y1", "y0"]},
              {"name": "share", "path": "collectives[0].share", "values": [0.1, 0.2, 0.4]}],
}

VOID = {"meta", "input", "br"}
OPTIONAL = {"td", "th", "tr", "li"}  # HTML lets their ends be left out


class Page(html.parser.HTMLParser):
    """Text, elements, and whether all are closed."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.elements, self.text, self.scripts = [], [], [], []
        self.feed(text)
        assert [tag for tag in self.stack if tag not in OPTIONAL] == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.stack and self.stack[-1] in OPTIONAL and self.stack[-1] != tag:
            self.stack.pop()
        assert self.stack and self.stack[-1] == tag, (tag, self.stack)
        self.stack.pop()

    def handle_data(self, data):
        (self.scripts if self.stack and self.stack[-1] in ("script", "style") else self.text).append(data)

    def words(self):
        return " ".join("".join(self.text).split())


@pytest.fixture
def result(caucus, tmp_path):
    def run(name="out.h5", **changes):
        path = tmp_path / "experiment.yaml"
        path.write_text(json.dumps({**EXPERIMENT, **changes}))
        done = caucus("run", "-q", path, "-o", tmp_path / name, "--force")
        assert done.returncode == 0, done.stderr
        return tmp_path / name

    return run


@pytest.fixture
def page(caucus, tmp_path):
    def make(path, *options):
        done = caucus("report", path, "-o", tmp_path / "page.html", "--force", *options)
        assert done.returncode == 0, done.stderr
        return Page((tmp_path / "page.html").read_text())

    return make


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
    assert re.search("two groups ?complete", words) and "A question." in words
    assert "6 configurations of 40 trials" in words and "5,000 consumers" in words and "200 test people" in words
    headings = [heading for heading in ("Success and promise over share", "Do the promises hold?", "All configurations",
                                        "How this was made") if heading in words]
    assert len(headings) == 4
    records = json.loads(caucus("summary", path, "--format", "json").stdout)
    for record in records:
        assert f"{record['success_mean']:.4f}" in words and f"{record['bound_mean']:.4f}" in words


def test_sentences_are_the_summary(caucus, result, page):
    path = result()
    words = page(path, "--goal", "0.75").words()
    records = [r for r in json.loads(caucus("summary", path, "--format", "json").stdout) if r["method"].endswith("hoeffding")]
    for aim in ("y1", "y0"):
        for name in (HOSTILE, "them"):
            hits = {r["share"]: r["success_mean"] >= 0.75 for r in records if r["aim"] == aim and r["collective"] == name}
            good, bad = [s for s in hits if hits[s]], [s for s in hits if not hits[s]]
            if not bad:
                says = "succeed at every share tried"
            elif not good:
                says = "succeed at no share tried"
            elif min(good) > max(bad):
                says = f"succeed from share {min(good):g} on ({max(bad):g} is not enough)"
            elif max(good) < min(bad):
                says = f"succeed up to share {max(good):g} (not at {min(bad):g})"
            else:
                says = "succeed at some, not all values of share"
            assert f"aim {aim} : {name} {says}" in words.replace(f"aim {aim}:", f"aim {aim} :"), (aim, name, says)


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


def test_figures(caucus, result, tmp_path):
    import xml.etree.ElementTree as xml
    path = result()
    assert caucus("plot", path, "-o", "figure.svg", "--width", "240").returncode == 0
    figure = xml.parse(tmp_path / "figure.svg").getroot()
    assert figure.get("width") == "240pt" and len(figure.findall("{*}g")) == 2
    assert caucus("plot", path, "-o", "figure.gif").returncode == 2
    assert caucus("plot", path, "-o", "other.svg", "--width", "10").returncode == 2
    if shutil.which("rsvg-convert") is None:
        done = caucus("plot", path, "-o", "figure.pdf")
        assert done.returncode == 1 and "librsvg2-bin" in done.stderr
        return
    for name, begins in (("figure.pdf", b"%PDF"), ("figure.png", b"\x89PNG")):
        assert caucus("plot", path, "-o", name).returncode == 0
        assert (tmp_path / name).read_bytes().startswith(begins)
    done = caucus("plot", path, "-o", "again.pdf", env={"PATH": "/nowhere"})
    assert done.returncode == 1 and "librsvg2-bin" in done.stderr and not (tmp_path / "again.pdf").exists()


@pytest.mark.parametrize("scripts", [True, False])
def test_in_a_browser(result, page, tmp_path, scripts):
    browser = shutil.which("chromium-headless-shell")
    if browser is None:
        pytest.skip("there is no chromium-headless-shell")
    page(result())
    test = """<script>addEventListener('load', () => {
      document.querySelector('.key').click();
      const head = [...document.querySelectorAll('#all th')].find(th => th.textContent === 'success');
      head.click();
      document.getElementById('find').value = 'them';
      document.getElementById('find').oninput();
    });</script>"""
    text = (tmp_path / "page.html").read_text()
    (tmp_path / "test.html").write_text(text.replace("</body>", test + "</body>") if scripts else text.replace("<script>", "<template>")
                                        .replace("</script>", "</template>"))
    done = subprocess.run([browser, "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000", "--dump-dom",
                           f"file://{tmp_path}/test.html"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    dom = done.stdout
    tools = re.search(r'<div class="keys" data-script=""( hidden="")?>', dom)
    assert (tools.group(1) is None) == scripts  # tools that need scripts are shown with them only
    rows = re.findall(r"<tr( hidden=\"\")?>(?:(?!</tr>).)*?<td class=\"n bar\"[^>]*>([0-9.]+)", dom, re.S)
    assert len(rows) == 12
    if scripts:
        shares = [float(value) for _, value in rows]
        assert shares == sorted(shares) and 'class="series off"' in dom
        assert sum(hidden != "" for hidden, _ in rows) == 6
    else:
        assert 'class="series off"' not in dom and all(hidden == "" for hidden, _ in rows)


def test_every_experiment_has_a_page(caucus, tmp_path):
    for path in sorted((SOURCE / "experiments").glob("vehicles-*.yaml"))[:3]:
        output = tmp_path / f"{path.stem}.h5"
        assert caucus("run", "-q", path, "--trials", "5", "-o", output).returncode == 0
        assert caucus("report", output, "-o", tmp_path / f"{path.stem}.html").returncode == 0
        Page((tmp_path / f"{path.stem}.html").read_text())
