"""Retrainings a second of one core, against peers and limits measured in the same run.

    /usr/bin/python3 bench/retraining.py [BUILD_DIR] [SECONDS]

The problem: 6 features of 4 values (4,096 cells, 24 one-hot columns), 4 labels, 200,000 consumers, each training with its
own multinomial counts. Every figure is the best of repeated timings, since what else a machine does only slows one down.
Peers: scikit-learn and a NumPy Newton (bench/peers). Limits: the operations of cells alone, in packs as wide, out of the
first cache; and the dense matrix products that the one-hot form does without, by OpenBLAS.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = "1"

import time  # noqa: E402

import numpy as np  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(SOURCE / "tests"), str(SOURCE / "bench"), str(SOURCE / "bench/peers")]
import blas  # noqa: E402
from fits import LOGISTIC, MLP, NAIVE_BAYES, grid, one_hot, random_probabilities, write_problem  # noqa: E402
from running import need_program  # noqa: E402

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else SOURCE / "build")
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 3.0
# Of a cell with two patterns: a product, an addition and a share for each label, its parts of both patterns, a logarithm.
CELL_OPERATIONS = 5 * 4 + 25
N_VALUES, N_LABELS, CONSUMERS, TRAINEES = [4] * 6, 4, 200_000, 256


def make_problem(folder):
    rng = np.random.default_rng(1)
    codes = grid(*N_VALUES)
    joint = random_probabilities(rng, codes, N_VALUES, N_LABELS, 0.5) * rng.dirichlet(np.full(len(codes), 2.0))[:, None]
    counts = rng.multinomial(CONSUMERS, joint.ravel(), size=TRAINEES).reshape(TRAINEES, *joint.shape)
    np.savez(folder / "problem.npz", design=one_hot(codes, N_VALUES), counts=counts)

    def write(name, kind, n=TRAINEES, **parameters):
        write_problem(folder / name, kind, codes, N_VALUES, np.round(joint * 1e12), counts[:n], **parameters)

    write("logistic", LOGISTIC)
    write("exact", LOGISTIC, tolerance=1e-10)
    write("naive_bayes", NAIVE_BAYES)
    write("private", LOGISTIC, 64, private=1)
    write("interactions", LOGISTIC, 64, interactions=1)
    write("mlp", MLP, 64)  # eight for each of a pack's lanes, as in a run
    write("mlp, expected start", MLP, 64, expected_start=1)
    return counts, len(codes)


def run(*command):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout


def dense_product(n_cells):
    """Seconds for the two products of one evaluation of one training, many at a time: scores, and the gradient."""
    design = np.hstack([np.ones((n_cells, 1)), one_hot(grid(*N_VALUES), N_VALUES)])
    n = 8 * N_LABELS
    w, residual = np.random.default_rng(2).normal(size=(design.shape[1], n)), np.ones((n_cells, n))
    best = np.inf
    for _ in range(200):
        start = time.perf_counter()
        design @ w
        design.T @ residual
        best = min(best, time.perf_counter() - start)
    return best / 8, 4 * n_cells * design.shape[1] * N_LABELS / (best / 8)


def limits(folder, width):
    program = folder / "pack_limits"
    run("cc", "-O3", "-march=native", "-std=gnu17", "-ffp-contract=off", f"-DCAUCUS_PACK_WIDTH={width}", "-I",
        SOURCE / "src", "-o", program, SOURCE / "bench/pack_limits.c", "-lm")
    return map(float, run(program).split())


def compare(problem, rate):
    """Peers' trainings a second beside caucus' rate; not with a BLAS that nobody would use who looks at the time."""
    reason = blas.refusal()
    if reason:
        print(f"\npeers are not compared: {reason}")
        return
    print(f"\npeers' BLAS: {blas.library()}, {blas.gigaflops():.1f} GFLOP/s on one thread")
    print(f"{'peer, one core':34} {'trainings/s':>12} {'gradient':>12} {'caucus is':>10}")
    for peer in ("sklearn_logistic", "numpy_newton"):
        for line in run(sys.executable, SOURCE / f"bench/peers/{peer}.py", problem, SECONDS).splitlines():
            label, peer_rate, gradient = line.split("\t")
            print(f"{label:34} {float(peer_rate):12,.1f} {gradient:>12} {rate / float(peer_rate):8.0f} x")


def main():
    fit_counts = need_program(BUILD, "fit_counts", file="tests/fit_counts")
    processor = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    print(f"processor: {processor}, one core; load {os.getloadavg()[0]:.1f} of {len(os.sched_getaffinity(0))} cores")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        counts, n_cells = make_problem(folder)
        print(f"{'caucus':34} {'trainings/s':>12} {'evaluations':>12} {'converged':>10}")
        rates = {}
        for kind in ("logistic", "exact", "naive_bayes", "private", "interactions", "mlp",
                     "mlp, expected start"):
            rate, steps, converged, width = map(float, run(fit_counts, "time", folder / kind,
                                                           SECONDS).split())
            rates[kind] = rate, steps
            label = {"exact": "logistic, tolerance 1e-10", "private": "logistic, private, 100 steps",
                     "interactions": "logistic, interactions"}.get(kind, kind)
            print(f"{label:34} {rate:12,.1f} {steps:12.1f} {converged:10.0f}")
        compare(folder / "problem.npz", rates["logistic"][0])
        rate, steps = rates["logistic"]
        exps_at_most, operations = limits(folder, int(width))
        cells = rate * steps * n_cells
        print(f"\nlimits of the core, packs of {width:.0f}: {exps_at_most / 1e6:,.0f} M exps/s alone, "
              f"{operations / 1e9:.1f} G additions and multiplications/s")
        print(f"logistic evaluates {cells / 1e6:,.0f} M cells/s, {CELL_OPERATIONS} operations each at least: "
              f"{cells * CELL_OPERATIONS / operations:.0%} of its time is what these alone would take")
        product, flops = dense_product(n_cells)
        print(f"dense products instead of the one-hot form, by NumPy's BLAS: {flops / 1e9:.1f} GFLOP/s, "
              f"{product * 1e6:.0f} us an evaluation; a whole evaluation here takes {1e6 / (rate * steps):.0f} us")


if __name__ == "__main__":
    main()
