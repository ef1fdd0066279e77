"""Cells and the members who count: which cells there are is said by the population, and whose mass is taken by the proof."""

import json

import h5py
import numpy as np
import pytest

PARTS = 300  # times 400 kinds: the signal cells


def test_mass_leaves_estimators_out(caucus, tmp_path):
    """120,000 signal cells, one estimator with the winning label expected on each: certified are those that have one, so that
    they hold more of all members than of the test points. A staircase over the members who are no estimators holds; one
    over all would be above the success, by more than the distance that is left here.

    At each cell the target has 1200 of the rest and w 960; 1000 members make w win, a never. A giant collective that does no
    harm shares its data, so that this is known but for what the rest happens to hand in."""
    k, own, giant = 400 * PARTS, 1000, 10**13
    estimators = k * 9 // 4
    rows = ["signal,kind,part,label,count", "elsewhere,0,0,a,0"]
    for cell in range(k):
        rows += [f"yes,{cell // PARTS},{cell % PARTS},{label}" for label in ("t,5", "w,4")]
    (tmp_path / "people.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "e.yaml").write_text(f"""
seed: 2
trials: 3
population: {{file: people.csv, label: label, features: [signal, kind, part], weight: count}}
platform: {{consumers: {giant + k * (own + 2160)}, test: 1G}}
collectives:
  - {{name: self, size: {k * own}, strategy: unplant_adaptive, estimators: {estimators}, set: {{signal: yes}}, target: t}}
  - {{name: giant, size: {giant}, strategy: feature_label, set: {{signal: elsewhere}}, target: a}}
bounds: {{delta: 0.5, families: staircase, knowledge: full, inequalities: clopper_pearson}}
output: {{accuracy: false}}
""")
    done = caucus("run", tmp_path / "e.yaml", "-o", tmp_path / "o.h5")
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "o.h5") as file:
        success = file["success_count"][0, :, 0] / 1e9
        bound = file["lower_bound"][0, :, 0, 0].astype(float)
    assert success == pytest.approx(1 - np.exp(-1), abs=0.01)
    # Of the estimators, those with w at certified cells, and the others there by chance, less the cells' share of all.
    certified = 1 - np.exp(-1)
    excess = estimators / (k * own) * ((1 + 1.25 * certified) / 2.25 - certified)
    assert (bound < success).all()
    assert (success - bound < excess).all(), (success - bound, excess)


def test_cells_are_counted_alike(caucus, tmp_path):
    """k, which divides delta, is the same in an experiment, in a counts document, and for members with their own data,
    whether or not anybody was drawn at a cell: here the third signal cell has one person in a million."""
    people = [("no", "g0", "u", 400000), ("no", "g0", "v", 100000), ("no", "g1", "u", 299999), ("no", "g1", "v", 200000),
              ("no", "g2", "u", 1)]
    (tmp_path / "people.csv").write_text(
        "signal,group,label,count\n" + "".join(",".join(map(str, row)) + "\n" for row in [*people, ("yes", "g0", "u", 0)]))
    (tmp_path / "e.yaml").write_text("""
seed: 1
trials: 1
population: {file: people.csv, label: label, features: [signal, group], weight: count}
platform: {consumers: 1000, test: 100}
collectives: [{name: self, size: 400, strategy: feature_label, set: {signal: yes}, target: v}]
bounds: {delta: 0.05, families: [staircase, budget], knowledge: total, inequalities: [kl, hypergeometric]}
output: {accuracy: false}
""")
    # Nobody has the signal, so that all that is uncertain is how many members map to a cell: 400 to the three, of which
    # two are safe and the third has nobody, whatever was drawn.
    members = [("no", "g0", "u")] * 160 + [("no", "g0", "v")] * 40 + [("no", "g1", "u")] * 120 + [("no", "g1", "v")] * 80
    (tmp_path / "members.csv").write_text("signal,group,label\n" + "".join(",".join(row) + "\n" for row in members))
    done = caucus("bound", tmp_path / "e.yaml", "--collective", "self", "--members", tmp_path / "members.csv", "--format", "json")
    assert done.returncode == 0, done.stderr
    of_members = {(r["family"], r["inequality"]): r["bound"] for r in json.loads(done.stdout)["bounds"]
                  if r["inequality"] in ("kl", "hypergeometric")}

    cells = {"no g0": 0, "no g1": 1, "no g2": 2, "yes g0": 3, "yes g1": 4, "yes g2": 5}
    counts = [[160, 40], [120, 80], [0, 0], [0, 0], [0, 0], [0, 0]]
    document = {"consumers": 1000, "test": 100, "delta": 0.05, "epsilon": 0.0, "slack": "contamination", "cells": len(cells),
                "labels": 2, "collectives": [{"strategy": "feature_label", "target": 1, "map": [3, 4, 5, 3, 4, 5],
                                              "counts": counts}]}

    def of_document(**changes):
        (tmp_path / "counts.json").write_text(json.dumps({**document, **changes}))
        done = caucus("bound", tmp_path / "counts.json", "--format", "json")
        assert done.returncode == 0, done.stderr
        return {(r["family"], r["inequality"]): r["bound"] for r in json.loads(done.stdout)
                if r["inequality"] in ("kl", "hypergeometric") and r["knowledge"] == "total"}

    assert of_members == pytest.approx(of_document(raw_cells=[0, 1, 2, 3]), abs=1e-12)
    assert of_members != pytest.approx(of_document(raw_cells=[0, 1, 3]), abs=1e-6)  # two cells: another level

    done = caucus("run", tmp_path / "e.yaml", "-o", tmp_path / "o.h5")
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "o.h5") as file:
        methods = [name.split("/") for name in file["method"].asstr()]
        in_trials = {(family, inequality): file["lower_bound"][0, 0, 0, i] for i, (family, _, inequality) in enumerate(methods)}
    # With all members at safe cells the bound is a function of k alone: the draw of the trial does not enter.
    assert in_trials == pytest.approx(of_members, abs=1e-6)
