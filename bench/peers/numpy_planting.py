"""vehicles-planting in NumPy, on one thread of the CPU: its hypergeometric sampler on whole levels of the tree.

    python3 bench/peers/numpy_planting.py [--seconds S] [--check build/caucus]
"""

import sys

import numpy as np

import peer
import planting


class Peer:
    def __init__(self, n, device, seed, parsed):
        self.random = np.random.Generator(np.random.Philox(seed))
        self.about = {"version": np.__version__, "device": "CPU, 1 thread", "sampler": "Generator"}
        self.batch = planting.Batch(n, np.asarray)
        self.sums = np.zeros((5, len(planting.CONFIGS)))

    def step(self):
        self.sums += self.batch.run(np, self.random.hypergeometric, lambda *parts: planting.decide(np, *parts))

    def totals(self):
        return self.sums


if __name__ == "__main__":
    sys.exit(peer.main("NumPy", Peer, devices=("cpu",)))
