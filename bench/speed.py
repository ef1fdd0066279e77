"""Trials a second on this machine's CPU: shipped experiments, the same against NumPy and an older build, whole runs.

    /usr/bin/python3 bench/speed.py [BUILD_DIR] [--before BUILD_DIR] [--seconds S]

Rates are from runs of two lengths, so that start and end are not in them, and a second is one of the processor's time
unless it says otherwise: others' work on the machine does not lengthen that. Whole runs are from start to end. Peers and
the older build are measured in this run.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import running

SOURCE = running.SOURCE
PLANTING = "vehicles-planting"
IID = ["population.draw=iid"]
TEN = ["bounds.families=[staircase, budget]", "bounds.inequalities=[hoeffding, kl, clopper_pearson, bernstein, population]"]
STEPS = ["bounds.families=[staircase, budget]",
         "bounds.inequalities=[hoeffding, kl, clopper_pearson, bernstein, hypergeometric, hypergeometric_joint]"]
ONE = ["sweep=[]", "collectives[0].size=41K", "collectives[0].target=Poor"]
RATES = [  # name, experiment, settings, the peer that does the same
    ("planting, iid, one method", PLANTING, IID + ONE, "numpy_planting_iid"),
    ("planting, iid, ten methods", PLANTING, IID + ONE + TEN, None),
    ("the same, with one-step ones", PLANTING, IID + ONE + STEPS, None),
    ("planting, as shipped, one size", PLANTING, ONE, "numpy_planting"),
    ("climate-four", "climate-four", [], None),
    ("income-renters-students", "income-renters-students", [], None),
]
MANY = """name: many
trials: 10
population: {{file: {file}, label: evaluation, features: [country, profile], weight: count}}
platform: {{consumers: 1M, test: 100K}}
collectives: [{{share: 0.01, strategy: feature_label, set: {{profile: signal}}, target: Poor}}]
bounds: {{families: [staircase], knowledge: [total], inequalities: [hoeffding]}}
sweep:
  - {{name: part, path: "collectives[0].share", values: {{linspace: [0.001, 0.5, 2500]}}}}
  - {{name: target, path: "collectives[0].target", values: [Excellent, Good, Average, Poor]}}
output: {{accuracy: false}}
"""


def experiment(name):
    return SOURCE / f"experiments/{name}.yaml"


def peer_rate(name, seconds):
    done = subprocess.run([sys.executable, SOURCE / f"bench/peers/{name}.py", "--seconds", str(seconds)], check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout)["trials_per_cpu_second"]


def whole_run(program, path, *options):
    """Wall and processor's seconds and peak megabytes of one run, from start to end."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "run", path, "-o", f"{folder}/result.h5", "--quiet", "--device", "cpu", *options]
        start = time.perf_counter()
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        assert status == 0, command
        return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def rate_of(build, file, settings, seconds):
    return build.rate(experiment(file), "cpu", settings, seconds, clock="cpu_seconds")[0]


def older_rate_of(build, file, settings, seconds):
    """None where an older build does not know what is asked for."""
    try:
        return rate_of(build, file, settings, seconds)
    except running.Unavailable:
        return None


def rates(builds, seconds):
    print(f"{'one thread, every trial stored':34} {'trials/s':>12} {'before':>12} {'ratio':>6} {'peer':>12} {'ratio':>6}")
    for name, file, settings, peer in RATES:
        found = [rate_of(builds[0], file, settings, seconds)]
        found += [older_rate_of(build, file, settings, seconds) for build in builds[1:]]
        line = f"{name:34} {found[0]:12,.0f}"
        line += f" {found[1]:12,.0f} {found[0] / found[1]:6.1f}" if len(found) > 1 and found[1] else " " * 20
        if peer:
            other = peer_rate(peer, seconds)
            line += f" {other:12,.0f} {found[0] / other:6.1f}"
        print(line, flush=True)


def whole_runs(programs):
    with tempfile.TemporaryDirectory() as folder:
        many = pathlib.Path(folder) / "many.yaml"
        many.write_text(MANY.format(file=SOURCE / "data/vehicles-classes.csv"))
        print(f"\n{'start to end, one thread':34} {'seconds':>8} {'of the CPU':>11} {'peak MB':>8}")
        for name, path in (("quick", experiment("quick")), ("10,000 configurations of 10 trials", many),
                           ("climate-four", experiment("climate-four")),
                           ("income-renters-students", experiment("income-renters-students")),
                           (PLANTING, experiment(PLANTING))):
            for label, program in programs:
                best = min((whole_run(program, path, "--threads", 1) for _ in range(2)), key=lambda run: run[1])
                print(f"{name + label:34} {best[0]:8.2f} {best[1]:11.2f} {best[2]:8.1f}", flush=True)


def two_threads(program, folder, clock, seconds):
    """Both by the clock on the wall, which says little while others work on the machine."""
    found = [running.Caucus(program, folder, clock, ["--threads", threads]).rate(
        experiment("income-renters-students"), "cpu", (), seconds)[0] for threads in (1, 2)]
    print(f"\ntwo threads against one, income-renters-students, on the wall: {found[1] / found[0]:.2f}")


def main():
    parser = argparse.ArgumentParser(description="Trials a second on this machine's CPU")
    parser.add_argument("build", nargs="?", default=SOURCE / "build", help="build folder")
    parser.add_argument("--before", help="an older build's folder, to compare with")
    parser.add_argument("--seconds", type=float, default=3.0, help="of a run, about (default: 3)")
    options = parser.parse_args()
    folders = [pathlib.Path(folder) for folder in (options.build, options.before) if folder]
    programs = [running.need_program(folder, "caucus_command", file="caucus") for folder in folders]
    philox = running.need_program(folders[0], "draw_samples", file="tests/draw_samples")
    print(f"processor: {running.processor()}, {running.cores()} cores; load {os.getloadavg()[0]:.1f}")
    clock = running.Clock(3600)
    with tempfile.TemporaryDirectory() as folder:
        rates([running.Caucus(program, folder, clock, ["--threads", 1]) for program in programs], options.seconds)
        whole_runs(list(zip(("", ", before"), programs)))
        two_threads(programs[0], folder, clock, options.seconds)
    nanoseconds = float(subprocess.run([philox, "philox", "20000000", "1"], check=True, capture_output=True, text=True).stdout)
    print(f"a bare Philox block, one at a time: {nanoseconds:.1f} ns")


if __name__ == "__main__":
    main()
