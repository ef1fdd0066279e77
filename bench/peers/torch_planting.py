"""vehicles-planting in PyTorch: torch.compile around rejection by ratio of uniforms, the trials that are not done
gathered for a second round.

    python3 bench/peers/torch_planting.py [--device cuda|cpu] [--seconds S] [--check build/caucus]

PyTorch has no hypergeometric sampler (torch.binomial is the nearest); hypergeometric.py is what takes its place.
Uniforms come from torch.rand in float64: those that the compiler makes inside a kernel have 24 bits.
"""

import sys

import hypergeometric
import peer
import planting

# Attempts of the first round, for everybody, and of every later one, for the rest. One at a wide distribution fails in
# 27 % of cases: 2 leave 7 %, and 12 more one in a hundred million, so that a third round is rare.
FIRST, LATER = 2, 12
SMALL = 4096  # numbers: fewer are not worth a compiled kernel, which would be made anew for one number


class Peer:
    def __init__(self, n, device, seed, parsed):
        try:
            import torch
        except ImportError as error:
            peer.skip(f"PyTorch: {error}")
        if device == "cuda" and not torch.cuda.is_available():
            peer.skip("PyTorch sees no CUDA device")
        self.torch = torch
        self.device = torch.device(device)
        self.random = torch.Generator(self.device)
        self.random.manual_seed(seed)
        compiled = hasattr(torch, "compile") and not parsed.eager
        name = torch.cuda.get_device_name() if device == "cuda" else f"CPU, {torch.get_num_threads()} threads"
        self.about = {"version": torch.__version__, "compiled": compiled, "sampler": "ratio of uniforms", "device": name}
        self.batch = planting.Batch(n, lambda array: torch.as_tensor(array).to(self.device, torch.float64))
        self.attempt = self.eager_attempt = lambda *parts: hypergeometric.attempt(torch, torch.lgamma, *parts)
        self.settle = lambda members, others: self.batch.settle(torch, members, others, self.decide)
        self.add_up = lambda successes, bound: self.batch.totals(torch, successes, bound)
        if compiled:
            self.attempt = torch.compile(self.attempt, dynamic=True)
            self.settle = torch.compile(self.settle, dynamic=False)
            self.add_up = torch.compile(self.add_up, dynamic=False)
        self.sums = torch.zeros((5, len(planting.CONFIGS)), dtype=torch.float64, device=self.device)

    def decide(self, *parts):
        return planting.decide(self.torch, *parts)

    def uniforms(self, attempts, size):
        u, v = self.torch.rand((2, attempts, size), dtype=self.torch.float64, device=self.device, generator=self.random)
        return u.unbind(0), v.unbind(0)

    def hypergeometric(self, good, bad, n):
        good, bad, n = self.torch.broadcast_tensors(good, bad, n)
        shape, size = n.shape, n.numel()
        good, bad, n = good.reshape(-1), bad.reshape(-1), n.reshape(-1)
        result, done = (self.attempt if size > SMALL else self.eager_attempt)(
            good, bad, n, *self.uniforms(FIRST, size))
        left = self.torch.nonzero(~done).reshape(-1)
        while left.numel() > 0:
            draw = self.attempt if left.numel() > SMALL else self.eager_attempt
            more, done = draw(good[left], bad[left], n[left], *self.uniforms(LATER, left.numel()))
            result[left] = more  # those not done are drawn again
            left = left[~done]
        return result.reshape(shape)

    def step(self):
        with self.torch.no_grad():
            members, others = self.batch.groups(
                lambda below, counts: planting.split(self.torch, self.hypergeometric, below, counts))
            winnable, bound = self.settle(members, others)
            self.sums += self.add_up(self.batch.test_draw(self.hypergeometric, winnable), bound)
        if self.device.type == "cuda":
            self.torch.cuda.synchronize()

    def totals(self):
        return self.sums.cpu().numpy()


if __name__ == "__main__":
    sys.exit(peer.main("PyTorch", Peer, eager={"action": "store_true", "help": "without torch.compile"}))
