"""Pages about critical masses and about bounds."""

import json
import re
import shlex

from conftest import SOURCE
from pages import EXPERIMENT, HOSTILE, page  # noqa: F401 fixtures


def test_critical_masses(caucus, page, tmp_path):
    path = tmp_path / "experiment.yaml"
    path.write_text(json.dumps({**EXPERIMENT, "sweep": EXPERIMENT["sweep"][:1]}))
    assert caucus("solve", "-q", path, "-o", tmp_path / "mass.h5", "--target", "0.6").returncode == 0
    records = json.loads(caucus("solve", path, "-o", tmp_path / "other.h5", "--target", "0.6", "--format", "json").stdout)
    made = page(tmp_path / "mass.h5")
    assert "critical mass" in made.words() and "reaches 0.6 ?" in made.words().replace("0.6?", "0.6 ?")
    assert HOSTILE in made.words() and sum(tag == "script" for tag, _ in made.elements) == 1
    command = re.search(r"caucus solve EXPERIMENT.yaml .*? -o \S+", made.words())[0]
    assert shlex.split(command)[2:-2] == ["EXPERIMENT.yaml", "--seed", "1", "--trials", "40", "--collective", HOSTILE,
                                          "--target", "0.6", "--statistic", "mean", "--confidence", "0.95"]
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
