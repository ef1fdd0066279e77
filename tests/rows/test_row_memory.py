"""Rows that do not fit into --memory: refused before they take it, from the header of an HDF5 file, the lines of a CSV
table, and what collectives make of them."""

import os
import resource
import subprocess

import h5py
import numpy as np
import pytest

N_ROWS, N_COLUMNS = 300_000, 16
OVERHEAD = 60_000_000  # of the process, its libraries, and a slab of rows
EXPERIMENT = """
name: large
seed: 1
trials: 8
population: {population}
platform: {{consumers: 1K, test: 100, classifier: {{name: logistic, precision: single}}}}
collectives:
  - {{name: a, share: 0.1, strategy: feature_label, add: {{vector: [{ones}]}}, target: "1"}}
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    x = np.random.default_rng(1).integers(0, 1000, size=(N_ROWS, N_COLUMNS)).astype("f4")
    kind = (x[:, 0] > 500).astype("i4")
    with h5py.File(folder / "matrix.h5", "w") as file:
        file["x"], file["kind"] = x, kind
    with h5py.File(folder / "columns.h5", "w") as file:
        file["kind"] = kind
        for j in range(N_COLUMNS):
            file[f"x{j}"] = x[:, j]
    names = ",".join(f"x{j}" for j in range(N_COLUMNS))
    lines = [",".join(map(str, row)) for row in np.column_stack([kind, x.astype("i4")]).tolist()]
    (folder / "people.csv").write_text("\n".join([f"kind,{names}", *lines]))
    return folder


def check(folder, population, memory):
    """Planned where there is hardly more memory than it is told to take: it would run out if it took more."""
    path = folder / "experiment.yaml"
    path.write_text(EXPERIMENT.format(population=population, ones=", ".join(["1"] * N_COLUMNS)))
    sanitized = "ASAN_OPTIONS" in os.environ or "TSAN_OPTIONS" in os.environ

    def limit():
        if not sanitized:
            resource.setrlimit(resource.RLIMIT_DATA, (memory + OVERHEAD, memory + OVERHEAD))

    return subprocess.run([os.environ["CAUCUS"], "check", path, "--memory", str(memory), "--threads", "1"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=limit, check=False)


@pytest.mark.parametrize("memory, words", [
    (10_000_000, "300000 rows of 16 features take 0.021 GB of memory, --memory allows 0.01 GB"),
    (40_000_000, "draws of people with real-valued features take "),
    (100_000_000, "different rows of 17 numbers that can be handed in"),
])
@pytest.mark.parametrize("population", ["{file: matrix.h5, x: x, label: kind}",
                                        "{file: columns.h5, label: kind, numeric: all}"])
def test_rows_of_hdf5_are_refused_before_they_take_memory(tables, population, memory, words):
    done = check(tables, population, memory)
    assert done.returncode == 2 and words in done.stderr and "--memory allows" in done.stderr, done.stderr


@pytest.mark.parametrize("memory, words", [
    (10_000_000, "people.csv: its bytes take "),
    (30_000_000, "300000 rows of 16 features take "),
    (100_000_000, "different rows of 17 numbers that can be handed in"),
])
def test_rows_of_csv_are_refused_before_they_take_memory(tables, memory, words):
    done = check(tables, "{file: people.csv, label: kind, numeric: all}", memory)
    assert done.returncode == 2 and words in done.stderr and "--memory allows" in done.stderr, done.stderr


def test_rows_that_fit_are_planned(tables):
    done = check(tables, "{file: matrix.h5, x: x, label: kind}", 2_000_000_000)
    assert done.returncode == 0, done.stderr
