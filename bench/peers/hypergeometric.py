"""Hypergeometric draws on arrays, for libraries that have none: the ratio of uniforms of Stadlober 1990 (HRUA), which
is also NumPy's method for all but small samples.

Its rectangle covers the region under every hypergeometric distribution that comes up here, small samples too
(tests/test_peers.py looks), so that rejection alone is exact, and a batch is a few attempts for everybody and some more
for the few that are left.
"""

import math

SLOPE = 2 * math.sqrt(2 / math.e)
SHIFT = 3 - 2 * math.sqrt(3 / math.e)


def attempt(xp, lgamma, good, bad, n, u, v):
    """Draws and whether each succeeded. Arguments are floating-point arrays; u, v: uniforms, one array an attempt."""
    total = good + bad
    fewer = xp.minimum(good, bad)
    drawn = xp.minimum(n, total - n)
    rest = total - fewer - drawn
    share = fewer / total
    variance = drawn * share * (1 - share) * ((total - drawn) / (total - 1))
    width = SLOPE * xp.sqrt(variance + 0.5) + SHIFT
    centre = drawn * share + 0.5
    mode = xp.floor((drawn + 1) * ((fewer + 1) / (total + 2)))
    last = xp.minimum(fewer, drawn)

    def log_terms(k):
        return lgamma(k + 1) + lgamma(fewer - k + 1) + lgamma(drawn - k + 1) + lgamma(rest + k + 1)

    at_mode = log_terms(mode)
    result = mode * 0
    done = last <= 0  # only one value is possible
    for x, y in zip(u, v):
        w = centre + width * (y - 0.5) / x
        inside = (w >= 0) & (w < last + 1)
        k = xp.where(inside, xp.floor(w), result * 0)
        ok = inside & (2 * xp.log(x) <= at_mode - log_terms(k))
        result = xp.where(ok & ~done, k, result)
        done = done | ok
    result = xp.where(good <= bad, result, drawn - result)
    return xp.where(drawn == n, result, good - result), done
