#!/usr/bin/env python3
"""Does a forecast by resampling keep its level? It does not: docs/bounds.md, "What is not offered".

    bench/forecast.py          # two minutes

Members plant a label on a signal with `groups` cells. From their own data a forecast is the delta-quantile of the success
over worlds drawn from Dirichlet(counts + prior), prior a half or one over the number of classes. The last column should be
delta or less. Needs numpy.
"""

import argparse

import numpy as np

DELTA, CONSUMERS, TEST, LABELS = 0.1, 20000, 10000, 3


def success(random, shares, own, n_rest):
    """shares: [signal][group][label]; own: [group] planted with label 0."""
    rest = random.multinomial(n_rest, shares.ravel()).reshape(shares.shape)[1]
    obeys = rest[:, 0] + own > rest[:, 1:].max(axis=1)
    return random.multinomial(TEST, shares.sum(axis=(0, 2)))[obeys].sum() / TEST


def population(random, groups):
    weights = random.dirichlet(np.full(groups, 2.0))
    labels = np.array([random.dirichlet([1, 3, 1]) for _ in range(groups)])
    return np.array([share * weights[:, None] * labels for share in (0.9, 0.1)])


def measure(groups, members, prior, trials, draws, seed=1):
    random = np.random.default_rng(seed)
    truth = population(random, groups)
    succeeded, forecasts = np.empty(trials), np.empty(trials)
    for trial in range(trials):
        raw = random.multinomial(members, truth.ravel()).reshape(truth.shape)
        own = raw.sum(axis=(0, 2))
        succeeded[trial] = success(random, truth, own, CONSUMERS - members)
        shape = raw.ravel() + (prior or 1 / raw.size)
        worlds = []
        for _ in range(draws):
            drawn = random.gamma(shape)
            worlds.append(success(random, (drawn / drawn.sum()).reshape(truth.shape), own, CONSUMERS - members))
        forecasts[trial] = np.sort(worlds)[int(np.ceil(DELTA * draws)) - 1]
    return succeeded.mean(), forecasts.mean(), (forecasts > succeeded).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--draws", type=int, default=100, help="worlds of each forecast")
    options = parser.parse_args()
    print("| signal cells | members of 20,000 | prior | success | forecast | above the success |")
    print("| ---: | ---: | --- | ---: | ---: | ---: |")
    for groups in (4, 50, 400):
        for members in (800, 1500):
            for prior in (0.5, None):
                row = measure(groups, members, prior, options.trials, options.draws)
                print(f"| {groups} | {members:,} | {prior or '1/classes'} | {row[0]:.3f} | {row[1]:.3f} | {row[2]:.2f} |",
                      flush=True)


if __name__ == "__main__":
    main()
