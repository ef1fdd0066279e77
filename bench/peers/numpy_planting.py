"""vehicles-planting as one would write it well in NumPy: counts over classes instead of people, one bound.

Prints trials a second. The draws are the same as the engine's: multivariate hypergeometrics over the same classes.
"""

import csv
import math
import pathlib
import sys
import time

import numpy as np

SOURCE = pathlib.Path(__file__).resolve().parents[2]
N, N_TEST, DELTA = 1_000_000, 100_000, 0.05
LABELS = ["Average", "Excellent", "Good", "Poor"]


def classes():
    """Counts by country for people outside the signal set, and by country and label for those in it."""
    outside = np.zeros(5, np.int64)
    inside = np.zeros((5, 4), np.int64)
    with open(SOURCE / "data/vehicles-classes.csv", newline="") as file:
        for row in csv.DictReader(file):
            country = int(row["country"][1:]) - 1
            if row["profile"] == "signal":
                inside[country, LABELS.index(row["evaluation"])] += int(row["count"])
            else:
                outside[country] += int(row["count"])
    return np.concatenate([outside, inside.ravel()])


def radius(k, events):
    return math.sqrt(math.log(events / DELTA) / (2 * k))


def trial(rng, population, size, target):
    members = rng.multivariate_hypergeometric(population, size, method="marginals")
    others = rng.multivariate_hypergeometric(population - members, N - size, method="marginals")
    left = population - members - others
    landing = members[:5] + members[5:].reshape(5, 4).sum(axis=1)
    seen = others[5:].reshape(5, 4).copy()
    seen[:, target] += landing
    rivals = np.delete(seen, target, axis=1).max(axis=1)
    countries = left[:5] + left[5:].reshape(5, 4).sum(axis=1)
    test = rng.multivariate_hypergeometric(countries, N_TEST, method="marginals")
    success = test[seen[:, target] > rivals].sum()
    base = members[5:].reshape(5, 4) / size
    own_radius, rest_radius = radius(size, 52), radius(N - size, 52)
    own = landing / size - 2 * own_radius
    gap = base[:, [target]] - np.delete(base, target, axis=1) - 2 * (own_radius + rest_radius)
    margin = size / N * own + (N - size) / N * gap.min(axis=1)
    bound = landing[margin > 0].sum() / size - own_radius - radius(N_TEST, 52)
    return success, bound


def main():
    population = classes()
    rng = np.random.Generator(np.random.Philox(1))
    sizes = [1000, 21000, 41000, 61000, 81000, 101000, 121000, 141000, 161000, 181000, 200000, 300000, 400000, 500000]
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    start = time.perf_counter()
    n = 0
    for target in range(4):
        for size in sizes:
            for _ in range(repeats):
                trial(rng, population, size, target)
                n += 1
    print(f"{n / (time.perf_counter() - start):.1f}")


if __name__ == "__main__":
    main()
