"""The published planting curves of Gauthier, Bach & Jordan 2025 (data/vehicles-curves.csv), from the experiment as shipped.

Their success figures are single runs, so each must lie in the range of our trials, widened by 0.012 for the order in
which their code draws; their bounds are deterministic wherever every signal cell, or none, is certified.
"""

import csv
import math

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
