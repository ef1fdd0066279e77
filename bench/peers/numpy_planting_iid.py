"""vehicles-planting with `draw: iid` in NumPy, on one thread of the CPU, as somebody would write it who knows NumPy well:
whole batches of trials, and no more classes than the result needs. Those are 25 for the members (5 countries outside the
signal set, 20 pairs of country and label in it), 21 for the others (outside is one) and 5 for the test points.

    python3 bench/peers/numpy_planting_iid.py [--seconds S] [--check build/caucus]
"""

import sys

import numpy as np

import peer
import planting

LABELS = len(planting.LABELS)


def shares(*counts):
    weights = np.concatenate([np.ravel(count) for count in counts]).astype(float)
    return weights / weights.sum()


class Peer:
    def __init__(self, n, device, seed, parsed):
        self.random = np.random.Generator(np.random.Philox(seed))
        self.about = {"version": np.__version__, "device": "CPU, 1 thread", "sampler": "Generator.multinomial"}
        self.n = n
        outside, inside = planting.people()
        self.members = shares(outside, inside)
        self.others = shares([outside.sum()], inside)
        self.test = shares(outside + inside.sum(axis=1))
        self.test_radius = float(planting.radius(planting.N_TEST))
        self.sums = np.zeros((5, len(planting.CONFIGS)))

    def trials(self, target, size):
        """Success and bound of n trials: [trial]."""
        n = self.n
        members = self.random.multinomial(size, self.members, size=n)
        others = self.random.multinomial(planting.N - size, self.others, size=n)
        test = self.random.multinomial(planting.N_TEST, self.test, size=n)
        base = members[:, planting.COUNTRIES:].reshape(n, planting.COUNTRIES, LABELS)
        seen = others[:, 1:].reshape(n, planting.COUNTRIES, LABELS)
        landing = members[:, :planting.COUNTRIES] + base.sum(axis=2)
        rivals = [label for label in range(LABELS) if label != target]
        wins = landing + seen[:, :, target] > seen[:, :, rivals].max(axis=2)
        own, rest = planting.radius(size), planting.radius(planting.N - size)
        gap = (base[:, :, target] - base[:, :, rivals].max(axis=2)) / size - 2 * (own + rest)
        margin = size / planting.N * (landing / size - 2 * own) + (planting.N - size) / planting.N * gap
        bound = (landing * (margin > 0)).sum(axis=1) / size - own - self.test_radius
        return (test * wins).sum(axis=1) / planting.N_TEST, bound

    def step(self):
        for i, (target, size) in enumerate(planting.CONFIGS):
            success, bound = self.trials(planting.LABELS.index(target), size)
            self.sums[:, i] += [success.sum(), (success**2).sum(), bound.sum(), (bound**2).sum(), (bound > success).sum()]

    def totals(self):
        return self.sums


if __name__ == "__main__":
    sys.exit(peer.main("NumPy", Peer, devices=("cpu",), settings=["population.draw=iid"]))
