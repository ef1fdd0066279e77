"""vehicles-planting on whole batches of trials, for array libraries that look like NumPy.

One batch is `n` trials of each of the 56 configurations side by side, configuration by configuration. Counts over the
population's 20 classes are drawn down a binary tree, so that the nodes of a level are one call of the library's
sampler: 11 calls for a batch instead of 39. `xp` is the library; it needs stack, where, maximum and arithmetic. The
draws, the classifier, the success and the bound are those of experiments/vehicles-planting.yaml.
"""

import csv
import math
import pathlib

import numpy as np

SOURCE = pathlib.Path(__file__).resolve().parents[2]
N, N_TEST, DELTA = 1_000_000, 100_000, 0.05
LABELS = ["Average", "Excellent", "Good", "Poor"]
TARGETS = ["Excellent", "Good", "Average", "Poor"]  # in the experiment's order
SIZES = [1000, 21000, 41000, 61000, 81000, 101000, 121000, 141000, 161000, 181000, 200000, 300000, 400000, 500000]
COUNTRIES = 5
EVENTS = 2 + 2 * COUNTRIES + 2 * COUNTRIES * len(LABELS)  # one-sided events that share delta
CONFIGS = [(target, size) for target in TARGETS for size in SIZES]


def people():
    """The population: counts [country] outside the signal set, and [country][label] in it."""
    outside = np.zeros(COUNTRIES, np.int64)
    inside = np.zeros((COUNTRIES, len(LABELS)), np.int64)
    with open(SOURCE / "data/vehicles-classes.csv", newline="") as file:
        for row in csv.DictReader(file):
            country = int(row["country"][1:]) - 1
            if row["profile"] == "signal":
                inside[country, LABELS.index(row["evaluation"])] += int(row["count"])
            else:
                outside[country] += int(row["count"])
    return outside, inside


def radius(k):
    """Hoeffding's deviation of a frequency among k draws, at the level that each event gets."""
    return np.sqrt(math.log(EVENTS / DELTA) / (2 * np.asarray(k, float)))


class Tree:
    """Classes as the leaves of a heap: node 1 is everybody, node i splits into 2i and 2i + 1, class c is node C + c.

    Counts are a list of levels; level d holds nodes 2^d up, as rows.
    """

    def __init__(self):
        outside, inside = people()
        classes = [("outside", country) for country in range(COUNTRIES)]
        classes += [(country, label) for country in range(COUNTRIES) for label in range(len(LABELS))
                    if inside[country, label] > 0]
        self.n_classes = len(classes)
        heap = np.zeros(2 * self.n_classes, np.int64)
        self.node = {}
        for c, (first, second) in enumerate(classes):
            heap[self.n_classes + c] = outside[second] if first == "outside" else inside[first, second]
            self.node[first, second] = self.n_classes + c
        for node in range(self.n_classes - 1, 0, -1):
            heap[node] = heap[2 * node] + heap[2 * node + 1]
        self.weights = [heap[first:2 * first, None] for first in self.firsts()]
        self.by_country = outside + inside.sum(axis=1)
        self.everybody = int(heap[1])

    def firsts(self):
        """First node of each level."""
        return [1 << d for d in range((2 * self.n_classes - 1).bit_length())]

    def draw(self, split, available, n):
        """n people for each trial, without replacement, from those available. split(below, counts): see below."""
        levels = [n[None, :]]
        for depth, first in enumerate(self.firsts()[:-1]):
            parents = min(2 * first, self.n_classes) - first
            levels.append(split(available[depth + 1], levels[depth][:parents]))
        return levels

    def rows(self, xp, levels, keys):
        """The counts of the named classes as rows; 0 where the population has no such class."""
        def row(key):
            node = self.node.get(key)
            if node is None:
                return levels[0][0] * 0
            depth = node.bit_length() - 1
            return levels[depth][node - (1 << depth)]
        return xp.stack([row(key) for key in keys], 0)


def split(xp, hypergeometric, below, counts):
    """The counts of nodes split among their children, of whom there are as many as below says."""
    parents, n = counts.shape
    left = hypergeometric(below[0:2 * parents:2], below[1:2 * parents:2], counts)
    return xp.stack([left, counts - left], 1).reshape((2 * parents, n))


def decide(xp, base, seen, landing, target, size, own, rest):
    """Where the platform answers with the target, and where the members can guarantee it: [country][trial].

    base, seen: for each label, the members' own counts and the others' in the signal set; landing: the members that
    the signal brings there. A tie counts against the collective.
    """
    planted = rival = base_target = base_rival = landing * 0
    rival = rival - 1
    base_rival = base_rival - 1
    for label in range(len(LABELS)):
        good = target == label
        planted = xp.where(good, seen[label], planted)
        rival = xp.where(good, rival, xp.maximum(rival, seen[label]))
        base_target = xp.where(good, base[label], base_target)
        base_rival = xp.where(good, base_rival, xp.maximum(base_rival, base[label]))
    gap = (base_target - base_rival) / size - 2 * (own + rest)
    margin = size / N * (landing / size - 2 * own) + (N - size) / N * gap
    return landing + planted > rival, margin > 0


class Batch:
    """A batch's arrays that do not change; put turns a NumPy array into the library's."""

    def __init__(self, n, put):
        self.n = n
        self.tree = Tree()
        size = np.repeat(np.array([size for _, size in CONFIGS]), n)
        self.weights = [put(level) for level in self.tree.weights]
        self.size = put(size)
        self.others = put(N - size)
        self.target = put(np.repeat(np.array([LABELS.index(target) for target, _ in CONFIGS]), n))
        self.own = put(radius(size))
        self.rest = put(radius(N - size))
        self.by_country = put(self.tree.by_country[:, None])
        self.test = put(np.full(size.shape, N_TEST))
        self.test_radius = float(radius(N_TEST))

    def settle(self, xp, members, others, decide_here):
        """People left whose test succeeds, and the bound: [trial]."""
        tree = self.tree
        labels = range(len(LABELS))
        countries = range(COUNTRIES)
        base = [tree.rows(xp, members, [(c, label) for c in countries]) for label in labels]
        seen = [tree.rows(xp, others, [(c, label) for c in countries]) for label in labels]
        outside = [("outside", c) for c in countries]
        landing = tree.rows(xp, members, outside) + sum(base)
        left = self.by_country - landing - tree.rows(xp, others, outside) - sum(seen)
        wins, certain = decide_here(base, seen, landing, self.target, self.size, self.own, self.rest)
        bound = (landing * certain).sum(0) / self.size - self.own - self.test_radius
        return (left * wins).sum(0), bound

    def left(self):
        """People who are neither consumers nor members, in every trial."""
        return self.tree.everybody - N

    def totals(self, xp, successes, bound):
        """Sums over trials, [quantity][configuration]: success, its square, bound, its square, violations."""
        success = successes / N_TEST
        violated = (bound > success) * 1.0
        return xp.stack([x.reshape((len(CONFIGS), self.n)).sum(1)
                         for x in (success, success * success, bound, bound * bound, violated)], 0)

    def groups(self, split):
        """The members and the others."""
        members = self.tree.draw(split, self.weights, self.size)
        remaining = [w[:m.shape[0]] - m for w, m in zip(self.weights, members)]
        return members, self.tree.draw(split, remaining, self.others)

    def test_draw(self, hypergeometric, winnable):
        """Test points on which the collective succeeds."""
        return hypergeometric(winnable, self.left() - winnable, self.test)

    def run(self, xp, hypergeometric, decide_here):
        """One batch, from the first draw to its totals."""
        members, others = self.groups(lambda below, counts: split(xp, hypergeometric, below, counts))
        winnable, bound = self.settle(xp, members, others, decide_here)
        return self.totals(xp, self.test_draw(hypergeometric, winnable), bound)
