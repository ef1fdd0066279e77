"""The published planting curves of Gauthier, Bach & Jordan 2025 (data/vehicles-curves.csv), from the experiment as shipped.

Their success figures are single runs, so each must lie in the range of our trials, widened by 0.012 for the order in
which their code draws; their bounds are deterministic wherever every signal cell, or none, is certified.
"""

import csv
import math
import re

import h5py
import numpy as np
import pytest

TARGETS = ("Excellent", "Good", "Average", "Poor")
N_TEST, DELTA = 100_000, 0.05


@pytest.fixture(scope="module")
def curves(source):
    with open(source / "data/vehicles-curves.csv") as file:
        return [(row["target"], int(row["n_members"]), float(row["success"]), float(row["promise"])) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def result(source, caucus_once):
    path = caucus_once("run", source / "experiments/vehicles-planting.yaml", "--trials", 300)
    with h5py.File(path, "r") as file:
        yield {
            "sizes": file["size"][:, 0],
            "target": file["target"].asstr()[:],
            "success": file["success_count"][:, :, 0] / file["test"][:][:, None],
            "bound": file["lower_bound"][:, :, 0, :],
            "method": list(file["method"].asstr()[:]),
        }


def config_of(result, target, size):
    (config,) = np.flatnonzero((result["sizes"] == size) & (result["target"] == target))
    return config


def test_all_curves_are_there(curves):
    assert [target for target, *_ in curves] == [target for target in TARGETS for _ in range(14)]


@pytest.mark.parametrize("target", TARGETS)
def test_success(result, curves, target):
    for _, size, published, _ in (row for row in curves if row[0] == target):
        trials = result["success"][config_of(result, target, size)]
        assert trials.min() - 0.012 <= published <= trials.max() + 0.012, (size, published)


@pytest.mark.parametrize("target", TARGETS)
def test_bounds(result, curves, target):
    events = 2 + 2 * 5 + 2 * 5 * 4  # five signal cells, four labels
    log = math.log(events / DELTA)
    n_exact = 0
    for _, size, _, published in (row for row in curves if row[0] == target):
        config = config_of(result, target, size)
        bounds = result["bound"][config][:, result["method"].index("staircase/total/hoeffding")]
        loss = math.sqrt(log / (2 * size)) + math.sqrt(log / (2 * N_TEST))
        if min(abs(published + loss), abs(published - 1 + loss)) < 1e-9:
            n_exact += 1
            assert np.median(bounds) == pytest.approx(published, abs=1e-6), size
        else:
            assert bounds.min() - 0.012 <= published <= bounds.max() + 0.012, (size, published)
    assert n_exact >= 10


@pytest.fixture(scope="module")
def masses(source, caucus_once):
    with h5py.File(caucus_once("solve", source / "experiments/vehicles-critical-mass.yaml"), "r") as file:
        yield {(target, quantity): mass for target, row in zip(file["target"].asstr()[:], file["critical_mass"][:])
               for quantity, mass in zip(file["quantity"].asstr()[:], row)}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("quantity, column", [("success", 2), ("staircase/total/hoeffding", 3)])
def test_critical_masses_lie_where_the_curves_rise(masses, curves, target, quantity, column):
    """Between the last published size that misses 0.9 and the first that reaches it."""
    mine = [row for row in curves if row[0] == target]
    reached = min(row[1] for row in mine if row[column] >= 0.9)
    missed = max((row[1] for row in mine if row[column] < 0.9), default=0)
    assert missed < masses[target, quantity] <= reached


def test_platform_sizes_go_through_the_curves(source, caucus, caucus_once, tmp_path):
    """On the platform of a million, at the shares that both have."""
    path = caucus_once("run", source / "experiments/vehicles-platform-size.yaml", "--trials", 100)
    done = caucus("report", path, "-o", "page.html", "--overlay", source / "data/vehicles-curves.csv")
    assert done.returncode == 0, done.stderr
    text = re.sub("<[^>]*>", "", (tmp_path / "page.html").read_text())
    compared, largest, within = re.search(r"Published success.*56 points, (\d+) of them.*by at most ([\d.]+), and (\d+) lie", text).groups()
    assert int(compared) == 44 and float(largest) < 0.005 and int(within) >= 40


def test_first_theorem_on_planting(source, caucus_once):
    """Hardt et al. 2023: success of at least 1 - (1 - a) / a * uniqueness * gap for a share a; the critical mass is in
    proportion to the uniqueness."""
    with h5py.File(caucus_once("run", source / "experiments/signal-uniqueness.yaml", "--trials", 50), "r") as file:
        success = file["summary/success_mean"][:, 0]
        uniqueness, share = file["uniqueness"][:], file["share"][:]
        cells = file["summary/bound_mean"][:, 0, 0]
    gap = 0.5
    theorem = 1 - (1 - share) / share * uniqueness * gap
    assert (success >= theorem).all() and (success >= cells).all()
    assert (cells >= theorem - 1e-9).all()  # cell by cell it promises more
    critical = [share[(uniqueness == u) & (success >= 0.9)].min() / u for u in (0.001, 0.01, 0.1)]
    assert critical == pytest.approx([1, 1, 1])


def test_noise_sinks_collectives(source, caucus_once):
    """Karan et al. 2025: a larger collective that is badly coordinated may do worse than a smaller one that is well."""
    with h5py.File(caucus_once("run", source / "experiments/coordination-noise.yaml", "--trials", 50), "r") as file:
        success = dict(zip(zip(file["miss"][:], file["compliance"][:], file["members"][:]), file["summary/success_mean"][:, 0]))
        violations = file["summary/violation_low"][:]
    assert success[0, 1, 61_000] > 0.99 > 0.8 > success[0, 0.25, 201_000]
    assert success[0.5, 1, 61_000] < 0.8 < success[0, 1, 61_000]
    assert np.nanmax(violations) <= 0.05  # members who know their noise promise what comes true
