"""vehicles-planting in JAX: every level of the tree is one jitted function, and so is all that comes after them.

    python3 bench/peers/jax_planting.py [--device cuda|cpu] [--seconds S] [--check build/caucus]

JAX has binomials and multinomials but no hypergeometric sampler; hypergeometric.py is what takes its place. A first
round of attempts is for everybody, later ones for the trials that are left, gathered into an array of fixed size since
shapes cannot depend on data. Random numbers are XLA's own Philox ("rbg"), faster on a GPU than the default threefry.
"""

import copy
import itertools
import sys

import hypergeometric
import peer
import planting

# Attempts of the first round, for everybody, and of every later one, which has room for an eighth. One at a wide
# distribution fails in 27 % of cases, so that 2 leave 7 %.
FIRST, LATER, ROOM = 2, 4, 8


class Peer:
    def __init__(self, n, device, seed, parsed):
        try:
            import jax
            import jax.numpy as jnp
        except ImportError as error:
            peer.skip(f"JAX: {error}")
        jax.config.update("jax_enable_x64", True)
        jax.config.update("jax_default_prng_impl", parsed.random)
        try:
            self.device = jax.devices("gpu" if device == "cuda" else device)[0]
        except RuntimeError as error:
            peer.skip(f"JAX: {error}")
        self.jax, self.jnp = jax, jnp
        self.about = {"version": jax.__version__, "device": str(self.device.device_kind), "random": parsed.random,
                      "sampler": "ratio of uniforms"}
        jax.config.update("jax_default_device", self.device)
        self.batch = planting.Batch(n, lambda array: jnp.asarray(array, dtype=jnp.float64))
        self.arrays = {name: value for name, value in vars(self.batch).items() if hasattr(value, "dtype")}
        self.sums = jnp.zeros((5, len(planting.CONFIGS)))
        self.key = jax.random.key(seed)
        self.split_level = jax.jit(self.split)
        self.finish_batch = jax.jit(self.finish)

    def uniforms(self, key, attempts, size):
        return self.jax.random.uniform(key, (2, attempts, size), dtype=self.jnp.float64)

    def attempt(self, *parts):
        return hypergeometric.attempt(self.jnp, self.jax.lax.lgamma, *parts)

    def hypergeometric(self, key, good, bad, n):
        jax, jnp = self.jax, self.jnp
        good, bad, n = jnp.broadcast_arrays(good, bad, n)
        shape = n.shape
        good, bad, n = good.reshape(-1), bad.reshape(-1), n.reshape(-1)
        size = n.shape[0]
        room = -(-size // ROOM)
        key, part = jax.random.split(key)
        result, done = self.attempt(good, bad, n, *self.uniforms(part, FIRST, size))

        def more(state):
            key, result, done = state
            key, part = jax.random.split(key)
            left = jnp.nonzero(~done, size=room, fill_value=size)[0]
            # Places beyond the end stand for nobody: one of two people there, none of them drawn.
            people = [x.at[left].get(mode="fill", fill_value=value)
                      for x, value in ((good, 1.0), (bad, 1.0), (n, 0.0))]
            drawn, ok = self.attempt(*people, *self.uniforms(part, LATER, room))
            return key, result.at[left].set(drawn, mode="drop"), done.at[left].set(ok, mode="drop")

        state = jax.lax.while_loop(lambda state: ~state[2].all(), more, (key, result, done))
        return state[1].reshape(shape)

    def finish(self, key, members, others, sums, arrays):
        """arrays: the batch's, as arguments, since what a jitted function closes over is folded into it."""
        batch = copy.copy(self.batch)
        vars(batch).update(arrays)
        winnable, bound = batch.settle(self.jnp, members, others, lambda *parts: planting.decide(self.jnp, *parts))
        successes = batch.test_draw(lambda *parts: self.hypergeometric(key, *parts), winnable)
        return sums + batch.totals(self.jnp, successes, bound)

    def split(self, key, number, below, counts):
        key = self.jax.random.fold_in(key, number)
        return planting.split(self.jnp, lambda *parts: self.hypergeometric(key, *parts), below, counts)

    def step(self):
        self.key, test, part = self.jax.random.split(self.key, 3)
        numbers = itertools.count()
        groups = self.batch.groups(lambda below, counts: self.split_level(part, next(numbers), below, counts))
        self.sums = self.finish_batch(test, *groups, self.sums, self.arrays)
        self.sums.block_until_ready()

    def totals(self):
        return self.sums


if __name__ == "__main__":
    sys.exit(peer.main("JAX", Peer, random={"choices": ["rbg", "threefry2x32"], "default": "rbg",
                                            "help": "implementation of random numbers (default: rbg)"}))
