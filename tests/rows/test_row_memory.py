"""Rows that do not fit into --memory: refused before they take it, from the header of an HDF5 file, the lines of a CSV
table, what collectives make of them, and what threads train in; and what is planned is not exceeded."""

import os
import re
import resource
import subprocess
import sys

import h5py
import numpy as np
import pytest

N_ROWS, N_COLUMNS = 60_000, 16
OVERHEAD = 60_000_000  # of the process, its libraries, and a slab of rows
EXPERIMENT = """
name: large
seed: 1
trials: 8
population: {population}
platform: {{consumers: 1K, test: 100, classifier: {classifier}}}
collectives:
  - {{name: a, share: 0.1, strategy: feature_label, {change}, target: "1"}}
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


SANITIZED = "ASAN_OPTIONS" in os.environ or "TSAN_OPTIONS" in os.environ
EVERYTHING = f"add: {{vector: [{', '.join(['1'] * N_COLUMNS)}]}}"


def write(folder, population, classifier="{name: logistic, precision: single}", change=EVERYTHING):
    path = folder / "experiment.yaml"
    path.write_text(EXPERIMENT.format(population=population, classifier=classifier, change=change))
    return path


def check(path, memory, threads=1, limited=True):
    """Planned where there is hardly more memory than it is told to take: it would run out if it took more. What is
    trained for the plan asks for more addresses than it uses, and is not limited."""
    def limit():
        if limited and not SANITIZED:
            resource.setrlimit(resource.RLIMIT_DATA, (memory + OVERHEAD, memory + OVERHEAD))

    return subprocess.run([os.environ["CAUCUS"], "check", path, "--memory", str(memory), "--threads", str(threads)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit, check=False)


def refused(done, words):
    if "needs OpenBLAS" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 2 and words in done.stderr and "--memory allows" in done.stderr, done.stderr


@pytest.mark.parametrize("memory, words", [
    (2_000_000, "60000 rows of 16 features take 0.0042 GB of memory, --memory allows 0.002 GB"),
    (8_000_000, "draws of people with real-valued features take "),
    (20_000_000, "different rows of 17 numbers that can be handed in"),
])
@pytest.mark.parametrize("population", ["{file: matrix.h5, x: x, label: kind}",
                                        "{file: columns.h5, label: kind, numeric: all}"])
def test_rows_of_hdf5_are_refused_before_they_take_memory(tables, population, memory, words):
    refused(check(write(tables, population), memory), words)


@pytest.mark.parametrize("memory, words", [
    (2_000_000, "people.csv: its bytes take "),
    (6_000_000, "60000 rows of 16 features take "),
    (20_000_000, "different rows of 17 numbers that can be handed in"),
])
def test_rows_of_csv_are_refused_before_they_take_memory(tables, memory, words):
    refused(check(write(tables, "{file: people.csv, label: kind, numeric: all}"), memory), words)


def test_what_threads_train_in_is_refused(tables):
    """One thread fits, two do not; nor does one whose batch is large."""
    population, change = "{file: matrix.h5, x: x, label: kind}", "set: {x0: 500}, members: {x1: {below: 10}}"
    path = write(tables, population, "{name: logistic, precision: single, batch: 32, tolerance: 0.01}", change)
    planned = check(path, 2_000_000_000)
    assert planned.returncode == 0, planned.stderr
    memory = int(1.1 * planned_bytes(planned.stdout))
    assert check(path, memory, limited=False).returncode == 0
    refused(check(path, memory, threads=2, limited=False), "for what 2 threads train on) and workspaces")
    path = write(tables, population, "{name: logistic, precision: single, batch: 4096}", change)
    refused(check(path, memory, limited=False), "or a smaller batch")


@pytest.mark.skipif(SANITIZED, reason="sanitizers take memory of their own")
def test_openblas_without_addresses_is_told(tables):
    """It would ask for them for ever."""
    path = write(tables, "{file: matrix.h5, x: x, label: kind}", change="set: {x0: 500}, members: {x1: {below: 10}}")
    done = check(path, 100_000_000)
    if "needs OpenBLAS" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 1 and "bytes for OpenBLAS, by addresses" in done.stderr, done.stderr


def write_wide(folder):
    rng = np.random.default_rng(2)
    with h5py.File(folder / "wide.h5", "w") as file:
        file["x"], file["kind"] = rng.normal(size=(300, 1000)), np.arange(300) % 2
    return "{file: wide.h5, x: x, label: kind}"


def test_curvatures_of_many_columns_are_refused(tmp_path):
    path = write(tmp_path, write_wide(tmp_path), change="set: {x0: 1}")
    refused(check(path, 20_000_000, limited=False), "training on 600 rows of 1001 numbers, with what is known of the loss' curvature")


def planned_bytes(text):
    number, unit = re.search(r"memory +([0-9.]+) (kB|MB|GB)", text).groups()
    return float(number) * {"kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]


SPAWN = """
import os, sys
null = os.open(os.devnull, os.O_WRONLY)
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
_, status, usage = os.wait4(process, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


@pytest.mark.skipif(SANITIZED, reason="sanitizers take memory of their own")
@pytest.mark.parametrize("population, classifier, change", [
    ("{file: matrix.h5, x: x, label: kind}", "{name: logistic, tolerance: 0.01, batch: 32}", "set: {x0: 500}, members: {x1: {below: 10}}"),
    (None, "{name: logistic, steps: 2, batch: 8}", "set: {x0: 1}"),
])
def test_no_more_is_taken_than_is_planned(tables, tmp_path, population, classifier, change):
    """Beside the process, its libraries and the thread that reads a matrix."""
    folder = tmp_path if population is None else tables
    path = write(folder, write_wide(folder) if population is None else population, classifier, change)
    planned = check(path, 2_000_000_000)
    assert planned.returncode == 0, planned.stderr
    done = subprocess.run([sys.executable, "-S", "-c", SPAWN, os.environ["CAUCUS"], "run", "-q", "--force", "--threads", "1", path,
                           "-o", folder / "out.h5"], stdout=subprocess.PIPE, text=True, check=True)
    code, kilobytes = map(int, done.stdout.split())
    assert code == 0 and kilobytes * 1024 < planned_bytes(planned.stdout) + OVERHEAD
