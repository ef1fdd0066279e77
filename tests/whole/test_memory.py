"""Little memory: an allocation that fails, whichever it is, is a message and exit code 1.

Here a sample of them; the target soak-memory fails every single one (CAUCUS_SOAK_STRIDE=1). Allocations of HDF5 itself
are failed too, where nothing but the end of the command is promised: the library does not withstand them.
"""

import concurrent.futures
import os
import pathlib
import re
import resource
import shutil
import subprocess

import pytest

from conftest import PROGRAM, SANITIZED, SHIMS, needs_shims

STRIDE = int(os.environ.get("CAUCUS_SOAK_STRIDE", "0"))  # 0: a sample
WORKERS = int(os.environ.get("CAUCUS_SOAK_WORKERS", "1"))
COUNTS = """\
consumers: 1700
test: 5K
delta: 0.05
cells: 3
labels: 2
collectives:
  - {strategy: feature_label, target: 1, map: [2, 2, 2], counts: [[100, 300], [50, 50], [60, 40]]}
  - {strategy: feature_label, target: 0, map: [2, 1, 2], counts: [[120, 40], [30, 100], [60, 90]]}
"""
ROWS = """\
trials: 12
population: {file: people.h5, label: income, numeric: all}
platform: {consumers: 40, test: 20, classifier: {name: logistic, batch: 4}}
collectives:
  - {size: 9, strategy: feature_label, set: {age: 2}, target: hi}
output: {accuracy_cost: true}
"""
COMMANDS = {
    "run": ["run", "tiny.yaml", "--device", "cpu", "--threads", "2", "-o", "made.h5"],
    "resume": ["run", "tiny.yaml", "--device", "cpu", "--threads", "2", "-o", "begun.h5", "--resume"],
    "sums": ["run", "tiny.yaml", "--device", "cpu", "--threads", "2", "-o", "made.h5", "--set", "output.trials=false"],
    "solve": ["solve", "tiny.yaml", "--device", "cpu", "--threads", "2", "-o", "made.h5", "--set", "sweep=[]"],
    "check": ["check", "tiny.yaml", "--device", "cpu", "--threads", "2"],
    "rows": ["run", "rows.yaml", "--device", "cpu", "--threads", "2", "-o", "made.h5"],
    "matrix": ["run", "rows.yaml", "--device", "cpu", "--threads", "2", "-o", "made.h5", "--set",
               "population={file: matrix.h5, x: x, label: income}", "--set", "collectives[0].set={x1: 2}"],
    "summary": ["summary", "whole.h5", "--format", "csv"],
    "parts": ["summary", "begun.h5"],
    "info": ["info", "whole.h5"],
    "verify": ["verify", "whole.h5"],
    "sketch": ["summary", "whole.h5", "--plot=always"],
    "report": ["report", "whole.h5", "-o", "made.html"],
    "masses": ["report", "mass.h5", "-o", "made.html"],
    "plot": ["plot", "whole.h5", "-o", "made.svg"],
    "columns": ["columns", "people.csv"],
    "columns_hdf5": ["columns", "people.h5"],
    "init": ["init", "people.csv"],
    "bound": ["bound", "counts.yaml"],
}
# With the CUDA module, `devices` starts NVIDIA's runtime, which crashes without memory, and tells of a module that there is
# no room to load.
if not pathlib.Path(PROGRAM).with_name("caucus_cuda.so").exists():
    COMMANDS["devices"] = ["devices"]
# libfyaml 0.7 follows a null pointer where it has no memory for an input, which takes two allocations of each text that
# it parses: an experiment, and every change to it that is no plain word. So does libgfortran 12, which OpenBLAS starts, in
# about 20. How many such places a command has, half of those of libgfortran, which all fail at once only.
LIBRARY_CRASHES = {"run": 2, "resume": 2, "sums": 2, "solve": 4, "check": 2, "bound": 2, "rows": 16, "matrix": 20}
UNEQUAL = re.compile(r"[\d.,]+ (s|trials/s|GB/s)\b|expected time.*|[\d.]+ [kMG]i?B.*")  # what is measured


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@pytest.fixture
def prepared(caucus, tiny, tmp_path):
    """A folder with what every command needs: an experiment, a result, and the parts of one."""
    import h5py
    (tmp_path / "counts.yaml").write_text(COUNTS)
    (tmp_path / "rows.yaml").write_text(ROWS)
    with h5py.File(tmp_path / "matrix.h5", "w") as file:
        file["income"] = ["hi", "lo", "hi", "lo"]
        file["x"] = [[1.0, 2], [3, 1], [2, 2], [4, 0]]
    with h5py.File(tmp_path / "people.h5", "w") as file:
        file["income"] = ["hi", "lo", "hi", "lo"]
        file["age"] = [1, 2, 3, 4]
    assert caucus("run", tiny, "-q", "-o", "whole.h5").returncode == 0
    assert caucus("solve", tiny, "-q", "-o", "mass.h5", "--set", "sweep=[]").returncode == 0
    stopped = caucus("run", tiny, "-q", "-o", "begun.h5",
                     env={"LD_PRELOAD": str(SHIMS / "iofault.so"), "FAULT_CALLS": "fsync", "FAULT_MODE": "from",
                          "FAULT_PATH": "result.h5"})
    assert stopped.returncode == 1 and (tmp_path / "begun.h5.parts" / "segment-00000000.h5").exists(), stopped
    return tmp_path


def attempt(folder, name, command, preexec=no_core, **environment):
    """Run a command in a copy of the folder; what it did, and what it left."""
    copy = folder.with_name(f"{folder.name}-{name}")
    shutil.copytree(folder, copy)
    try:
        done = subprocess.run([PROGRAM, *command], cwd=copy, env={**os.environ, **environment}, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=preexec)
        left = sorted(path.name for path in copy.iterdir())
    finally:
        shutil.rmtree(copy)
    return done, left


def says_the_same(one, other):
    return UNEQUAL.sub("", one.stdout) == UNEQUAL.sub("", other.stdout)


def places(n):
    if STRIDE > 0:
        return range(1, n + 1, STRIDE)
    return sorted({1, 2, *range(1 + n // 31, n + 1, max(1, n // 3))})


@needs_shims
@pytest.mark.parametrize("command", COMMANDS)
def test_every_allocation_may_fail(prepared, command):
    """Once, and for good."""
    shim = {"LD_PRELOAD": str(SHIMS / "memfault.so"), "MEM_OUTSIDE": "libhdf5"}
    whole, whole_left = attempt(prepared, "whole", COMMANDS[command], **shim, MEM_COUNT=str(prepared / "count"))
    assert whole.returncode == 0, whole
    n = int((prepared / "count").read_text())
    counted = {"0": 0, "1": 0, "crash": 0}
    (prepared / "count").unlink()

    def fail(at, more):
        done, left = attempt(prepared, f"{at}{'on' * len(more)}", COMMANDS[command], **shim, MEM_AT=str(at), **more)
        said = (command, at, more, done, left)
        assert done.returncode in (0, 1), said
        counted["crash"] += "crashed" in done.stderr
        if done.returncode == 1:
            assert done.stderr.strip(), said
        else:  # it went on without: to the same end, with a word about what it could not remove
            told = [name for name in left if f"{name} is not needed any more, but was left: " in done.stderr]
            assert says_the_same(done, whole) and [name for name in left if name not in told] == whole_left, said
        counted[str(done.returncode)] += 1

    tries = [(at, more) for at in places(n) for more in ({}, {"MEM_FROM": "1"})]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda one: fail(*one), tries))
    print(f"{command}: {n} allocations, {len(tries)} failed, {counted['1']} messages, {counted['0']} done all the same, "
          f"{counted['crash']} crashes told")
    assert counted["crash"] <= 2 * LIBRARY_CRASHES.get(command, 0)


@needs_shims
@pytest.mark.parametrize("command", ["run", "sums", "solve", "summary", "parts", "report"])
def test_allocations_of_hdf5_may_end_a_command_but_not_silently(prepared, command):
    shim = {"LD_PRELOAD": str(SHIMS / "memfault.so")}
    whole, whole_left = attempt(prepared, "whole", COMMANDS[command], **shim, MEM_COUNT=str(prepared / "count"))
    n = int((prepared / "count").read_text())
    (prepared / "count").unlink()
    counted = {"done": 0, "message": 0, "crash told": 0}

    def fail(at, more):
        done, left = attempt(prepared, f"{at}{'on' * len(more)}", COMMANDS[command], **shim, MEM_AT=str(at), **more)
        said = (command, at, more, done, left)
        assert done.returncode in (0, 1, 2), said
        assert done.returncode == 0 or done.stderr.strip(), said
        counted["done" if done.returncode == 0 else "crash told" if "crashed" in done.stderr else "message"] += 1

    tries = [(at, more) for at in places(n) for more in ({}, {"MEM_FROM": "1"})]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda one: fail(*one), tries))
    print(f"{command}: {n} allocations, {len(tries)} failed: {counted}")


@pytest.mark.skipif(SANITIZED, reason="sanitizers take terabytes of addresses for themselves")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_limit_on_addresses_is_a_message(prepared, command):
    """From what is too little for anything to what is enough."""
    whole, _ = attempt(prepared, "whole", COMMANDS[command])
    codes = set()
    megabytes = range(30, 300, 2) if STRIDE else (40, 64, 75, 90, 130)
    for most in [*megabytes, 1200]:
        def limit(bytes_=most << 20):
            no_core()
            resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))

        done, left = attempt(prepared, f"{most}", COMMANDS[command], preexec=limit)
        codes.add(done.returncode)
        said = (command, most, done, left)
        assert done.returncode in (0, 1, 127), said  # 127: the loader's
        assert "crashed" not in done.stderr or "HDF5" in done.stderr, said
        assert says_the_same(done, whole) if done.returncode == 0 else done.stderr.strip(), said
    assert 0 in codes, said
