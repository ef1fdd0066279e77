"""What a peer of vehicles-planting does from the command line: time batches, check them against caucus, print JSON.

A peer is a class: peer(n, device, seed) with n trials of each configuration a batch; step() runs a batch and waits for
it; totals() is a NumPy array, sums over all trials since it was made, [quantity][configuration] as in planting.py;
about: a dictionary of what it is.
"""

import argparse
import csv
import io
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

import planting

BAND = 5.0  # standard errors
ROUNDING = 1e-7  # bounds in result files are float32, rounded down


def skip(reason):
    """What cannot run here says so, and exits as skipped tests do."""
    print(json.dumps({"skipped": reason}))
    sys.exit(77)


def reference(program, trials, seed=20250601, settings=()):
    """caucus's own summary of the experiment with these settings, {(target, size): row}."""
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "planting.h5"
        experiment = planting.SOURCE / "experiments/vehicles-planting.yaml"
        command = [program, "run", str(experiment), "-o", str(output), "--quiet", "--device", "cpu"]
        command += [word for setting in settings for word in ("--set", setting)]
        subprocess.run([*command, "--trials", str(trials), "--seed", str(seed)], check=True, stdout=subprocess.DEVNULL)
        text = subprocess.run([program, "summary", str(output), "--format", "csv"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
    return {(row["target"], int(float(row["n_members"]))): row for row in csv.DictReader(io.StringIO(text))}


def deviation(mean, variance, n, other_mean, other_variance, other_n, slack):
    """Distance of two means in standard errors; 0 where it is within the slack of rounding."""
    distance = max(0.0, abs(mean - other_mean) - slack)
    if distance == 0:
        return 0.0
    error = math.sqrt(variance / n + other_variance / other_n)
    return distance / error if error > 0 else math.inf


def check(totals, n, rows):
    """Mean success and mean bound of every configuration against caucus's, each within BAND standard errors: under
    equal distributions a comparison fails once in 1.7 million, all 112 of them once in 15,000. The bound's variance is
    the peer's for both sides."""
    worst = 0.0
    for i, config in enumerate(planting.CONFIGS):
        row = rows[config]
        n_other = int(row["trials"])
        success, success_square, bound, bound_square, _ = (float(total) / n for total in totals[:, i])
        variance = max(0.0, success_square - success * success)
        bound_variance = max(0.0, bound_square - bound * bound)
        worst = max(worst, deviation(success, variance, n, float(row["success_mean"]),
                                     float(row["success_std"]) ** 2, n_other, 1e-12),
                    deviation(bound, bound_variance, n, float(row["bound_mean"]), bound_variance, n_other, ROUNDING))
    return {"comparisons": 2 * len(planting.CONFIGS), "trials": n, "caucus_trials": n_other,
            "worst_standard_errors": worst if math.isfinite(worst) else "infinite", "band": BAND, "passed": worst <= BAND}


def arguments(devices, options):
    parser = argparse.ArgumentParser(description="Trials a second of vehicles-planting")
    parser.add_argument("--device", choices=devices, default=devices[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="time for that long (default: 3)")
    parser.add_argument("--trials", type=int, help="or until that many trials are done")
    parser.add_argument("--batch", type=int, help="trials of each configuration at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", metavar="CAUCUS", help="compare with what this program computes")
    parser.add_argument("--check-trials", type=int, default=2000, help="of each configuration (default: 2000)")
    for name, keywords in options.items():
        parser.add_argument(name, **keywords)
    return parser.parse_args()


def main(library, open_peer, devices=("cuda", "cpu"), settings=(), **options):
    """open_peer(n, device, seed, parsed arguments); library: its name; settings: what the peer does differently from the
    experiment. Prints one JSON object; 1 when the check fails."""
    options = {"--" + name.replace("_", "-"): keywords for name, keywords in options.items()}
    parsed = arguments(devices, options)
    n = parsed.batch or (16384 if parsed.device != "cpu" else 256)
    started = time.perf_counter()
    peer = open_peer(n, parsed.device, parsed.seed, parsed)
    for _ in range(2):  # compile, fill caches
        peer.step()
    warm = time.perf_counter() - started
    batch = n * len(planting.CONFIGS)
    batches = 0
    start, start_cpu = time.perf_counter(), time.process_time()
    while True:
        peer.step()
        batches += 1
        seconds = time.perf_counter() - start
        if (seconds >= parsed.seconds) if parsed.trials is None else (batches * batch >= parsed.trials):
            break
    report = {"peer": library, **peer.about, "batch": batch, "warm_up_seconds": round(warm, 3), "trials": batches * batch,
              "seconds": seconds, "trials_per_second": batches * batch / seconds,
              "trials_per_cpu_second": batches * batch / max(time.process_time() - start_cpu, 1e-9)}
    if parsed.check:
        rows = reference(parsed.check, parsed.check_trials, settings=settings)
        report["check"] = check(np.asarray(peer.totals()), (batches + 2) * n, rows)
    print(json.dumps(report))
    return 0 if not parsed.check or report["check"]["passed"] else 1
