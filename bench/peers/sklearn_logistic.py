"""scikit-learn's logistic regression on counts: one fit after the other, one thread.

    sklearn_logistic.py PROBLEM.npz SECONDS

Rows are (cell, label) pairs weighted by their counts, the shortest form that it takes; sparse rows where that is faster.
Prints, for each setting: trainings a second (from the fastest fit), and the gradient that is left, its largest component
as a share of the weights.
"""

import sys
import time
import warnings

import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression

import blas


def gradient(model, design, counts):
    residual = model.predict_proba(design) * counts.sum(axis=1, keepdims=True) - counts
    slopes = design.T @ residual + model.coef_.T / model.C
    return max(np.abs(slopes).max(), np.abs(residual.sum(axis=0)).max()) / counts.sum()


def main():
    blas.require()
    problem = np.load(sys.argv[1])
    design, counts = problem["design"], problem["counts"].astype(float)
    n_cells, n_labels = counts.shape[1:]
    labels = np.tile(np.arange(n_labels), n_cells)
    dense = np.repeat(design, n_labels, axis=0)
    rows = {"dense": dense, "sparse": scipy.sparse.csr_matrix(dense)}
    warnings.simplefilter("ignore")
    for solver, tol in (("lbfgs", 1e-4), ("lbfgs", 1e-6), ("newton-cg", 1e-2)):
        for form, x in rows.items():
            best, worst, n, start = np.inf, 0.0, 0, time.perf_counter()
            while n < len(counts) and (n < 3 or time.perf_counter() - start < float(sys.argv[2])):
                model = LogisticRegression(solver=solver, tol=tol, max_iter=1000, multi_class="multinomial")
                begin = time.perf_counter()
                model.fit(x, labels, sample_weight=counts[n].ravel())
                best = min(best, time.perf_counter() - begin)
                worst = max(worst, gradient(model, design, counts[n]))
                n += 1
            print(f"scikit-learn {solver} tol {tol:g} {form}\t{1 / best:.2f}\t{worst:.2g}")


if __name__ == "__main__":
    main()
