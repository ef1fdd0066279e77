#!/usr/bin/env python3
"""Do bounds hold for members of whom it is known that people with some feature are `a` times as likely to join?

    bench/affinity.py --trials 25K      # two minutes of one core; the table of docs/bounds-evidence.md

One collective plants on the small problem of evidence_problems.py, whose members are drawn with the affinity. Bounds by
budget and clopper_pearson (docs/bounds.md, "An affinity that is known"), once as if members were a sample of everybody
and once with the affinity. Rates are of bounds below / above the success in the wrong direction, the largest among sizes.
Needs numpy and scipy.
"""

import argparse

import numpy as np
from scipy.stats import beta, binom

CONSUMERS, TEST = 2000, 200
SIZES = (130, 250, 500, 1000)
#                     signal yes: g0 (a, b), g1; signal no: g0, g1
PEOPLE = np.array([[[40, 160], [20, 480]], [[1400, 1400], [250, 1250]]], dtype=float)
STRATA = {  # [signal][group]: whom the affinity is for
    "the signal": np.array([[True, True], [False, False]]),
    "group g0": np.array([[True, False], [True, False]]),
    "the signal in g1": np.array([[False, True], [False, False]]),
}


def number(text):
    return int(float(text[:-1]) * {"K": 1e3, "M": 1e6}[text[-1]]) if text[-1] in "KM" else int(text)


def low(count, n, d):
    return np.where(count > 0, beta.ppf(d, np.maximum(count, 1), n - count + 1), 0.0)


def high(count, n, d):
    return np.where(count < n, beta.ppf(1 - d, count + 1, np.maximum(n - count, 1)), 1.0)


def of_counts(limit, counts, n, d):
    """The limits of an array of counts: each count once."""
    return limit(np.arange(n + 1), n, d)[counts]


def drawn(level, n, p):
    """The quantile at the level of so many draws; each probability once."""
    values, places = np.unique(np.clip(p, 0, 1), return_inverse=True)
    return binom.ppf(level, n, values)[places].reshape(p.shape)


def factors(inside, n, a, d):
    """[trial] limits of Z, the mean weight: people are members' law times Z / a where the affinity is, else times Z."""
    shares = of_counts(low, inside, n, d), of_counts(high, inside, n, d)
    ends = [a / (share + a * (1 - share)) for share in shares]
    return np.minimum(*ends), np.maximum(*ends)


def bounds(raw, stratum, a, told, n, delta, only):
    """The lower and the upper bound, [trial], of what members with these raw data ([trial][signal][group][label]) promise."""
    k, labels, n_rest = 2, 2, CONSUMERS - n
    d = delta / ((2 + 2 * k * labels) + (3 if told else 0))
    inside = raw[:, stratum].sum(axis=(1, 2))
    z_low, z_high = factors(inside, n, a, d) if told else (np.ones(len(raw)), np.ones(len(raw)))
    weight = np.where(stratum[0], 1 / a, 1.0) if told else np.ones(2)
    here = raw[:, 0]  # [trial][group][label] whose own cell is a signal cell
    least = of_counts(low, here, n, d) * (z_low[:, None, None] * weight[None, :, None])
    most = of_counts(high, here, n, d) * (z_high[:, None, None] * weight[None, :, None])
    mass = raw.sum(axis=(1, 3))
    own = raw[:, :, :, 0].sum(axis=1) if only else mass
    sure = own + drawn(d, n_rest, least[:, :, 0]) - drawn(1 - d, n_rest, most[:, :, 1]) > 0
    may = own + drawn(1 - d, n_rest, most[:, :, 0]) - drawn(d, n_rest, least[:, :, 1]) > 0
    found = []
    for cells, limit, z, tail in ((sure, low, z_low, d), (may, high, z_high, 1 - d)):
        if not told:
            share = of_counts(limit, (mass * cells).sum(axis=1), n, d / 2**k)
        else:  # members of both kinds, counted apart
            parts = [((raw.sum(axis=3) * (stratum == kind)).sum(axis=1) * cells).sum(axis=1) for kind in (True, False)]
            share = z * (of_counts(limit, parts[0], n, d / 2**k) / a + of_counts(limit, parts[1], n, d / 2**k))
        found.append(drawn(tail, TEST, share) / TEST)
    return found


def rates(random, stratum, a, told, delta, only, trials):
    law = PEOPLE / PEOPLE.sum()
    joining = law * np.where(stratum, a, 1.0)[:, :, None]
    joining /= joining.sum()
    worst, means = [0.0, 0.0], []
    for n in SIZES:
        raw = random.multinomial(n, joining.ravel(), size=trials).reshape(trials, *law.shape)
        rest = random.multinomial(CONSUMERS - n, law.ravel(), size=trials).reshape(raw.shape)[:, 0]
        test = random.multinomial(TEST, law.sum(axis=(0, 2)), size=trials)
        own = raw[:, :, :, 0].sum(axis=1) if only else raw.sum(axis=(1, 3))
        obeys = own + rest[:, :, 0] > rest[:, :, 1]
        success = (test * obeys).sum(axis=1) / TEST
        lower, upper = bounds(raw, stratum, a, told, n, delta, only)
        worst = [max(worst[0], (lower > success + 1e-9).mean()), max(worst[1], (upper < success - 1e-9).mean())]
        means.append(lower.mean())
    return worst, means


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=number, default=number("25K"), help="at each of four sizes")
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    print("| who | a | delta | strategy | not told | told | mean bound, told |\n| --- | ---: | ---: | --- | --- | --- | --- |")
    for who, stratum in STRATA.items():
        for a in (1 / 3, 3.0, 10.0):
            for delta in (0.05, 0.5):
                for only in (False, True):
                    cells = []
                    for told in (False, True):
                        worst, means = rates(random, stratum, a, told, delta, only, options.trials)
                        cells.append(" / ".join(f"{x:.2g}" for x in worst))
                    print(f"| {who} | {a:.2g} | {delta} | `{'feature_only' if only else 'feature_label'}` | {cells[0]} | "
                          f"{cells[1]} | {' '.join(f'{x:.2f}' for x in means)} |", flush=True)


if __name__ == "__main__":
    main()
