"""Softmax regression by Newton's method in NumPy, written for counts on cells: one thread.

    numpy_newton.py PROBLEM.npz SECONDS

The Hessian is put together from blocks of labels as matrix products over cells, and solved by Cholesky; each fit starts
at the fit of the mean counts. Prints trainings a second (from the fastest fit), and the gradient left at the end, its
largest component as a share of the weights.
"""

import sys
import time

import numpy as np
import scipy.linalg

import blas

PENALTY, TOLERANCE = 1.0, 1e-6


def fit(design, counts, start):
    n_labels = counts.shape[1]
    totals = counts.sum(axis=1, keepdims=True)
    ridge = PENALTY * np.r_[0, np.ones(design.shape[1] - 1)][:, None]
    n = design.shape[1]
    w = start
    linear = design.T @ counts
    for _ in range(50):
        scores = design @ w
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        expected = totals * p
        gradient = design.T @ expected - linear + ridge * w
        left = np.abs(gradient).max() / totals.sum()
        if left <= TOLERANCE:
            break
        hessian = np.empty((n_labels, n, n_labels, n))
        for y in range(n_labels):
            for z in range(y, n_labels):
                weight = expected[:, y] * ((y == z) - p[:, z])
                hessian[y, :, z, :] = hessian[z, :, y, :] = design.T @ (weight[:, None] * design)
        hessian = hessian.reshape(n_labels * n, -1)
        hessian[np.diag_indices_from(hessian)] += np.tile(ridge.ravel(), n_labels) + 1e-6
        step = scipy.linalg.cho_solve(scipy.linalg.cho_factor(hessian, check_finite=False), gradient.T.ravel())
        w = w - step.reshape(n_labels, n).T
    return w, left


def main():
    blas.require()
    problem = np.load(sys.argv[1])
    counts = problem["counts"].astype(float)
    design = np.hstack([np.ones((counts.shape[1], 1)), problem["design"]])
    start, _ = fit(design, counts.mean(axis=0), np.zeros((design.shape[1], counts.shape[2])))
    best, worst, n, begin = np.inf, 0.0, 0, time.perf_counter()
    while n < len(counts) and (n < 3 or time.perf_counter() - begin < float(sys.argv[2])):
        at = time.perf_counter()
        _, left = fit(design, counts[n], start)
        best = min(best, time.perf_counter() - at)
        worst = max(worst, left)
        n += 1
    print(f"NumPy Newton\t{1 / best:.2f}\t{worst:.2g}")


if __name__ == "__main__":
    main()
