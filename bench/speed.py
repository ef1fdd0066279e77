"""Trials a second of the shipped experiments, against a peer and against bare random numbers, all in this run.

    /usr/bin/python3 bench/speed.py [BUILD_DIR]

Prints a table: experiment, threads, trials/s, peak memory. Then the ratio to NumPy on one thread, and the share of a
trial's time that its random numbers alone take: one Philox block for each attempt of each draw, at the speed of a loop
that does nothing else.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else SOURCE / "build")
PLANTING_DRAWS = 2 * 19 + 1  # two groups over 20 classes, two patterns of test points
HRUA_ATTEMPTS = 1.37  # the hat's area: 2 sqrt(2/e) 2 / sqrt(2 pi) for wide distributions
RUNS = [("vehicles-planting", 20_000), ("climate-four", 4_000), ("income-renters-students", 4_000), ("quick", 200)]


def run(experiment, trials, threads, folder, *options):
    command = [BUILD / "caucus", "run", SOURCE / f"experiments/{experiment}.yaml", "-o", f"{folder}/{experiment}.h5",
               "--force", "--json", "--threads", str(threads), "--trials", str(trials), *options]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, output
    done = [event for event in map(json.loads, output.splitlines()) if event["event"] == "done"][0]
    return done, usage.ru_maxrss / 1024


def main():
    print(f"processor: {next(l.split(':')[1].strip() for l in open('/proc/cpuinfo') if l.startswith('model name'))}, "
          f"{len(os.sched_getaffinity(0))} cores")
    print(f"{'experiment':26} {'threads':>7} {'trials':>9} {'seconds':>8} {'trials/s':>10} {'peak MB':>8}")
    single = {}
    with tempfile.TemporaryDirectory() as folder:
        for experiment, trials in RUNS:
            for threads in (1, 2):
                done, peak = run(experiment, trials, threads, folder)
                rate = done["trials_done"] / done["seconds"]
                single.setdefault(experiment, rate)
                print(f"{experiment:26} {threads:7} {done['trials_done']:9,} {done['seconds']:8.2f} {rate:10,.0f} {peak:8.1f}")
    peer = json.loads(subprocess.run([sys.executable, SOURCE / "bench/peers/numpy_planting.py"], check=True,
                                     capture_output=True, text=True).stdout)["trials_per_second"]
    nanoseconds = float(subprocess.run([BUILD / "tests/draw_samples", "philox", "20000000", "1"], check=True,
                                       capture_output=True, text=True).stdout)
    print(f"\nNumPy, the same trials in batches, one thread: {peer:,.0f} trials/s of vehicles-planting; "
          f"caucus does {single['vehicles-planting'] / peer:.1f} times as many")
    blocks = PLANTING_DRAWS * HRUA_ATTEMPTS
    print(f"a bare Philox block takes {nanoseconds:.1f} ns; the {blocks:.0f} blocks of a trial of vehicles-planting are "
          f"{blocks * nanoseconds * single['vehicles-planting'] / 1e9:.0%} of its time")


if __name__ == "__main__":
    main()
