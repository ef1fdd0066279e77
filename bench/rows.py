"""Retrainings a second on rows of real numbers, of one core.

    /usr/bin/python3 bench/rows.py [BUILD_DIR] [SECONDS] [TABLE...]

Each table has R rows, as many consumers drawn from them in every trial, and a logistic regression to a gradient of 1e-6 of
the consumers. Printed for each, with double and single precision: retrainings a second; evaluations of the gradient a
retraining; share of an evaluation's time that its two products alone take, by the same OpenBLAS in the same run; and how
many times as fast it is as scikit-learn's lbfgs on the same counts, stopped at the same gradient, with OpenBLAS behind it
and one thread. The libraries that multiply for both are named first; without OpenBLAS behind the peer there is no comparison.
TABLE: small (R = 10,000, 32 columns, 2 labels) and large (60,000, 128, 10); both by default. Times are of
this process, so that what else the machine does counts little.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"

import time  # noqa: E402
import warnings  # noqa: E402

import numpy as np  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SOURCE / "tests"))
from rowfits import LOGISTIC, time_rows  # noqa: E402

TABLES = {"small": (10_000, 32, 2, 128), "large": (60_000, 128, 10, 16)}
TOLERANCE = 1e-6


def make_table(n_rows, n_columns, n_labels, batch):
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(n_rows, n_columns))
    scores = rows @ rng.normal(size=(n_columns, n_labels)) * 2 / np.sqrt(n_columns)
    labels = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
    people = rng.multinomial(n_rows, np.full(n_rows, 1 / n_rows), size=batch).T
    return rows, labels, people


def gradient_of(model, rows, labels, people, penalty):
    """The largest component, as a share of the people."""
    n_labels = labels.max() + 1
    if n_labels == 2:
        p = model.predict_proba(rows)[:, 1]
        slopes = people * (p - labels)
        parts = np.append(rows.T @ slopes + penalty * model.coef_[0], slopes.sum())
    else:
        slopes = people[:, None] * (model.predict_proba(rows) - np.eye(n_labels)[labels])
        parts = np.append((rows.T @ slopes + penalty * model.coef_.T).ravel(), slopes.sum(axis=0))
    return np.abs(parts).max() / people.sum()


def time_peer(rows, labels, people, n):
    """Process seconds of a fit: the best of n, each of another trial, at a tolerance that reaches ours."""
    from sklearn.linear_model import LogisticRegression

    two = labels.max() == 1
    warnings.simplefilter("ignore")
    best, worst, iterations = np.inf, 0.0, 0
    for i in range(n):
        model = LogisticRegression(C=2 if two else 1, tol=TOLERANCE * len(rows), max_iter=2000,
                                   multi_class="auto" if two else "multinomial")
        start = time.process_time()
        model.fit(rows, labels, sample_weight=people[:, i])
        best = min(best, time.process_time() - start)
        worst = max(worst, gradient_of(model, rows, labels, people[:, i], 0.5 if two else 1.0))
        iterations = max(iterations, int(model.n_iter_[0]))
    return best, worst, iterations


def name_libraries(program):
    """The matrix libraries that scikit-learn has loaded, and what caucus says of its own."""
    import scipy.linalg  # noqa: F401
    import sklearn.linear_model  # noqa: F401

    with open("/proc/self/maps", encoding="utf-8") as maps:
        files = {line.split()[-1] for line in maps if "blas" in line or "lapack" in line or "mkl" in line}
    peer = sorted({os.path.realpath(file) for file in files if os.path.basename(file).startswith("lib")})
    own = subprocess.run([program, "library"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    print(f"caucus multiplies by {own}; scikit-learn has loaded {', '.join(peer)}")
    if not any("openblas" in file for file in peer):
        sys.exit("scikit-learn has no OpenBLAS behind it: install libopenblas0-pthread, or choose it by update-alternatives")


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else SOURCE / "build")
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 4.0
    name_libraries(build / "tests" / "fit_rows")
    for name in sys.argv[3:] or TABLES:
        n_rows, n_columns, n_labels, batch = TABLES[name]
        rows, labels, people = make_table(n_rows, n_columns, n_labels, batch)
        peer, gradient, iterations = time_peer(rows, labels, people, 3 if name == "small" else 1)
        print(f"R = {n_rows:,}, {n_columns} columns, {n_labels} labels, {batch} trials together")
        print(f"  scikit-learn lbfgs   {1 / peer:10.3g} /s   {iterations} iterations, gradient {gradient:.1e}")
        for single in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                found = time_rows(build / "tests" / "fit_rows", pathlib.Path(folder), seconds, LOGISTIC, rows, labels, people,
                                  tolerance=TOLERANCE, single=single)
            rate = found["trainings_per_second"]
            print(f"  caucus, {'single' if single else 'double':12} {rate:10.3g} /s   {found['evaluations']:.3g} evaluations, "
                  f"{found['gflops']:.3g} GFLOP/s, products {found['products_share']:.0%} of an evaluation, "
                  f"{rate * peer:.3g} times scikit-learn", flush=True)


main()
