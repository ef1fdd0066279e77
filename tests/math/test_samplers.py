"""The tables of draws against SciPy's exact probabilities, and draws against what they are drawn from.

Seeds are fixed, so a test either always passes or always fails. The limit on a p-value is 1e-6 shared among all cases
that draw: right ones fail somewhere with probability under 1e-6.
"""

import itertools
import subprocess

import numpy as np
import pytest
from scipy import stats

DRAWS = 50_000

POISSON = ["1e-9", "0.01", "0.5", "1", "2.75", "15.999", "16", "100.5", "3000", "18606", "65500", "260000"]
BINOMIAL = [(1, 0.5), (2, 0.25), (15, 0.5), (64, 0.9), (240, 0.001), (1000, 0.01), (4096, 0.5), (61440, 0.3239),
            (10**6, 1e-6), (10**6, 1e-3), (10**9, 1e-5), (10**12, 1e-9), (190_321, 0.0137), (5000, 0.9999)]
# Standard deviations from 512 on.
WIDE = [("poisson", 262144.0), ("poisson", 300001.5), ("poisson", 1e7), ("poisson", 1e12), ("binomial", 1100000, 0.5),
        ("binomial", 5 * 10**6, 0.07), ("binomial", 10**12, 0.5), ("binomial", 10**12, 1e-4), ("binomial", 10**12, 0.999),
        ("binomial", 10**8, 0.25)]
LADDERS = [(0, 15, 0.3), (1, 15, 0.3), (15, 15, 0.3), (16, 255, 0.5), (300, 100, 0.2), (4095, 4095, 0.9),
           (38_150, 65_535, 0.26), (5_000_000, 16**6, 0.01), (10**12, 10**12, 0.3), (3000, 15, 0.4)]
LIMIT = 1e-6 / 100


@pytest.fixture(scope="module")
def run(tool):
    def run(*arguments):
        command = [tool("draw_samples"), *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()

    return run


def law_of(law):
    return stats.poisson(law[1]) if law[0] == "poisson" else stats.binom(law[1], law[2])


def words_of(law):
    return (law[0], repr(law[1])) if law[0] == "poisson" else (*law, repr(1 - law[2]))


@pytest.mark.parametrize("law", [("poisson", float(m)) for m in POISSON] + [("binomial", *b) for b in BINOMIAL], ids=str)
def test_table(run, law):
    """Every probability to 1e-10 of itself and the 2^-64 to which thresholds are cut; hardly more in the tails."""
    base, *thresholds = map(int, run("table", *words_of(law)))
    cumulative = [0, *thresholds, 2**64]
    assert all(a <= b for a, b in itertools.pairwise(cumulative))
    probabilities = np.array([b - a for a, b in itertools.pairwise(cumulative)], dtype=object)
    values = base + np.arange(len(probabilities))
    exact = law_of(law).pmf(values)
    mode = int(np.argmax(exact))
    error = np.array([abs(float(p) / 2.0**64 - q) for p, q in zip(probabilities, exact)])
    # SciPy takes differences of logarithms of factorials, which loses as many digits as these have.
    allowed = exact * (1e-10 + 1e-14 * law[1] * (1 if law[0] == "poisson" else law[2])) + 3 * 2.0**-64
    allowed[mode] += len(values) * 2.0**-64
    assert (error <= allowed).all(), (np.max(error / allowed), values[np.argmax(error / allowed)], exact[mode])
    tails = law_of(law).cdf(base - 1) + law_of(law).sf(values[-1])
    assert tails < 2.0**-63


def exact_log2_ratio(law, mode, d):
    """log2 P(mode + d) / P(mode) by log-factorials in long arithmetic."""
    from mpmath import mp, mpf, loggamma, log

    mp.dps = 60
    k = mpf(mode + d)
    if law[0] == "poisson":
        value = d * log(mpf(law[1])) - loggamma(k + 1) + loggamma(mpf(mode) + 1)
    else:
        n, p = mpf(law[1]), mpf(law[2])
        # the program is told p and q as two numbers
        value = (d * (log(p) - log(mpf(1 - law[2]))) - loggamma(k + 1) + loggamma(mpf(mode) + 1)
                 - loggamma(n - k + 1) + loggamma(n - mpf(mode) + 1))
    return value / log(mpf(2))


@pytest.mark.parametrize("law", WIDE, ids=str)
def test_wide(run, law):
    """The polynomial is the logarithm of the probability, and never above the hat."""
    pytest.importorskip("mpmath")
    head, *lines = run("wide", *words_of(law))
    mode = int(head)
    rows = np.array([line.split() for line in lines], dtype=object)
    assert all(float(log2_value) <= float(height) for _, _, log2_value, height in rows)
    for strip, d, log2_value, _ in rows[::11]:
        exact = float(exact_log2_ratio(law, mode, int(d)))
        assert abs(float(log2_value) - exact) < 1e-9 * (1 + abs(exact)), (strip, d)
    outside = law_of(law).cdf(mode + int(rows[0][1]) - 1) + law_of(law).sf(mode + int(rows[-1][1]))
    assert outside < 2.0**-64


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
    if len(pooled) < 2:
        return 1.0  # one value has all the probability
    observed, expected = np.array(pooled).T
    return stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue


@pytest.mark.parametrize("law", [("poisson", 2.75), ("poisson", 3000.0), ("binomial", 61440, 0.3239), *WIDE], ids=str)
def test_draws_of_a_law(run, law):
    values, counts = np.array([line.split() for line in run("law", DRAWS, 21, *words_of(law))], dtype=np.int64).T
    assert p_value(values, counts, law_of(law)) > LIMIT


@pytest.mark.parametrize("n,most,p", LADDERS)
def test_ladder(run, n, most, p):
    lines = run("ladder", DRAWS, 22, n, most, repr(p), repr(1 - p))
    values, counts = np.array([line.split() for line in lines], dtype=np.int64).T
    assert p_value(values, counts, stats.binom(n, p)) > LIMIT


PEOPLE, MISSING, REST = range(3)


def draw(run, form, urn, taken, size, people, draws=DRAWS, seed=23):
    lines = run("group", draws, seed, form, int(urn), taken, size, *people)
    return np.array([line.split() for line in lines], dtype=np.int64)


def joint_p_value(draws, pmf, cells):
    """Chi-square over all outcomes; rare ones are one cell."""
    expected = np.array([pmf(c) for c in cells]) * len(draws)
    index = {c: i for i, c in enumerate(cells)}
    observed = np.zeros(len(cells))
    for row, count in zip(*np.unique(draws, axis=0, return_counts=True)):
        observed[index[tuple(int(x) for x in row)]] += count
    assert expected.sum() == pytest.approx(len(draws), rel=1e-9)
    rare = expected < 10
    observed = np.append(observed[~rare], observed[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    keep = expected > 0
    if keep.sum() < 2:
        return 1.0  # one outcome has all the probability
    return stats.chisquare(observed[keep], expected[keep] * observed.sum() / expected.sum()).pvalue


def outcomes(size, most):
    return [c for c in itertools.product(*(range(min(size, m) + 1) for m in most)) if sum(c) == size]


@pytest.mark.parametrize("form", [PEOPLE, MISSING, REST])
@pytest.mark.parametrize("people,size", [((1, 2, 3), 5), ((5, 0, 1, 1), 7), ((1, 1, 1, 1, 1), 6), ((7,), 4)])
def test_every_outcome_with_replacement(run, form, people, size):
    distribution = stats.multinomial(size, np.array(people) / sum(people))
    draws = draw(run, form, False, 0, size, people)
    assert joint_p_value(draws, distribution.pmf, outcomes(size, [size] * len(people))) > LIMIT


@pytest.mark.parametrize("form", [PEOPLE, MISSING, REST])
@pytest.mark.parametrize("people,taken,size", [((3, 4, 5), 0, 5), ((5, 0, 2, 2), 0, 4), ((2, 3, 4), 3, 4),
                                               ((4, 2, 3, 2), 5, 5), ((6, 3), 5, 3), ((30, 3, 2), 12, 9)])
def test_every_outcome_without_replacement(run, form, people, taken, size):
    """Small urns by enumeration: two groups one after another, so that what the first has taken matters."""
    draws = draw(run, form, True, taken, size, people)
    first = stats.multivariate_hypergeom(people, taken)
    cells = outcomes(size, people)
    if taken == 0:
        second = stats.multivariate_hypergeom(people, size)
        assert joint_p_value(draws, lambda c: float(second.pmf(c)), cells) > LIMIT
        return
    both = [c + t for t in outcomes(taken, people) for c in outcomes(size, np.subtract(people, t))]

    def pmf(outcome):
        c, t = outcome[:len(people)], outcome[len(people):]
        return float(first.pmf(t) * stats.multivariate_hypergeom(np.subtract(people, t), size).pmf(c))

    assert joint_p_value(draws, pmf, both) > LIMIT


LARGE = [  # classes, size, taken: through levels of missing people, wide laws, windows
    (False, [40, 300, 1, 7, 652], 50_000, 0), (False, [5, 4, 3, 2, 1], 10**10, 0), (False, [1] * 40, 300_000, 0),
    (True, [190_321, 825_000, 20_217, 24_418, 500_000], 959_000, 41_000),
    (True, [10**11, 3 * 10**11, 5], 10**11, 10**10), (True, [4000] * 30, 60_000, 30_000),
]


@pytest.mark.parametrize("form", [MISSING, REST])
@pytest.mark.parametrize("urn,people,size,taken", LARGE)
def test_large_groups(run, form, urn, people, size, taken):
    """Each class by itself and together with the next one; the sum is always the size."""
    if urn and form == REST and sum(people) > 10**9:
        pytest.skip("windows would be too long: the engine draws such groups by missing people")
    n_draws = 5_000
    draws = draw(run, form, urn, taken, size, people, n_draws)[:, :len(people)]
    assert (draws.sum(axis=1) == size).all()
    total = sum(people)
    shares = np.array(people) / total
    shrink = (total - size) / (total - 1) if urn else 1.0
    covariance = size * shrink * (np.diag(shares) - np.outer(shares, shares))
    z = (draws - size * shares) / np.sqrt(np.diag(covariance))
    assert abs(z.mean(axis=0)).max() < 6 / np.sqrt(n_draws)
    assert abs((z**2).mean(axis=0) - 1).max() < 6 * np.sqrt((2 + 1 / np.diag(covariance).min()) / n_draws)
    pairs = draws[:, :-1] + draws[:, 1:] - size * (shares[:-1] + shares[1:])
    variance = covariance.diagonal()[:-1] + covariance.diagonal()[1:] + 2 * covariance.diagonal(1)
    ok = variance > 1e-9 * size
    ratio = (pairs**2).mean(axis=0)[ok] / variance[ok]
    assert abs(ratio - 1).max() < 6 * np.sqrt((2 + 1 / variance[ok].min()) / n_draws)


def shares_of_many():
    """Three thousand classes over three octaves, with all bits in use: some keep nearly all of their share when it is cut
    to a few bits, others leave out a sixteenth."""
    generator = np.random.default_rng(29)
    return np.floor(2**40 * 2 ** generator.uniform(0, 3, 3000)).astype(np.int64)


def test_many_classes_share_tables(run):
    people = shares_of_many()
    n_tables, coarse = map(int, run("tables", 6000, *people)[0].split())
    assert coarse == 1
    assert n_tables < len(people) / 4
    assert int(run("tables", 6000, *people[:1000])[0].split()[1]) == 0, "too few classes"
    assert int(run("tables", 10**6, *people)[0].split()[1]) == 0, "too many people would be drawn one by one"
    assert int(run("tables", 6000, *(people >> 40 << 40))[0].split()[1]) == 0, "nothing is left out"


def test_coarse_shares_change_nothing(run):
    """Classes together by how much of their shares coarse ones leave out: were that lost, those that leave out a sixteenth
    would have fewer people by 12 standard deviations. Then every class, and how the parts vary together."""
    people = shares_of_many()
    size, n_draws = 6000, 2000
    draws = draw(run, MISSING, False, 0, size, people, n_draws)
    assert (draws.sum(axis=1) == size).all()
    shares = people / people.sum()
    z = (draws.mean(axis=0) - size * shares) / np.sqrt(size * shares * (1 - shares) / n_draws)
    assert stats.kstest(z, "norm").pvalue > LIMIT
    assert abs(z).max() < 6
    order = np.argsort([p % 2 ** (int(p).bit_length() - 6) / p for p in people.tolist()])
    parts = np.array_split(order, 12)
    counts = np.stack([draws[:, part].sum(axis=1) for part in parts], axis=1)
    p = np.array([shares[part].sum() for part in parts])
    z = (counts.mean(axis=0) - size * p) / np.sqrt(size * p * (1 - p) / n_draws)
    assert abs(z).max() < 6
    covariance = size * (np.diag(p) - np.outer(p, p))[:-1, :-1]
    away = (counts - size * p)[:, :-1]
    squared = (away @ np.linalg.inv(covariance) * away).sum(axis=1)  # chi-square, 11 degrees
    assert stats.kstest(squared, stats.chi2(len(parts) - 1).cdf).pvalue > LIMIT
