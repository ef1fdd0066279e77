"""What the tests in Python share. ctest sets CAUCUS to the program and CAUCUS_SOURCE to the source folder."""

import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

PROGRAM = os.environ.get("CAUCUS", "")
SOURCE = pathlib.Path(os.environ.get("CAUCUS_SOURCE", pathlib.Path(__file__).parent.parent))
SANITIZED = PROGRAM != "" and b"san_init" in pathlib.Path(PROGRAM).read_bytes()


def trains_on_cells(path):
    """Whether people of an experiment have categories alone: what is learnt from rows of numbers differs in its last bits."""
    return "\n  numeric:" not in path.read_text()


def pytest_sessionfinish(session, exitstatus):
    """A file whose tests were all skipped is skipped, not passed: ctest takes 77 for that, and shows the reason."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", [])
    if exitstatus == 0 and skipped and not reporter.stats.get("passed"):
        session.exitstatus = 77
        for reason in sorted({str(report.longrepr[2]) for report in skipped}):
            reporter.write_line(f"\n{reason}")


@pytest.fixture(scope="session")
def source():
    return SOURCE


@pytest.fixture
def caucus(tmp_path):
    """Run the program in an empty folder; the result has returncode, stdout, stderr."""

    def run(*arguments, timeout=60, env=None, **options):
        return subprocess.run(
            [PROGRAM, *map(str, arguments)],
            cwd=options.pop("cwd", tmp_path),
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            text=True,
            timeout=timeout * (10 if SANITIZED else 1),
            **options,
        )

    run.program = PROGRAM
    return run


@pytest.fixture
def tiny(tmp_path):
    """Path of an experiment that is over at once: two configurations, two collectives, one table beside it."""
    (tmp_path / "people.csv").write_text("income,home,age\nhi,Rent,1\nlo,Own,2\nhi,Own,3\nlo,Rent,4\nmid,Rent,5\n")
    path = tmp_path / "tiny.yaml"
    path.write_text("""\
name: tiny
seed: 7
trials: 6
population: {file: people.csv, label: income, features: [home, age]}
platform: {consumers: 200, test: 20}
collectives:
  - {name: a, share: 0.05, strategy: feature_label, set: {home: Rent}, target: hi}
  - {name: b, share: 0.02, strategy: erase, set: {home: Own}}
bounds: {knowledge: [total, full], inequalities: [hoeffding, kl]}
sweep:
  - {name: share, path: "collectives[0].share", values: [0.1, 0.2]}
""")
    return path


def wait_until_caught(process, number):
    """Until a program has installed its handler of a signal: before that it is the system that ends it."""
    while process.poll() is None:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            caught = next(int(line.split()[1], 16) for line in status if line.startswith("SigCgt"))
        if caught >> (number - 1) & 1:
            return
        time.sleep(0.001)


@pytest.fixture
def stop_and_resume(caucus, tmp_path):
    """Run an experiment, stop it by a signal ever later, and resume it until it is done. Yields (returncode, errors) of
    each stop.
    """

    def stops(experiment, output, number):
        resume = []
        for attempt in range(40):
            process = subprocess.Popen(
                [caucus.program, "run", experiment, "-o", output, "--quiet", "--threads", "2", *resume],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if number != signal.SIGKILL:
                wait_until_caught(process, number)
            time.sleep(0.05 * 1.2**attempt)
            process.send_signal(number)
            _, errors = process.communicate(timeout=60)
            if process.returncode == 0:
                assert attempt > 0, "the run was over before it could be stopped"
                assert not os.path.exists(f"{output}.parts")
                return
            # A kill may come between publishing the result and the end.
            assert not output.exists() or number == signal.SIGKILL
            yield process.returncode, errors
            resume = ["--resume"]
        raise AssertionError(f"the run never ended: {errors}")

    return stops


SHIMS = pathlib.Path(PROGRAM).parent / "tests"
needs_shims = pytest.mark.skipif(SANITIZED,
                                 reason="sanitizers do not let other libraries in front of the C library")


def io_fault(calls, path="", **options):
    """The environment in which system calls on a path fail: tests/faults/iofault.c says how."""
    values = {f"FAULT_{key.upper()}": str(value) for key, value in options.items()}
    return {"LD_PRELOAD": str(SHIMS / "iofault.so"), "FAULT_CALLS": calls, "FAULT_PATH": path, **values}


EMULATED_CUDA = pathlib.Path(PROGRAM).parent / "tests" / "emulated_cuda.so"


@pytest.fixture
def emulated(caucus, tmp_path):
    """Run a command on devices that the CPU plays (tests/kernels/emulated_cuda)."""
    if not EMULATED_CUDA.exists():
        pytest.skip("there is no emulated CUDA module: no C++ compiler was found")

    def run(*arguments, plays="devices=1", **options):
        return caucus(*arguments, env={"CAUCUS_CUDA_MODULE": str(EMULATED_CUDA), "EMULATED_CUDA": plays,
                                       "EMULATED_CUDA_TRACE": str(tmp_path / "trace.json")}, **options)

    run.trace = lambda: json.loads((tmp_path / "trace.json").read_text())
    return run


@pytest.fixture(scope="session")
def tool():
    """Path of a helper program of the tests, by name."""
    return lambda name: str(pathlib.Path(PROGRAM).parent / "tests" / name)


@pytest.fixture
def run_experiment(caucus, tmp_path):
    """Run the text of an experiment and open its result with h5py."""
    import h5py

    def run(text, *options, name="experiment", timeout=120):
        path = tmp_path / f"{name}.yaml"
        path.write_text(text)
        done = caucus("run", path, "-o", tmp_path / f"{name}.h5", "--quiet", "--force", *options, timeout=timeout)
        assert done.returncode == 0, done.stderr
        return h5py.File(tmp_path / f"{name}.h5", "r")

    return run


@pytest.fixture(scope="module")
def caucus_once(tmp_path_factory):
    """Run an experiment once for all tests of a module; returns the result's path."""

    def run(*arguments):
        output = tmp_path_factory.mktemp("result") / "result.h5"
        done = subprocess.run([PROGRAM, *map(str, arguments), "-o", str(output), "--quiet"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return output

    return run
