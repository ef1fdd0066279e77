#!/usr/bin/env python3
"""Write data/quantiles.csv, the reference for test_bound_limits.c.

SciPy's beta and binomial quantiles are where each search begins; what is written is decided by tails computed here
independently of SciPy and of the engine: probabilities of single counts in 60-digit decimals (Stirling's series), the
tail over its first term by summing terms in extended precision. SciPy itself is off by more than 1e-10 in some rows
(levels under 1e-16 of binom.isf, which forms 1 - d; beta quantiles near 0 with many draws or deep levels); the run
says in how many.

    python3 make_quantiles.py            (about half a minute)
"""
import csv
import math
import pathlib
import warnings
from decimal import Decimal, getcontext

import numpy as np
from scipy import stats

getcontext().prec = 60
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
BERNOULLI = [(1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510), (43867, 798)]
CHUNK = 200_000


def log_factorial(n):
    if n < 60:
        return Decimal(math.factorial(n)).ln()
    x = Decimal(n)
    total = (2 * PI * x).ln() / 2 + x * x.ln() - x
    for i, (top, bottom) in enumerate(BERNOULLI):
        total += Decimal(top) / bottom / ((2 * i + 2) * (2 * i + 1) * x ** (2 * i + 1))
    return total


def log_pmf(c, k, p, q):
    log = log_factorial(k) - log_factorial(c) - log_factorial(k - c)
    return log + (c * p.ln() if c else 0) + ((k - c) * q.ln() if k > c else 0)


def tail_ratio(c, k, p, q):
    """P(X >= c) / P(X = c)"""
    odds = np.longdouble(str(p / q))
    total, last = np.longdouble(1), np.longdouble(1)
    for start in range(c, k, CHUNK):
        i = np.arange(start, min(start + CHUNK, k), dtype=np.longdouble)
        terms = last * np.cumprod((np.longdouble(k) - i) / (i + 1) * odds)
        total += terms.sum()
        last = terms[-1]
        if last < 1e-22 * total:
            break
    return Decimal(str(total))


def log_tail(c, k, p, q):
    """ln P(X >= c)"""
    if c <= 0:
        return Decimal(0)
    if c > k:
        return Decimal("-Infinity")
    if c >= k * p - 1:
        return log_pmf(c, k, p, q) + tail_ratio(c, k, p, q).ln()
    below = log_pmf(k - c + 1, k, q, p) + tail_ratio(k - c + 1, k, q, p).ln()
    return (1 - below.exp()).ln()


def beta_lower(d, c, k, start):
    """The p with P(X >= c; p) = d, by Newton's method on logarithms."""
    goal = Decimal(d).ln()
    p = Decimal(start) if 0 < start < 1 else Decimal(c) / (k + 1) / 2
    for _ in range(200):
        f = log_tail(c, k, p, 1 - p) - goal
        step = -f * tail_ratio(c, k, p, 1 - p) / c
        p *= max(min(step, (Decimal("0.5") * (1 + 1 / p)).ln()), Decimal(-300)).exp()
        if abs(step) < Decimal("1e-14"):
            return p
    raise ArithmeticError(f"no convergence: {d} {c} {k}")


def beta_upper(d, c, k, start):
    """The p with P(X <= c; p) = d: for misses, with their probability 1 - p."""
    goal = Decimal(d).ln()
    p = Decimal(start) if 0 < start < 1 else (Decimal(c) + 1) / (k + 1)
    for _ in range(200):
        f = log_tail(k - c, k, 1 - p, p) - goal
        step = f * tail_ratio(k - c, k, 1 - p, p) * (1 - p) / ((k - c) * p)
        p *= min(step, (Decimal("0.5") * (1 + 1 / p)).ln()).exp()
        if abs(step) < Decimal("1e-14"):
            return p
    raise ArithmeticError(f"no convergence: {d} {c} {k}")


def first(holds, start, end):
    """The smallest integer in 0..end for which holds (monotone; true at end), galloping from start."""
    start = int(min(max(start, 0), end))
    step = 1
    if holds(start):
        low, high = start - 1, start
        while low >= 0 and holds(low):
            high, low, step = low, low - step, 2 * step
        low = max(low, -1)
    else:
        low, high = start, min(start + 1, end)
        while high < end and not holds(high):
            low, high, step = high, min(high + step, end), 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high


def binomial_upper(d, theta, k, start):
    goal, p = Decimal(d).ln(), Decimal(theta)
    return first(lambda q: log_tail(q + 1, k, p, 1 - p) <= goal, start, k)


def binomial_lower(d, theta, k, start):
    goal, p = Decimal(d).ln(), Decimal(theta)
    return first(lambda q: log_tail(k - q, k, 1 - p, p) >= goal, start, k)


def kl(p, q):
    total = Decimal(0)
    if p > 0:
        total += p * (p / q).ln()
    if p < 1:
        total += (1 - p) * ((1 - p) / (1 - q)).ln()
    return total


def kl_root(divergence, goal, inner, outer):
    """Between inner (divergence 0) and outer (divergence above goal): bisection in decimals."""
    for _ in range(120):
        middle = (inner + outer) / 2
        if divergence(middle) < goal:
            inner = middle
        else:
            outer = middle
    return inner


def kl_rows(level, k, theta):
    """The four limits of the kl inequality at ln(1/d) = level, for 0 < theta < 1."""
    t, goal, tiny = Decimal(theta), Decimal(level) / k, Decimal("1e-40")
    yield "kl_lower", kl_root(lambda q: kl(t, q), goal, t, tiny * t)
    yield "kl_upper", kl_root(lambda q: kl(t, q), goal, t, 1 - tiny)
    yield "kl_predict_lower", Decimal(0) if -(1 - t).ln() <= goal else kl_root(lambda q: kl(q, t), goal, t, Decimal(0))
    yield "kl_predict_upper", Decimal(1) if -t.ln() <= goal else kl_root(lambda q: kl(q, t), goal, t, Decimal(1))


def quantile_rows(d, k):
    counts = {0, 1, 2, 10, k // 1000, k // 2, k - 2, k}
    if k == 10**12:
        counts -= {k // 2} if d > 1e-10 else set()
    for c in sorted(x for x in counts if 0 <= x <= k):
        if c > 0:
            scipy_value = float(stats.beta.ppf(d, c, k - c + 1))
            yield "beta_lower", c, beta_lower(d, c, k, scipy_value), scipy_value
        if c < k:
            scipy_value = float(stats.beta.isf(d, c + 1, k - c))
            yield "beta_upper", c, beta_upper(d, c, k, scipy_value), scipy_value
    for theta in (1e-9, 1.3e-3, 0.11, 0.47, 0.88, 1 - 1e-6):
        if k == 10**12 and 0.01 < theta < 0.99 and theta != 0.47:
            continue
        scipy_value = float(stats.binom.isf(d, k, theta))
        start = k - float(stats.binom.ppf(d, k, 1 - theta))
        yield "binomial_upper", theta, binomial_upper(d, theta, k, start), scipy_value
        scipy_value = float(stats.binom.ppf(d, k, theta))
        yield "binomial_lower", theta, binomial_lower(d, theta, k, scipy_value), scipy_value


def main():
    warnings.simplefilter("ignore")
    path = pathlib.Path(__file__).parent / "data" / "quantiles.csv"
    rows = scipy_off = 0
    with path.open("w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["function", "argument", "draws", "level", "value"])
        for k in (1, 2, 5, 30, 100, 1000, 10**4, 10**6, 10**9, 10**12):
            for d in (0.5, 0.1, 0.01, 1e-5, 1e-16, 1e-100, 1e-300):
                for name, argument, value, scipy_value in quantile_rows(d, k):
                    out.writerow([name, repr(argument), k, repr(-math.log(d)), repr(float(value))])
                    rows += 1
                    scipy_off += not abs(Decimal(scipy_value) - value) <= Decimal("1e-10") * value
            for level in (0.1, 3.0, 30.0, 690.0):
                for theta in (1e-12, 1e-3, 0.3, 0.5, 0.999):
                    for name, value in kl_rows(level, k, theta):
                        out.writerow([name, repr(theta), k, repr(level), repr(float(value))])
                        rows += 1
    print(f"{rows} rows; SciPy differs by more than 1e-10 in {scipy_off}")


if __name__ == "__main__":
    main()
