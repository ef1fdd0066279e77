"""The published planting curves of Gauthier, Bach & Jordan 2025 (data/vehicles-curves.json), from the experiment as shipped.

Their success figures are single runs, so each must lie in the range of our trials, widened by 0.012 for the order in
which their code draws; their bounds are deterministic wherever every signal cell, or none, is certified.
"""

import json
import math

import h5py
import numpy as np
import pytest

LABELS = {"E": "Excellent", "G": "Good", "A": "Average", "P": "Poor"}


@pytest.fixture(scope="module")
def curves(source):
    return json.loads((source / "data/vehicles-curves.json").read_text())["signal-planting"]


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


def configs(result, size, letter):
    return np.flatnonzero((result["sizes"] == size) & (result["target"] == LABELS[letter]))


@pytest.mark.parametrize("letter", LABELS)
def test_success(result, curves, letter):
    series = curves["series"]["S" + letter]["values"]
    for size, published in zip(curves["n_values"], series):
        (config,) = configs(result, size, letter)
        trials = result["success"][config]
        assert trials.min() - 0.012 <= published <= trials.max() + 0.012, (size, published)


@pytest.mark.parametrize("letter", LABELS)
def test_bounds(result, curves, letter):
    series = curves["series"]["lbs" + letter]["values"]
    N_test, events = curves["Ntest"], 2 + 2 * 5 + 2 * 5 * 4  # five signal cells, four labels
    log = math.log(events / curves["delta"])
    n_exact = 0
    for size, published in zip(curves["n_values"], series):
        (config,) = configs(result, size, letter)
        bounds = result["bound"][config][:, result["method"].index("staircase/total/hoeffding")]
        loss = math.sqrt(log / (2 * size)) + math.sqrt(log / (2 * N_test))
        if min(abs(published + loss), abs(published - 1 + loss)) < 1e-9:
            n_exact += 1
            assert np.median(bounds) == pytest.approx(published, abs=1e-6), size
        else:
            assert bounds.min() - 0.012 <= published <= bounds.max() + 0.012, (size, published)
    assert n_exact >= 10
