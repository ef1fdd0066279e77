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

VOID = {"meta", "input", "br", "wbr"}
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


def say(hits, place):
    """The sentence on places (members, or values of the axis) at which a goal is reached or not."""
    good, bad = [p for p in hits if hits[p]], [p for p in hits if not hits[p]]
    if not bad:
        return f"with {min(good):,} members already" if place == "members" else f"at every {place} tried"
    if not good:
        return f"do not succeed with {max(bad):,} members" if place == "members" else f"at no {place} tried"
    if min(good) > max(bad):
        return f"with {min(good):,} members ({max(bad):,} are not enough)" if place == "members" else f"from {place} {min(good):g} on ({max(bad):g} is not enough)"
    if max(good) < min(bad):
        return f"up to {max(good):,} members" if place == "members" else f"up to {place} {max(good):g} (not at {min(bad):g})"
    return "some of the sizes" if place == "members" else f"at some, not all values of {place}"


@pytest.mark.parametrize("goal", ["0.75", "0.5"])
def test_sentences_are_the_summary(caucus, result, page, goal):
    path = result()
    words = page(path, "--goal", goal).words()
    records = [r for r in json.loads(caucus("summary", path, "--format", "json").stdout) if r["method"].endswith("hoeffding")]
    for aim in ("y1", "y0"):
        for name, place in ((HOSTILE, "members"), ("them", "share")):  # the sweep moves the size of the first only
            mine = [r for r in records if r["aim"] == aim and r["collective"] == name]
            hits = {r["size" if place == "members" else "share"]: r["success_mean"] >= float(goal) for r in mine}
            sentence = say(hits, place)
            sentence = sentence if sentence.startswith("do not") else f"succeed {sentence}"
            assert f"aim {aim} : {name} {sentence}" in words.replace(f"aim {aim}:", f"aim {aim} :"), (aim, name, sentence)


def test_every_configuration_has_a_sentence_where_there_is_no_axis(caucus, result, page):
    path = result(sweep=[{"name": "aim", "path": "collectives[0].target", "values": ["y1", "y0"]}])
    words = page(path, "--method", "budget/total/kl").words()
    for record in json.loads(caucus("summary", path, "--format", "json").stdout):
        share, size = 100 * record["success_mean"], record["size"]
        assert f"{record['collective']}, {size:,} members, succeed on {share:.1f} % of test points" in words


def test_how_many_it_takes(caucus, result, page):
    """The chart names the same numbers as the sentences, for the collective whose size the axis moves."""
    path = result(collectives=[dict(EXPERIMENT["collectives"][0], name="us")], sweep=EXPERIMENT["sweep"][1:])
    made = page(path, "--goal", "0.5")
    records = [r for r in json.loads(caucus("summary", path, "--format", "json").stdout) if r["method"].endswith("hoeffding")]
    sizes = [r["size"] for r in records if r["success_mean"] >= 0.5]
    assert "How many does it take?" in made.words() and sizes
    dots = [text for text in made.text if text in (f"{min(sizes):,}", f"{min(sizes):,} or fewer")]
    assert dots, made.words()


def test_collectives_beside_each_other(caucus, result, page):
    path = result()
    words = page(path, "--goal", "0.6").words()
    table = {}
    for r in json.loads(caucus("summary", path, "--format", "json").stdout):
        table.setdefault((r["aim"], r["share"]), {})[r["collective"]] = r["success_mean"] >= 0.6
    counts = [sum(f(row.values()) for row in table.values()) for f in (all, lambda v: any(v) and not all(v), lambda v: not any(v))]
    assert f"all of them reach a success of 0.6 together in {counts[0]}, some but not all in {counts[1]}, none in {counts[2]}." in words


# ---- published points


def overlay(tmp_path, text):
    (tmp_path / "published.csv").write_text(text)
    return tmp_path / "published.csv"


def test_published_points(caucus, result, page, tmp_path):
    """Points of our own with a known shift, one off the sweep's values, one that is missing."""
    path = result()
    records = [r for r in json.loads(caucus("summary", path, "--format", "json").stdout) if r["method"].endswith("hoeffding")]
    rows = ["aim,share,collective,success,budget/total/kl,remark"]
    for i, r in enumerate(r for r in records if r["collective"] == "them"):
        rows.append(f'{r["aim"]},{r["share"]},them,{r["success_mean"] + (0.25 if i == 2 else 0)},{"" if i else 0.5},no number')
    rows.append("y1,0.3,them,0.5,,")
    made = page(path, "--overlay", overlay(tmp_path, "\n".join(rows)))
    assert "Published success (crosses): 7 points, 6 of them at values of the sweep" in made.words()
    assert "differ from the mean over trials by at most 0.2500, and 5 lie from" in made.words()
    assert "Published promises (crosses): 1 point, 1 of them" in made.words()
    crosses = [a for tag, a in made.elements if tag == "path" and a.get("class") == "published" and "data-x" in a]
    assert len(crosses) == 8
    figure = tmp_path / "overlay.svg"
    assert caucus("plot", path, "-o", figure, "--overlay", tmp_path / "published.csv").returncode == 0
    assert figure.read_text().count('class="published"') == 8 + 1  # and the key


@pytest.mark.parametrize("text, says", [
    ("share,collective,success\n0.1,them,1\n", 'no column "aim"'), ("aim,share,success\ny1,0.1,1\n", 'no column "collective"'),
    ("aim,share,collective\ny1,0.1,them\n", "nothing to show"), ("aim,share,collective,success\ny1,0.1,they,1\n", '3:18: the result has no collective "they"'),
    ("aim,share,collective,success\ny1,much,them,1\n", '"much" is no number'), ("aim,share,collective,success\ny7,0.1,them,1\n", 'the sweep has no aim "y7"'),
    ("aim,share,collective,success\ny1,0.1\n", "published.csv:2")])
def test_wrong_published_points(caucus, result, tmp_path, text, says):
    done = caucus("report", result(), "-o", "page.html", "--overlay", overlay(tmp_path, text))
    says = says.replace("3:18", "2:8")
    assert done.returncode == 2 and says in done.stderr, done.stderr
    assert caucus("report", result(), "-o", "page.html", "--overlay", "absent.csv").returncode != 0


# ---- other results


def test_critical_masses(caucus, page, tmp_path):
    path = tmp_path / "experiment.yaml"
    path.write_text(json.dumps({**EXPERIMENT, "sweep": EXPERIMENT["sweep"][:1]}))
    assert caucus("solve", "-q", path, "-o", tmp_path / "mass.h5", "--target", "0.6").returncode == 0
    records = json.loads(caucus("solve", path, "-o", tmp_path / "other.h5", "--target", "0.6", "--format", "json").stdout)
    made = page(tmp_path / "mass.h5")
    assert "critical mass" in made.words() and "reaches 0.6 ?" in made.words().replace("0.6?", "0.6 ?")
    assert HOSTILE in made.words() and sum(tag == "script" for tag, _ in made.elements) == 1
    for record in records:
        if record["critical_mass"] is not None:
            assert f"{record['critical_mass']:,.0f}" in made.words(), record
    done = caucus("report", tmp_path / "mass.h5", "-o", "other.html", "--goal", "0.5")
    assert done.returncode == 2 and "caucus solve --target" in done.stderr


def test_bounds(caucus, page, tmp_path):
    experiment = SOURCE / "experiments/income-renters-students.yaml"
    done = caucus("bound", experiment, "--collective", "renters", "--members", SOURCE / "data/income.csv", "--config", "8",
                  "--set", "platform.consumers=60K", "--inequality", "hoeffding,kl", "--format", "json")
    (tmp_path / "bounds.json").write_text(done.stdout)
    bounds = json.loads(done.stdout)
    words = page(tmp_path / "bounds.json").words()
    assert f"With {bounds['members']:,} members a success of at least {100 * bounds['best']['bound']:.1f} % is sure" in words
    for row in bounds["bounds"]:
        assert f"{row['family']}{row['knowledge']}{row['inequality']}{row['bound']:.4f}" in words.replace(" ", "")
    assert "occupation = Homemaker" in words and f"it takes {bounds['goal']['members']:,} members" in words
    counts = tmp_path / "counts.yaml"
    counts.write_text("consumers: 20K\ntest: 5K\ndelta: 0.05\ncells: 2\nlabels: 2\ncollectives:\n"
                      "  - {strategy: feature_label, target: 1, map: [1, 1], counts: [[700, 300], [500, 500]]}\n")
    (tmp_path / "list.json").write_text(caucus("bound", counts, "--format", "json").stdout)
    rows = json.loads((tmp_path / "list.json").read_text())
    words = page(tmp_path / "list.json").words()
    assert all(f"{row['bound']:.4f}" in words for row in rows)
    done = caucus("report", counts, "-o", "other.html")
    assert done.returncode == 2 and "neither a result of caucus nor bounds" in done.stderr
    (tmp_path / "odd.json").write_text('{"bounds": [{"bound": 1}], "cells": [3], "best": 4, "goal": []}')
    done = caucus("report", tmp_path / "odd.json", "-o", "other.html")
    assert done.returncode == 2 and "neither" in done.stderr


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


def test_lines_and_panels_can_be_chosen(caucus, result, tmp_path):
    path = result()
    count = lambda *options: [caucus("plot", path, "-o", "figure.svg", "--force", *options).returncode,
                              (tmp_path / "figure.svg").read_text().count('class="line'), (tmp_path / "figure.svg").read_text().count("<g transform")]
    keys, lines = 4, 4  # of a panel: success and the first method, of two collectives
    assert count() == [0, keys + 2 * lines, 2]
    assert count("--panel", "aim=y0") == [0, keys + lines, 1]
    assert count("--series", "success") == [0, 2 + 2 * 2, 2]
    assert count("--series", "them", "--series", "budget/total/kl") == [0, 1 + 2 * 1, 2]
    for options, says in ((["--panel", "aim=y7"], "no panel with aim=y7"), (["--panel", "share=0.1"], "AXIS=VALUE of an axis that is not drawn over"),
                          (["--series", "budget/total/k"], 'did you mean "budget/total/kl"')):
        done = caucus("plot", path, "-o", "other.svg", *options)
        assert done.returncode == 2 and says in done.stderr, done.stderr


def test_limits_that_nobody_knows_are_not_promised(caucus, result, page):
    """Bounds by the population's own limits come first in the experiment, and are not what sentences tell."""
    path = result(bounds={"families": ["budget"], "knowledge": ["total"], "inequalities": ["population", "kl"]})
    assert "by budget/total/kl, chosen before looking" in page(path).words()
    assert "by budget/total/population, chosen" in page(path, "--method", "budget/total/population").words()


# ---- in a browser


@pytest.fixture
def browse(tmp_path):
    """What a browser makes of the page: its document after some script of ours has run in it."""
    browser = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if browser is None:
        pytest.skip("there is no chromium-headless-shell (Debian: chromium-headless-shell)")

    def run(*options, script="", scripts=True, width=1240):
        text = (tmp_path / "page.html").read_text()
        if not scripts:
            text = text.replace("<script>", "<template>").replace("</script>", "</template>")
        test = f"<script>addEventListener('load', () => {{ {script} }});</script>" if script else ""
        (tmp_path / "test.html").write_text(text.replace("</body>", test + "</body>"))
        done = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900", "--virtual-time-budget=1000",
                               *options, f"file://{tmp_path}/test.html"], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def told(dom, name):
    """What a script of ours left in the document."""
    import html
    return json.loads(html.unescape(re.search(f'data-{name}="([^"]*)"', dom).group(1)))


def test_it_renders_without_errors_in_any_width(result, page, browse):
    page(result())
    script = """
      const wide = [...document.querySelectorAll('body > *')].filter(e => !e.matches('.wide, script'))
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + '.' + e.className);
      const panels = [...document.querySelectorAll('.panels svg')].map(e => e.getBoundingClientRect());
      document.body.dataset.told = JSON.stringify({wide, drawn: panels.every(p => p.width > 200 && p.height > 100), n: panels.length});"""
    for width in (1240, 500):
        found = told(browse("--dump-dom", script=script, width=width), "told")
        assert found == {"wide": [], "drawn": True, "n": 3}, width


@pytest.mark.parametrize("scripts", [True, False])
def test_it_hides_sorts_and_filters(result, page, browse, scripts):
    page(result())
    dom = browse("--dump-dom", scripts=scripts, script="""
      document.querySelector('.key').click();
      [...document.querySelectorAll('#all th')].find(th => th.textContent === 'success').click();
      document.getElementById('find').value = 'them';
      document.getElementById('find').oninput();""" if scripts else "")
    tools = re.search(r'<div class="keys" data-script=""( hidden="")?>', dom)
    assert (tools.group(1) is None) == scripts  # tools that need scripts are shown with them only
    rows = re.findall(r"<tr( hidden=\"\")?>(?:(?!</tr>).)*?<td class=\"n bar\"[^>]*>([0-9.]+)", dom, re.S)
    assert len(rows) == 12
    if scripts:
        shares = [float(value) for _, value in rows]
        assert shares == sorted(shares) and 'class="series off"' in dom
        assert sum(hidden != "" for hidden, _ in rows) == 6 and "6 of 12 rows" in dom
    else:
        assert 'class="series off"' not in dom and all(hidden == "" for hidden, _ in rows)


def test_it_reads_out(caucus, result, page, browse):
    """Pointing at a panel tells the numbers of the nearest point, of what is shown."""
    path = result()
    page(path)
    dom = browse("--dump-dom", script="""
      const svg = document.querySelector('.panels svg'), dot = svg.querySelectorAll('[data-series="2"] circle')[1].getBoundingClientRect();
      document.querySelector('.key').click();
      svg.dispatchEvent(new MouseEvent('mousemove', {clientX: dot.left + 2, clientY: dot.top}));
      const tip = document.getElementById('tip');
      document.body.dataset.told = JSON.stringify({text: tip.textContent, hidden: tip.hidden});""")
    found = told(dom, "told")
    records = [r for r in json.loads(caucus("summary", path, "--format", "json").stdout)
               if r["aim"] == "y1" and r["share"] == 0.2 and r["method"].endswith("hoeffding")]
    (them,) = [r for r in records if r["collective"] == "them"]
    assert not found["hidden"] and found["text"].startswith("share 0.2\n")
    assert f"them: success {them['success_mean']:.4f}" in found["text"]
    assert f"{HOSTILE}: success" not in found["text"] and f"{HOSTILE}: promise" in found["text"]  # what is hidden is not read


def test_many_panels_can_be_chosen(result, page, browse):
    values = [f"{v / 100:g}" for v in range(5, 25)]
    made = page(result(trials=2, bounds={"families": ["budget"], "knowledge": ["total"], "inequalities": ["hoeffding"]},
                       sweep=[{"name": "theirs", "path": "collectives[1].share", "values": [float(v) for v in values]}, *EXPERIMENT["sweep"]]))
    assert "28 more panels" in made.words()
    dom = browse("--dump-dom", script="""
      const [theirs, aim] = document.querySelectorAll('.choose');
      const pick = (select, text) => { select.value = [...select.options].find(o => o.text === text).value; select.onchange(); };
      pick(theirs, '0.22'); pick(aim, 'y0');
      const shown = [...document.querySelectorAll('.panel:not(.off)')];
      document.body.dataset.told = JSON.stringify({titles: shown.map(p => p.querySelector('.head title').textContent),
        drawn: shown.every(p => p.getBoundingClientRect().width > 0)});""")
    assert told(dom, "told") == {"titles": ["theirs 0.22, aim y0"], "drawn": True}


@pytest.mark.parametrize("dark", [False, True])
def test_dark_and_light(result, page, browse, dark):
    page(result())
    dom = browse("--dump-dom", f"--blink-settings=preferredColorScheme={0 if dark else 1}", script="""
      const bright = colour => { const [r, g, b] = colour.match(/[0-9]+/g).map(Number); return (r + g + b) / 765; };
      const of = (what, property) => bright(getComputedStyle(document.querySelector(what))[property]);
      document.body.dataset.told = JSON.stringify({ground: of('body', 'backgroundColor'), text: of('body', 'color'),
        chart: of('.panels text', 'fill'), dim: of('.dim', 'color')});""")
    found = told(dom, "told")
    ground = found.pop("ground")
    assert ground < 0.2 if dark else ground > 0.9
    assert all(abs(value - ground) > 0.4 for value in found.values()), found


def test_it_prints(result, page, browse, tmp_path):
    """On paper it is light, without tools, and nothing is cut."""
    page(result())
    browse(f"--print-to-pdf={tmp_path}/page.pdf", "--no-pdf-header-footer", "--blink-settings=preferredColorScheme=0")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext") is None:
        pytest.skip("there is no pdftotext (Debian: poppler-utils)")
    words = " ".join(subprocess.run(["pdftotext", "-layout", tmp_path / "page.pdf", "-"], capture_output=True, text=True).stdout.split())
    assert "two groups" in words and "All configurations" in words and "How this was made" in words
    assert "click a heading to sort" not in words


def test_every_experiment_has_a_page(caucus, tmp_path):
    for path in sorted((SOURCE / "experiments").glob("vehicles-*.yaml"))[:3]:
        output = tmp_path / f"{path.stem}.h5"
        assert caucus("run", "-q", path, "--trials", "5", "-o", output).returncode == 0
        assert caucus("report", output, "-o", tmp_path / f"{path.stem}.html").returncode == 0
        Page((tmp_path / f"{path.stem}.html").read_text())
