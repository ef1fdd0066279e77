"""The samplers against SciPy's exact probabilities: chi-square over all cells that expect ten draws or more.

Seeds are fixed, so a test either always passes or always fails. The limit on a p-value is 1e-6 shared among all cases:
a right sampler fails somewhere with probability under 1e-6.
"""

import itertools
import subprocess

import numpy as np
import pytest
from scipy import stats

DRAWS = 200_000

# Around every switch of algorithm: n = 1, powers below n = 64, mean 10, mirrored odds, very many consumers.
BINOMIAL = [
    (1, 1, 2), (2, 1, 1), (5, 3, 1), (63, 1, 9), (64, 1, 9), (63, 9, 1), (99, 1, 9), (101, 1, 9), (1000, 99, 9901),
    (1000, 101, 9899), (20, 1, 1), (19, 1, 1), (21, 10, 11), (10_000, 1, 1), (10_000, 999, 1), (1_000_000, 1, 99),
    (10**6, 1, 10**6), (10**9, 1, 10**8), (10**12, 1, 10**12 // 50), (10**12, 3, 7), (10**12, 12, 10**12),
]
# Around few draws or few good, half of the urn, mirrored urns, everything at once.
HYPERGEOMETRIC = [
    (5, 5, 5), (10, 90, 50), (11, 89, 50), (11, 89, 11), (11, 89, 10), (89, 11, 50), (89, 11, 95), (50, 50, 99),
    (30, 30, 30), (500, 1500, 700), (1500, 500, 1700), (1500, 500, 300), (12, 10**6, 500_000), (1000, 10**6, 1000),
    (29_214, 2_970_786, 1_000_000), (1_000_000, 2_000_000, 200_000), (10**12, 3 * 10**12, 10**9),
    (10**12, 10**12, 10**12),
]


@pytest.fixture
def sample(tool):
    def run(*arguments):
        command = [tool("draw_samples"), *map(str, arguments)]
        text = subprocess.run(command, check=True, capture_output=True, text=True)
        return np.array([line.split() for line in text.stdout.splitlines()], dtype=np.int64)

    return run


def p_value(values, counts, distribution):
    """Chi-square of a histogram; neighbouring values are pooled until each cell expects at least ten draws."""
    low, high = (int(x) for x in distribution.ppf([1e-12, 1 - 1e-12]))
    width = max(1, (high - low) // 400)
    edges = np.arange(max(low - 1, -1), high + width + 1, width)
    expected = np.diff(distribution.cdf(edges)) * DRAWS
    observed = np.histogram(values, bins=edges + 0.5, weights=counts)[0]
    assert observed.sum() == DRAWS, "a draw fell where its probability is below 1e-12"
    pooled = []
    cell = np.zeros(2)
    for pair in zip(observed, expected):
        cell += pair
        if cell[1] >= 10:
            pooled.append(cell)
            cell = np.zeros(2)
    if pooled:
        pooled[-1] = pooled[-1] + cell
    observed, expected = np.array(pooled).T
    if len(observed) < 2:
        pytest.skip("one value has all the probability")
    return stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue


LIMIT = 1e-6 / (len(BINOMIAL) + len(HYPERGEOMETRIC) + 8)


@pytest.mark.parametrize("n,left,right", BINOMIAL)
def test_binomial(sample, n, left, right):
    values, counts = sample("binomial", n, left, right, DRAWS, 11).T
    assert p_value(values, counts, stats.binom(n, left / (left + right))) > LIMIT


@pytest.mark.parametrize("good,bad,n", HYPERGEOMETRIC)
def test_hypergeometric(sample, good, bad, n):
    if good + bad > 10**9:  # SciPy's probabilities are too slow or inexact there: the normal limit, by moments
        values, counts = sample("hypergeometric", good, bad, n, DRAWS, 12).T
        total = good + bad
        variance = n * (good / total) * (bad / total) * ((total - n) / (total - 1))
        z = (values - n * good / total) / np.sqrt(variance)
        average = np.average(z, weights=counts)
        assert abs(average) < 5 / np.sqrt(DRAWS)
        assert abs(np.average(z**2, weights=counts) - 1) < 5 * np.sqrt(2 / DRAWS)
        assert abs(np.average(z**3, weights=counts)) < 5 * np.sqrt(15 / DRAWS)
        assert abs(np.average(z**4, weights=counts) - 3) < 5 * np.sqrt(96 / DRAWS)
        return
    values, counts = sample("hypergeometric", good, bad, n, DRAWS, 12).T
    assert p_value(values, counts, stats.hypergeom(good + bad, good, n)) > LIMIT


def joint_p_value(draws, pmf, n, n_classes):
    cells = [c for c in itertools.product(range(n + 1), repeat=n_classes) if sum(c) == n and pmf(c) > 0]
    expected = np.array([pmf(c) for c in cells]) * len(draws)
    index = {c: i for i, c in enumerate(cells)}
    observed = np.zeros(len(cells))
    for row in map(tuple, draws):
        observed[index[row]] += 1
    rare = expected < 10
    observed = np.append(observed[~rare], observed[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    keep = expected > 0
    return stats.chisquare(observed[keep], expected[keep] * observed.sum() / expected.sum()).pvalue


@pytest.mark.parametrize("weights", [(1, 2, 3), (5, 0, 1, 1), (1, 1, 1, 1, 1)])
def test_multinomial_as_a_whole(sample, weights):
    draws = sample("multinomial", 5, 50_000, 13, *weights)
    distribution = stats.multinomial(5, np.array(weights) / sum(weights))
    assert joint_p_value(draws, distribution.pmf, 5, len(weights)) > LIMIT


@pytest.mark.parametrize("weights", [(3, 4, 5), (5, 0, 2, 2), (2, 2, 2, 2, 2)])
def test_without_replacement_as_a_whole(sample, weights):
    draws = sample("without_replacement", 5, 50_000, 14, *weights)
    distribution = stats.multivariate_hypergeom(weights, 5)

    def pmf(cell):
        return float(distribution.pmf(cell)) if all(c <= w for c, w in zip(cell, weights)) else 0.0

    assert joint_p_value(draws, pmf, 5, len(weights)) > LIMIT
