"""Groups that are drawn by rest in two links: their distribution, and how many attempts a link may need.

Seeds are fixed, so a test either always passes or always fails; right draws fail somewhere with probability under 1e-6.
"""

import subprocess

import numpy as np
import pytest
from scipy import stats

DRAWS = 10_000
LIMIT = 1e-6 / 200

# Weights of classes (the small ones first) and a size for which two links are cheaper than one.
GROUPS = [([1] * 40 + [30, 40, 60, 100, 120], 700),
          ([3, 1, 2, 5, 4] * 12 + [400, 300, 500, 100, 700, 900], 40_000),
          ([1] * 60 + [200, 200, 200], 3_000_000)]


@pytest.fixture(scope="module")
def run(tool):
    def run(*arguments):
        command = [tool("draw_samples"), *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()

    return run


def p_value(sums, distribution):
    """Chi-square against a distribution; neighbouring values are pooled until each cell expects at least ten draws."""
    low, high = (int(x) for x in distribution.ppf([1e-12, 1 - 1e-12]))
    assert low <= sums.min() and sums.max() <= high, "a draw fell where its probability is below 1e-12"
    edges = np.unique(np.linspace(low - 1, high, 300).astype(np.int64))
    expected = np.diff(distribution.cdf(edges)) * len(sums)
    observed = np.histogram(sums, bins=edges + 0.5)[0].astype(float)
    cells = np.minimum(np.cumsum(expected) // 10, expected.sum() // 10 - 1).astype(int)
    expected, observed = np.bincount(cells, expected), np.bincount(cells, observed)
    keep = expected > 0
    return stats.chisquare(observed[keep], expected[keep] * observed.sum() / expected.sum()).pvalue


def check_multinomial(counts, size, shares):
    """The classes one by one, and sums over many sets of them, which covariances enter: binomial all of them."""
    n = len(shares)
    assert (counts.sum(axis=1) == size).all()
    chosen = np.random.default_rng(5)
    sets = [*np.eye(n, dtype=bool), *(np.tril(np.ones((n, n), bool))[:-1]), *(chosen.random((20, n)) < 0.5)]
    tested = 0
    for of in sets:
        if size * shares[of].sum() > 1 and size * shares[~of].sum() > 1:
            assert p_value(counts[:, of].sum(axis=1), stats.binom(size, shares[of].sum())) > LIMIT / len(sets)
            tested += 1
    assert tested > n


@pytest.mark.parametrize("people,size", GROUPS, ids=["few", "many", "large"])
def test_two_links(run, people, size):
    links = [int(line) for line in run("links", size, *people)]
    assert len(links) == 3, "the group is drawn by one link only"
    lines = run("group", DRAWS, 31, 2, 0, 0, size, *people)
    check_multinomial(np.array([line.split() for line in lines], dtype=np.int64), size, np.array(people) / sum(people))


@pytest.mark.parametrize("total", [600, 525])
def test_attempts_beyond_a_turn(run, total):
    """A second link for far fewer people than it expects draws what it must, however many attempts that takes: more
    than the 2^13 that a turn of the counter counts."""
    people, size = GROUPS[0]
    first = int(run("links", size, *people)[1])
    expected = size * sum(people[first:]) / sum(people)
    lines = run("second", 500, 32, total, size, *people)
    attempts, *counts = np.array([line.split() for line in lines], dtype=np.int64).T
    assert total < expected
    if total < 550:
        assert (attempts > 2**13).mean() > 0.2 and attempts.max() > 2**14
    shares = np.array(people[first:]) / sum(people[first:])
    check_multinomial(np.array(counts).T[:, first:], total, shares)


def log2_of_more(size, population, share, last, attempts):
    """log2 of the probability that the second link makes more attempts than so many. The first leaves it m people; an
    attempt stands where its classes and its rest, drawn independently, have m people together, and with the probability
    of the rest's number of people, relative to the largest."""
    if population is None:
        left, together, rest = stats.binom(size, share), stats.poisson(size * share), stats.poisson(size * last)
    else:
        who = round(population * share)
        left = stats.hypergeom(population, who, size)
        together = stats.binom(who, size / population)
        rest = stats.binom(round(population * last), size / population)
    m = np.arange(max(0, left.mean() - 40 * left.std() - 60), min(size, left.mean() + 40 * left.std() + 60) + 1)
    stands = np.exp(together.logpmf(m)) / rest.pmf(np.floor(rest.mean()))
    terms = left.logpmf(m) - attempts * stands
    return np.logaddexp.reduce(terms[np.isfinite(terms)]) / np.log(2)


@pytest.mark.parametrize("size", [466, 700, 2_000, 20_000])
def test_attempts_are_enough(size):
    """At the limits of src/compile/group_plan.c the attempts that the counter holds are used up in fewer than one of 2^64
    trials: 2^32, or 2^27 where a class is so large that it makes tries of its own. 2^20 are enough, but where nearly
    everybody is drawn, for which 2^22 are."""
    share, last = 0.86, 0.86 / 16
    for population in (None, size + 466, size + 2_000, 2 * size, 50 * size):
        assert log2_of_more(size, population, share, last, 2**20) < -64, population
    for population in (size + 25, size + 50, size + 100):
        assert log2_of_more(size, population, share, last, 2**22) < -64, population
