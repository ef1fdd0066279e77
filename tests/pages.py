"""Pages that caucus report makes, for tests: an experiment, its result, its page as text and elements, a browser."""

import html
import html.parser
import json
import re
import shutil
import subprocess

import pytest

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
    return json.loads(html.unescape(re.search(f'data-{name}="([^"]*)"', dom).group(1)))
