"""The benchmarks themselves: peers compute what caucus computes, tables say what was measured, and nothing is hidden."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import PROGRAM, SOURCE

BENCH = SOURCE / "bench"
sys.path[:0] = [str(BENCH), str(BENCH / "peers")]

import hypergeometric  # noqa: E402
import occupancy  # noqa: E402
import peer as peers  # noqa: E402
import planting  # noqa: E402

SMALL = ["--trials", 14000, "--batch", 64, "--check", PROGRAM, "--check-trials", 500]


def run(program, *arguments, env=None):
    return subprocess.run([sys.executable, "-B", str(BENCH / program), *map(str, arguments)], text=True, capture_output=True,
                          timeout=120, env={**os.environ, **(env or {})})


def compared(done):
    """The check of a peer's report, which must have been made."""
    if done.returncode == 77:
        pytest.skip(json.loads(done.stdout)["skipped"])
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["trials"] >= 14000 and report["trials_per_second"] > 0
    assert report["check"]["comparisons"] == 112 and report["check"]["passed"]
    return report


@pytest.mark.parametrize("options", [
    ["numpy_planting"],
    ["numpy_planting_iid"],
    ["cupy_planting", "--device", "cpu", "--sampler", "generator"],  # CuPy's program on NumPy, whose interface is the same
    ["cupy_planting", "--device", "cpu", "--sampler", "legacy"],
    ["torch_planting", "--device", "cpu"],
    ["jax_planting", "--device", "cpu"],
], ids=lambda options: "-".join(o.lstrip("-") for o in options))
def test_peers_compute_what_caucus_computes(options):
    compared(run(f"peers/{options[0]}.py", *options[1:], *SMALL))


@pytest.mark.parametrize("name", ["cupy_planting", "torch_planting", "jax_planting"])
def test_peers_without_a_device_say_so(name):
    done = run(f"peers/{name}.py", "--device", "cuda", "--trials", 1, "--batch", 2, env={"CUDA_VISIBLE_DEVICES": ""})
    assert done.returncode == 77, done.stdout + done.stderr
    assert json.loads(done.stdout)["skipped"]


def test_the_check_finds_a_peer_that_computes_something_else():
    n = 1000
    batch = planting.Batch(n, np.asarray)
    random = np.random.Generator(np.random.Philox(3))
    totals = batch.run(np, random.hypergeometric, lambda *parts: planting.decide(np, *parts))
    rows = peers.reference(PROGRAM, 500)
    assert peers.check(totals, n, rows)["passed"]
    swapped = np.concatenate([totals[:, 14:28], totals[:, :14], totals[:, 28:]], axis=1)  # two targets
    assert not peers.check(swapped, n, rows)["passed"]
    shifted = totals.copy()
    shifted[2] += n * 1e-4  # a bound one part in 10,000 too high
    assert not peers.check(shifted, n, rows)["passed"]


def halves(good, bad, n):
    """How far the region under the distribution reaches, as a share of half the rectangle's width, and of its height."""
    from scipy.special import gammaln
    total = good + bad
    centre = n * good / total + 0.5
    variance = n * good / total * (bad / total) * ((total - n) / max(total - 1, 1))
    k = np.arange(min(good, n) + 1.0)
    mode = np.floor((n + 1) * (good + 1) / (total + 2))

    def log_terms(k):
        return -(gammaln(k + 1) + gammaln(good - k + 1) + gammaln(n - k + 1) + gammaln(bad - n + k + 1))

    root = np.exp((log_terms(k) - log_terms(mode)) / 2)
    reach = np.maximum(abs(k - centre), abs(k + 1 - centre)) * root
    return reach.max() / ((hypergeometric.SLOPE * np.sqrt(variance + 0.5) + hypergeometric.SHIFT) / 2), root.max()


def test_peers_that_use_a_blas_refuse_a_slow_one(monkeypatch):
    threadpoolctl = pytest.importorskip("threadpoolctl")
    import blas
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: [])  # what there is to see of the reference BLAS
    assert "libopenblas" in blas.refusal()
    with pytest.raises(SystemExit) as stopped:
        blas.require()
    assert stopped.value.code == 77
    found = {"user_api": "blas", "internal_api": "openblas", "version": "0.3", "architecture": "Zen"}
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: [found])
    assert blas.refusal() is None and "openblas 0.3" in blas.library()
    assert blas.gigaflops(n=128, repeats=1) > 0


def test_benchmarks_say_what_to_build(tmp_path):
    for program, target in (("speed.py", "caucus_command"), ("retraining.py", "fit_counts")):
        done = run(program, tmp_path)
        assert done.returncode == 1 and f"--target {target}" in done.stderr and "Traceback" not in done.stderr


def test_rectangle_covers_small_and_large_distributions():
    sizes = [*range(1, 30), 50, 100, 1507, 9322, 200000]
    for good in sizes:
        for bad in [b for b in [*sizes, 3_000_000] if b >= good]:
            for n in [n for n in (0, 1, 2, 3, 5, 8, 10, 11, 20, 50, 1000, 100000) if 2 * n <= good + bad]:
                width, height = halves(good, bad, n)
                assert width <= 1 + 1e-9 and height <= 1 + 1e-9, (good, bad, n)


@pytest.mark.parametrize("good, bad, n", [(3, 7, 4), (1507, 9322, 6), (9322, 1507, 700), (250000, 450000, 300000), (5, 0, 3),
                                          (0, 5, 3), (40, 60, 0), (40, 60, 100)])
def test_ratio_of_uniforms_draws_hypergeometrics(good, bad, n):
    from scipy.special import gammaln
    from scipy.stats import chisquare, hypergeom
    random = np.random.default_rng(5)
    size = 20000
    arrays = [np.full(size, float(x)) for x in (good, bad, n)]
    with np.errstate(all="ignore"):
        values, done = hypergeometric.attempt(np, gammaln, *arrays, *random.random((2, 60, size)))
    assert done.all()
    low, high = max(0, n - bad), min(good, n)
    assert values.min() >= low and values.max() <= high
    edges = np.unique(hypergeom.ppf(np.linspace(0.1, 0.9, 9), good + bad, good, n))
    expected = np.diff(np.concatenate([[0], hypergeom.cdf(edges, good + bad, good, n), [1]])) * size
    counts = np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
    kept = expected > 5
    assert counts[~kept].sum() <= 40
    if kept.sum() > 1:
        scale = counts[kept].sum() / expected[kept].sum()
        assert chisquare(counts[kept], expected[kept] * scale).pvalue > 5.7e-7  # 5 standard deviations, two-sided


def test_device_benchmark_runs_without_a_device(tmp_path):
    build = os.path.dirname(PROGRAM)
    done = run("device.py", build, "--seconds", 0.1, "--disk-bytes", 10_000_000, "--check-trials", 300, "--output",
               tmp_path / "figures.txt", env={"CAUCUS_CUDA_MODULE": str(tmp_path / "none.so")})
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "figures.txt").read_text()
    assert "device: none" in text and "CUDA device: " in text
    row = next(line for line in text.splitlines() if line.startswith("vehicles-planting, every trial kept"))
    assert "trials/s" in row
    assert "0 met, 0 missed" in done.stdout


FAKE = """#!{python}
import json, sys
arguments = sys.argv
if arguments[1] != "run":
    print("caucus of a test")
    sys.exit()
trials = int(arguments[arguments.index("--trials") + 1])
device = arguments[arguments.index("--device") + 1]
open(arguments[arguments.index("-o") + 1], "wb").write(bytes(32 * trials))
print(json.dumps({{"event": "plan", "device": device}}))
print(json.dumps({{"event": "done", "trials_done": trials, "seconds": trials / ({device} if device == "cuda" else {cpu})}}))
"""
LIMITS = """#!{python}
print('{{"device": "A device 1", "multiprocessors": 2}}')
for name, value in {figures!r}.items():
    print('{{"figure": "%s", "value": %g, "unit": ""}}' % (name, value))
"""


def test_device_benchmark_judges_by_the_targets(tmp_path):
    """With a program that says how fast it is: 2e8 trials/s on a device, 1e6 on the CPU."""
    figures = {"philox": 1e12, "multiplications": 4e13, "hypergeometric_blocks_per_trial": 50.0, "hypergeometric_draws": 1e9,
               "hypergeometric_blocks": 1e9, "binomial_draws": 6e11, "binomial_blocks": 7e11, "from_device": 5e10}
    retraining = {"retrainings": 9e4, "retraining_evaluations": 3.0, "retraining_exps": 4e9}
    for name, text in (("caucus", FAKE.format(python=sys.executable, device=2e8, cpu=1e7)),
                       ("device_limits", LIMITS.format(python=sys.executable, figures=figures)),
                       ("device_retraining", LIMITS.format(python=sys.executable, figures=retraining))):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    done = run("device.py", tmp_path, "--seconds", 0.001, "--disk-bytes", 10_000_000, "--output", tmp_path / "figures.txt",
               "--python", "/bin/false")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {line[:36].strip(): line for line in (tmp_path / "figures.txt").read_text().splitlines()}
    planting_row = rows["vehicles-planting, summaries only"]
    assert planting_row.endswith(" met") and "200M trials/s" in planting_row and " 1% " in planting_row
    assert rows["climate-four, summaries only"].endswith("MISSED")  # 20 times the CPU
    assert rows["binomial draws (CPU: one core)"].endswith(" met")
    assert rows["hypergeometric draws (CPU: one core)"].endswith("MISSED")
    assert rows["the retrainings alone"].endswith("MISSED") and "90k /s" in rows["the retrainings alone"]
    assert "CuPy, Generator, device: exit code 1" in (tmp_path / "figures.txt").read_text()


KERNELS = """==PROF== Connected
"ID","Kernel Name","Block Size","Grid Size",{metrics}
"","","","",{units}
"0","trials(arguments)","(128, 1, 1)","(8, 1, 1)",{first}
"1","trials(arguments)","(128, 1, 1)","(8, 1, 1)",{second}
"""


def test_kernel_table_names_what_limits_occupancy():
    def quoted(values):
        return ",".join(f'"{value}"' for value in values)

    units = ["us" if metric == occupancy.TIME else "%" for metric in occupancy.METRICS]
    values = {occupancy.TIME: "1,234.5", occupancy.REGISTERS: 118, occupancy.THEORETICAL: 25, occupancy.ACHIEVED: 24.3,
              occupancy.COMPUTE: 71, occupancy.MEMORY: 12, **{metric: 32 for metric in occupancy.LIMITERS},
              "launch__occupancy_limit_registers": 4}
    first = [values[metric] for metric in occupancy.METRICS]
    second = ["900" if metric == occupancy.TIME else values[metric] for metric in occupancy.METRICS]
    text = KERNELS.format(metrics=quoted(occupancy.METRICS), units=quoted(units), first=quoted(first), second=quoted(second))
    line = occupancy.table(*occupancy.read(text.splitlines(keepends=True))).splitlines()[1]
    assert line.split("  ")[0] == "trials"
    assert all(part in line for part in (" 2 ", "1234.5", "118", "24%", "25%", "registers", "71%", "12%"))
    assert occupancy.read(["no kernels\n"]) == ([], {})


def test_same_results_finds_one_bit(tmp_path):
    import h5py
    for name, value in (("a", 1.0), ("b", 1.0), ("c", np.nextafter(1.0, 2.0)), ("d", float("nan")), ("e", float("nan"))):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file["group/values"] = np.array([0.5, value])
            file["names"] = ["x", "y"]
            file.attrs["started"] = name
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file["names"] = ["x", "z"]

    def same(a, b):
        return run("same_results.py", tmp_path / f"{a}.h5", tmp_path / f"{b}.h5")

    with h5py.File(tmp_path / "b.h5", "a") as file:
        file["done"] = [1, 1]  # how the work was cut up
    assert same("a", "b").returncode == 0 and same("d", "e").returncode == 0
    found = same("a", "c")
    assert found.returncode == 1 and "1 of 2 differ, first at (1,)" in found.stdout
    found = same("a", "f")
    assert found.returncode == 1 and "only in one" in found.stdout and "names: 1 of 2 differ" in found.stdout


def test_check_device_lists_its_stages(tmp_path):
    def check(*arguments):
        return subprocess.run(["bash", str(BENCH / "check-device.sh"), *arguments], text=True, capture_output=True, timeout=60)

    expected = {"numbers": ["build", "devices", "tests on the device", "limits", "speed of climate-four", "retraining"],
                "inspect": ["memcheck vehicles-planting", "racecheck logistic", "initcheck mlp", "synccheck histogram",
                            "kernels of vehicles-planting"],
                "figures": ["build", "figures"]}
    for name, stages in expected.items():
        done = check(name, "--dry-run", "--out", str(tmp_path / "out"))
        assert done.returncode == 0, done.stderr
        for stage in stages:
            assert any(line.startswith(stage + " ") for line in done.stdout.splitlines()), stage
    for wrong in (["numbers", "--budget", "soon"], ["--bogus"], []):
        assert check(*wrong).returncode == 2
