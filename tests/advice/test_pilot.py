"""A pilot that decides how delta is shared: the bound against plain arithmetic with SciPy's distributions, what it is worth,
that it holds, and what is refused."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest
from conftest import PROGRAM, SOURCE
from scipy.optimize import brentq
from scipy.stats import hypergeom, norm

sys.path.insert(0, str(SOURCE / "bench"))
import evidence
import evidence_problems as problems


# ---- the reference: docs/bounds.md, "A pilot", in words of one syllable ----------------------------------------------

def most_marked(c, k, rest, d):
    """U_d: the largest y <= rest with P(H(k + rest, c + y, k) <= c) > d."""
    return max(y for y in range(rest + 1) if c >= k or hypergeom.cdf(c, k + rest, c + y, k) > d)


def least_marked(c, k, rest, d):
    return rest - most_marked(k - c, k, rest, d)


def most_lead(a, b, k, rest, d):
    """V_d(a, b), by looking at every pair of counts among the rest."""
    total = k + rest
    either = most_marked(a + b, k, rest, 0.1 * d)
    best = -either
    for y_a in range(either + 1):
        for y_b in range(either - y_a, -1, -1):
            if y_b - y_a <= best:
                break
            i = np.arange(0, min(k, a + y_a) + 1)
            p = (hypergeom.pmf(i, total, a + y_a, k) * hypergeom.cdf(b - a + i, total - a - y_a, b + y_b, k - i)).sum()
            if p > 0.9 * d:
                best = y_b - y_a
                break
    return best


def factor(z, share):
    return brentq(lambda f: norm.sf(f * z).sum() - share, -100, 1000, xtol=1e-14)


def pilot_levels(z, share):
    """z: [cell][pair]; levels alike, and the order of cells."""
    live = list(range(len(z)))
    while len(live) > 1 and factor(z[live].ravel(), share) > 1:
        live.remove(min(live, key=lambda x: z[x].min()))
    of_live = np.zeros_like(z)
    of_live[live] = norm.sf(factor(z[live].ravel(), share) * z[live])
    of_all = norm.sf(factor(z.ravel(), share) * z)
    return (of_live + of_all + share / z.size) / 3, sorted(range(len(z)), key=lambda x: -z[x].min())


def bought(items, budget):
    """Relaxed knapsack over (mass, cost)."""
    lost = 0.0
    for mass, cost in sorted(items, key=lambda item: -item[0] / item[1]):
        part = min(1.0, budget / cost)
        lost += part * mass
        budget -= part * cost
    return lost


def reference(document):
    """Bounds of the first of one or two planters at total, labels and strategies."""
    me, *others = document["collectives"]
    counts, pilot = np.array(me["counts"]), np.array(me["pilot_counts"])
    N, n_test, L, delta = document["consumers"], document["test"], document["labels"], document["delta"]
    n_m, n_p, n_0 = counts.sum(), pilot.sum(), N - sum(np.sum(c["counts"]) for c in document["collectives"])
    n_r, target = n_m - n_p, me["target"]
    signal = sorted(set(me["map"]))
    rivals = [b for b in range(L) if b != target]
    mass = np.array([sum(counts[x].sum() for x in range(len(counts)) if me["map"][x] == s) for s in signal])
    pilot_mass = np.array([sum(pilot[x].sum() for x in range(len(counts)) if me["map"][x] == s) for s in signal])
    proving = counts - pilot
    reach = [[set(c["map"]) >= {s} for s in signal] for c in others]
    base = len(signal) * len(rivals)
    events = base + (base + sum(map(sum, reach)) if others else 0)
    each, share = 0.94 * delta / events, 0.94 * delta * base / events
    a = (pilot[signal, target] + 0.5) / n_p
    b = (pilot[np.ix_(signal, rivals)] + 0.5) / n_p
    lead = (n_m * pilot_mass / (n_p * n_0))[:, None] - (b - a[:, None])
    z = np.maximum(0.3, lead / np.sqrt((a[:, None] + b) * (1 / n_r + 1 / n_0)))
    levels, order = pilot_levels(z, share)
    rest = np.array([[-most_lead(proving[s, target], proving[s, c], n_r, n_0, levels[i, p])
                      for p, c in enumerate(rivals)] for i, s in enumerate(signal)])
    slack = document["epsilon"] / (1 - document["epsilon"]) * N

    def threat(level, x, c):
        if not others:
            return 0
        other, n_j = others[0], int(np.sum(others[0]["counts"]))
        if level == "labels":
            return -n_j if c == other["target"] else 0
        moved = sum(proving[y].sum() for y in range(len(counts)) if other["map"][y] == signal[x])
        low = least_marked(moved, n_r, n_j, each) if reach[0][x] and other["target"] == target else 0
        high = most_marked(moved, n_r, n_j, each) if reach[0][x] and other["target"] == c else 0
        return max(-n_j if reach[0][x] and other["target"] == c else 0, low - high)

    found, most, nested = {}, 0, 0
    for level in ("total", "labels", "strategies"):
        n_j = int(np.sum(others[0]["counts"])) if others else 0
        for spared in ([True] if level == "total" else [False, True]):
            budget = slack + (n_j if spared else 0)
            G = np.array([min(mass[i] + rest[i, p] + (0 if spared else threat(level, i, c)) for p, c in enumerate(rivals))
                          for i in range(len(signal))])
            kept = mass[G > 0].sum() - bought([(mass[i], G[i]) for i in range(len(signal)) if 0 < G[i] <= budget and mass[i]],
                                              budget)
            most, first = max(most, kept), 0
            while first < len(order) and G[order[first]] > budget:
                first += 1
            nested = max(nested, sum(mass[i] - pilot_mass[i] for i in order[:first]))
        k = len(signal)
        found[level] = max(least_marked(int(most + 1e-9), n_m, n_test, 0.03 * delta / 2**k),
                           least_marked(nested, n_r, n_test, 0.03 * delta / k)) / n_test
    return found


# Two signal cells of four, three labels: the first is safe, the second near its edge.
ALONE = {"consumers": 260, "test": 60, "delta": 0.3, "epsilon": 0.02, "cells": 4, "labels": 3, "collectives": [
    {"strategy": "feature_label", "target": 0, "map": [0, 0, 2, 2],
     "counts": [[3, 2, 1], [30, 20, 20], [4, 6, 3], [10, 8, 3]],
     "pilot_counts": [[1, 1, 0], [6, 4, 4], [1, 2, 0], [2, 2, 1]]}]}
RIVAL = {"strategy": "feature_label", "target": 1, "map": [0, 1, 2, 2], "counts": [[1, 0, 0], [2, 3, 0], [1, 1, 1], [0, 0, 1]]}
PARTNER = {**RIVAL, "target": 0}


def bound(document, *options):
    command = [PROGRAM, "bound", "-", "--format", "json", "--family", "budget", "--inequality", "hypergeometric_joint"]
    return subprocess.run([*command, *options], input=json.dumps(document), capture_output=True, text=True)


def values(document):
    done = bound(document)
    assert done.returncode == 0, done.stderr
    return {row["knowledge"]: row["bound"] for row in json.loads(done.stdout) if row["collective"] == 0}


@pytest.mark.parametrize("others, delta", [([], 0.3), ([RIVAL], 0.05), ([RIVAL], 0.9), ([PARTNER], 0.3)],
                         ids=["alone", "a rival", "a rival at 0.9", "a partner"])
def test_bound_is_what_plain_arithmetic_makes_of_it(others, delta):
    document = {**ALONE, "delta": delta, "collectives": ALONE["collectives"] + others}
    got, expected = values(document), reference(document)
    assert max(expected.values()) > 0
    for level, value in expected.items():
        assert got[level] == pytest.approx(value, abs=1e-9), level


def test_pilot_saves_planters_on_vehicles():
    """A pilot of 2 % guarantees nine in ten from 58,443 planters on, where 59,950 are needed without it."""
    import distances

    vehicles = distances.Vehicles()
    assert vehicles.bounds(58443, "budget", "hypergeometric_joint", pilot=0.02)[0] >= 0.9
    assert vehicles.bounds(58442, "budget", "hypergeometric_joint", pilot=0.02)[0] < 0.9
    assert vehicles.bounds(59949, "budget", "hypergeometric_joint")[0] < 0.9


# ---- in trials -------------------------------------------------------------------------------------------------------

METHODS = """families: [budget]
  knowledge: [total, labels, strategies, aggregate, full]
  inequalities: [hypergeometric_joint]"""
STRATEGIES = ("feature_label", "feature_only", "feature_only_keep", "unplant_adaptive")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("table") / "table.csv"
    path.write_text(problems.SMALL_TABLE)
    return path


def experiment(strategy, table, pilot, delta=0.5, draw="iid", sizes=(250, 500, 1000)):
    return problems.small(strategy, table, delta, draw, METHODS, f", pilot: {pilot}" if pilot else "", sizes)


@pytest.mark.parametrize("draw", ["iid", "without_replacement"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_bound_holds(strategy, draw, table, tmp_path):
    measured, trials = evidence.measure(evidence.run(experiment(strategy, table, 40, draw=draw), tmp_path, 400, 3, PROGRAM))
    useful = 0
    for (of, method), (broken, says) in measured.items():
        low, _ = evidence.clopper_pearson(broken.max(), trials, 1 - 1e-6)
        assert low <= 0.5, (of, method)
        useful = max(useful, says.max())
    assert useful > trials / 2


def read(path, name):
    with h5py.File(path, "r") as file:
        return file[name][:]


def test_pilot_changes_bounds_alone(table, tmp_path):
    """Who is in the pilot acts like everybody else: the same people are drawn, and success is the same."""
    without = evidence.run(experiment("feature_label", table, 0), tmp_path, 200, 3, PROGRAM)
    before = {name: read(without, name) for name in ("success_count", "lower_bound")}
    with_one = evidence.run(experiment("feature_label", table, 40), tmp_path, 200, 3, PROGRAM)
    assert (read(with_one, "success_count") == before["success_count"]).all()
    of_self = np.s_[:, :, 0, :]
    assert (read(with_one, "lower_bound")[of_self] != before["lower_bound"][of_self]).any()
    assert (read(with_one, "lower_bound")[:, :, 1, :] == before["lower_bound"][:, :, 1, :]).all()


def test_more_knowledge_never_hurts(table, tmp_path):
    bounds = read(evidence.run(experiment("feature_only", table, 40), tmp_path, 300, 3, PROGRAM), "lower_bound")[:, :, 0, :]
    assert (np.diff(bounds, axis=2) >= 0).all()
    assert (np.diff(bounds, axis=2) > 0).any()


def test_persons_and_counts_have_the_same_law(table, tmp_path):
    text = experiment("feature_label", table, 40, sizes=(350,))
    by_counts = read(evidence.run(text, tmp_path, 1000, 3, PROGRAM), "lower_bound")[0, :, 0, :].astype(float)
    persons = text.replace("draw: iid", "draw: iid, by: individuals")
    by_person = read(evidence.run(persons, tmp_path, 1000, 4, PROGRAM), "lower_bound")[0, :, 0, :].astype(float)
    error = np.sqrt((by_counts.var(axis=0) + by_person.var(axis=0)) / 1000)
    assert (np.abs(by_counts.mean(axis=0) - by_person.mean(axis=0)) <= 5 * error + 1e-9).all()
    assert (error > 0).any()


def test_threads_and_blocks_change_nothing(table, tmp_path):
    results = []
    for number, options in enumerate((["--threads", "1"], ["--threads", "2", "--memory", "64M"])):
        file, out = tmp_path / "pilot.yaml", tmp_path / f"{number}.h5"
        file.write_text(experiment("feature_label", table, 40))
        done = subprocess.run([PROGRAM, "run", file, "-o", out, "--trials", "65", "--quiet", *options], capture_output=True,
                              text=True)
        assert done.returncode == 0, done.stderr
        results.append(read(out, "lower_bound"))
    assert np.array_equal(results[0], results[1], equal_nan=True)


# ---- bad input -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("change, words", [
    (("pilot: 40", "pilot: 250"), ["pilot.yaml:6", "a pilot of 250 leaves nobody of 100 members", "leave members"]),
    (("pilot: 40", "pilot: 0"), ["pilot.yaml:6", "pilot"]),
    (("pilot: 40", "pilot: few"), ["pilot.yaml:6", "pilot", "few"]),
    (("[hypergeometric_joint]", "[kl]"), ["pilot.yaml:6", "hypergeometric_joint only", "add hypergeometric_joint"]),
    (("strategy: feature_label, target: a", "strategy: erase"), ["pilot.yaml:6", "no bound of erase"]),
    (("strategy: feature_label, target: a", "strategy: unplant_naive, target: a"), ["pilot.yaml:6", "unplant_naive"]),
])
def test_experiment_refuses(change, words, table, tmp_path):
    file = tmp_path / "pilot.yaml"
    file.write_text(experiment("feature_label", table, 40, sizes=(250,)).replace(*change))
    done = subprocess.run([PROGRAM, "check", file], capture_output=True, text=True)
    assert done.returncode == 2
    assert all(word in done.stderr for word in words), done.stderr


def test_pilot_of_all_but_the_estimators_is_refused(table, tmp_path):
    file = tmp_path / "pilot.yaml"
    file.write_text(experiment("unplant_adaptive", table, 230, sizes=(250,)))
    done = subprocess.run([PROGRAM, "check", file], capture_output=True, text=True)
    assert done.returncode == 2 and "a pilot of 230 leaves nobody of 80 members" in done.stderr


@pytest.mark.parametrize("change, words", [
    ({"pilot_counts": [[3, 2, 1], [30, 20, 20], [4, 6, 3], [10, 8, 3]]}, ["collectives[0]", "pilot_counts", "some left over"]),
    ({"pilot_counts": [[0, 0, 0]] * 4}, ["pilot_counts", "add up to 0 of 110"]),
    ({"pilot_counts": [[4, 0, 0]] + [[0, 0, 0]] * 3}, ["pilot_counts[0][0]", "is 4, but counts has only 3"]),
    ({"strategy": "unplant_naive"}, ["pilot_counts", "no bound of unplant_naive"]),
    ({"pilot_counts": [[1]]}, ["pilot_counts"]),
])
def test_document_refuses(change, words):
    done = bound({**ALONE, "collectives": [{**ALONE["collectives"][0], **change}]})
    assert done.returncode == 2
    assert all(word in done.stderr for word in words), done.stderr
