"""vehicles-planting in CuPy: its own hypergeometric sampler on whole levels of the tree, elementwise work fused.

    python3 bench/peers/cupy_planting.py [--sampler generator|legacy] [--seconds S] [--check build/caucus]

CuPy has two samplers: the one of its Generator, which draws in pieces of as many numbers as it keeps states, and the
one of RandomState, which seeds a state for each number. `--device cpu` runs the same code on NumPy, whose interface is
the same.
"""

import sys

import numpy as np

import peer
import planting


class Peer:
    def __init__(self, n, device, seed, parsed):
        if device == "cpu":
            self.xp, name = np, f"NumPy {np.__version__} in CuPy's place"
        else:
            try:
                import cupy
                name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
            except Exception as error:  # no module, no driver, no device: all say it in words of their own
                peer.skip(f"CuPy: {type(error).__name__}: {error}")
            self.xp = cupy
        xp = self.xp
        self.random = self.sampler(parsed.sampler, seed)
        self.about = {"version": xp.__version__, "device": name, "sampler": parsed.sampler}
        self.batch = planting.Batch(n, xp.asarray)
        self.decide = self.flat if device == "cpu" else self.fused()
        self.sums = xp.zeros((5, len(planting.CONFIGS)))

    def fused(self):
        """The decision as one kernel, where this CuPy can make one of it; about says where it cannot."""
        xp = self.xp
        small = [xp.ones((planting.COUNTRIES, 2), xp.int64)] * 9 + [xp.ones(2, xp.int64)] * 2 + [xp.ones(2)] * 2
        try:
            decide = xp.fuse()(self.flat)
            decide(*small)
        except Exception as error:
            self.about["not_fused"] = f"{type(error).__name__}: {error}"
            return self.flat
        return decide

    def flat(self, b0, b1, b2, b3, s0, s1, s2, s3, landing, target, size, own, rest):
        """A fused function takes arrays, no lists."""
        return planting.decide(self.xp, (b0, b1, b2, b3), (s0, s1, s2, s3), landing, target, size, own, rest)

    def sampler(self, kind, seed):
        random = self.xp.random
        if kind == "legacy":
            return random.RandomState(seed)
        if self.xp is np:
            return random.Generator(random.Philox(seed))
        return random.Generator(random.Philox4x3210(seed, size=1 << 20))

    def hypergeometric(self, good, bad, n):
        """RandomState wants at least one draw."""
        xp = self.xp
        good, bad, n = xp.broadcast_arrays(good, bad, n)
        return xp.where(n > 0, self.random.hypergeometric(good, bad, xp.maximum(n, 1)), 0)

    def step(self):
        self.sums += self.batch.run(self.xp, self.hypergeometric,
                                    lambda base, seen, *parts: self.decide(*base, *seen, *parts))
        if self.xp is not np:
            self.xp.cuda.get_current_stream().synchronize()

    def totals(self):
        return self.sums if self.xp is np else self.sums.get()


if __name__ == "__main__":
    sys.exit(peer.main("CuPy", Peer, sampler={"choices": ["generator", "legacy"], "default": "generator"}))
