#!/usr/bin/env python3
"""Put every bound to the test: how often does it come out above the success, over a million trials per strategy?

    bench/evidence.py violations --trials 1M -o docs/bounds-evidence.csv     # two hours of one core; goes on where it stopped
    bench/evidence.py worst_case --trials 250K                                # a quarter of an hour
    bench/evidence.py assumptions --trials 20K
    bench/evidence.py told --trials 200K
    bench/evidence.py pilot --trials 100K
    bench/evidence.py table docs/bounds-evidence.csv                          # the tables of docs/bounds-evidence.md

--trials are per strategy, shared by its five sizes. Needs numpy, scipy and h5py, and build/caucus (or CAUCUS=...).
"""

import argparse
import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np
from scipy.stats import beta

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import evidence_problems as problems

SOURCE = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("CAUCUS", str(SOURCE / "build/caucus"))
COLUMNS = ["problem", "delta", "strategy", "of", "family", "knowledge", "inequality", "trials", "violations", "worst_rate",
           "worst_low", "worst_high", "useful"]


def number(text):
    return int(float(text[:-1]) * {"K": 1e3, "M": 1e6, "G": 1e9}[text[-1]]) if text[-1] in "KMG" else int(text)


def clopper_pearson(hits, n, level):
    """Two-sided interval at the level, elementwise."""
    hits = np.asarray(hits, dtype=float)
    low = np.where(hits > 0, beta.ppf((1 - level) / 2, hits, n - hits + 1), 0.0)
    high = np.where(hits < n, beta.ppf(1 - (1 - level) / 2, hits + 1, n - hits), 1.0)
    return low, high


def run(text, folder, trials, seed, program=PROGRAM):
    path = folder / "problem.yaml"
    path.write_text(text)
    command = [program, "run", path, "-o", folder / "result.h5", "--trials", trials, "--seed", seed, "--quiet", "--force"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return folder / "result.h5"


def measure(path):
    """(of, method) -> per configuration: violations and trials with a bound that says something (-1: not known), and how
    many trials there were; all from the summaries, so that trials need not be kept.

    `of` is self (the collective under test), global or joint; and where there are bounds from above, upper: the violations
    of those on self, and trials in which they are below 1; global_upper and joint_upper. Methods without a bound are left
    out of these."""
    with h5py.File(path, "r") as file:
        methods = list(file["method"].asstr()[:])
        summary = file["summary"]
        trials = int(file.attrs["trials"])

        def count(name, *places):
            return np.rint(summary[name][places] * trials)

        first = np.s_[:, 0, :]
        found = {"self": (count("violation_rate", *first), trials - count("vacuous_rate", *first))}
        for of in ("global", "joint"):
            broken = count(f"{of}_violation_rate", ...)
            found[of] = broken, np.full_like(broken, -1)
        if "upper_violation_rate" in summary:
            found["upper"] = count("upper_violation_rate", *first), trials - count("upper_vacuous_rate", *first)
            for of in ("global_upper", "joint_upper"):
                broken = count(f"{of}_violation_rate", ...)
                found[of] = broken, np.full_like(broken, -1)
    out = {}
    for of, (broken, useful) in found.items():
        for i, method in enumerate(methods):
            if not of.endswith("upper") or not np.isnan(broken[:, i]).any():
                out[of, method] = np.nan_to_num(np.array([broken[:, i], useful[:, i]])).astype(np.int64)
    return out, trials


def summarize(problem, delta, strategy, measured, trials):
    """A row for each bound: the worst of its configurations, with a 99.9 % interval."""
    rows = []
    for (of, method), (broken, useful) in measured.items():
        family, knowledge, inequality = method.split("/")
        low, high = clopper_pearson(broken.max(), trials, 0.999)
        rows.append(dict(problem=problem, delta=delta, strategy=strategy, of=of, family=family, knowledge=knowledge,
                         inequality=inequality, trials=trials * len(broken), violations=int(broken.sum()),
                         worst_rate=f"{broken.max() / trials:.6f}", worst_low=f"{low:.6f}", worst_high=f"{high:.6f}",
                         useful=f"{useful.sum() / trials / len(useful):.4f}" if useful.min() >= 0 else ""))
    return rows


def summarized(text):
    """The experiment with bounds from above, and without keeping its trials."""
    return text.replace("bounds:\n", "bounds:\n  upper: true\n").replace("output: {", "output: {trials: false, ")


def violations(options):
    """The table of all rates; what an earlier run left in the output is kept, and not computed again."""
    there = set()
    if os.path.exists(options.output):
        with open(options.output, newline="") as file:
            there = {(r["problem"], r["delta"], r["strategy"]) for r in csv.DictReader(file)}
    with tempfile.TemporaryDirectory(dir=options.scratch) as name, open(options.output, "a", newline="") as file:
        folder = pathlib.Path(name)
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if not there:
            writer.writeheader()
        for problem, delta, strategy in ((p, d, s) for p, d in problems.VIOLATIONS for s in options.only or problems.STRATEGIES):
            if (problem, str(delta), strategy) in there:
                continue
            start = time.monotonic()
            text, share = problems.violation(problem, strategy, delta, folder)
            sizes = text.split("values: [")[1].split("]")[0].count(",") + 1
            measured, trials = measure(run(summarized(text), folder, int(options.trials * share) // sizes, options.seed))
            rows = summarize(problem, delta, strategy, measured, trials)
            writer.writerows(rows)
            file.flush()
            worst = max(rows, key=lambda r: float(r["worst_rate"]))
            print(f"{problem} {delta} {strategy}: {time.monotonic() - start:.0f} s; largest rate {worst['worst_rate']} "
                  f"({worst['of']} {worst['family']}/{worst['knowledge']}/{worst['inequality']})"
                  f"{'  ABOVE DELTA' if float(worst['worst_low']) > delta else ''}", file=sys.stderr, flush=True)


SHORT = {"hoeffding": "hoeff", "hoeffding_clipped": "h-clip", "bernstein": "bern", "kl": "kl", "clopper_pearson": "c-p",
         "hypergeometric": "hyper", "hypergeometric_joint": "joint step"}


def table(options):
    """Markdown: for each problem, strategies by family and inequality; the worst over knowledge and sizes."""
    with open(options.csv, newline="") as file:
        rows = list(csv.DictReader(file))
    methods = list(dict.fromkeys((r["family"], r["inequality"]) for r in rows if r["of"] == "self"))
    for problem, delta in dict.fromkeys((r["problem"], r["delta"]) for r in rows):
        print(f"\n**{problem}, delta = {delta}**\n\n| strategy | trials | " +
              " | ".join(f"{f[0]} {SHORT[i]}" for f, i in methods) + " | upper | global | joint |")
        print("| --- |" + " ---: |" * (len(methods) + 4))
        for strategy in problems.STRATEGIES:
            of = [r for r in rows if (r["problem"], r["delta"], r["strategy"]) == (problem, delta, strategy)]
            cells = [max((r["worst_rate"] for r in of if (r["of"], r["family"], r["inequality"]) == ("self", f, i)),
                         key=float, default="nan") for f, i in methods]
            cells += [max((r["worst_rate"] for r in of if r["of"] == kind), key=float, default="nan")
                      for kind in ("upper", "global", "joint")]
            if of:
                print(f"| `{strategy}` | {int(of[0]['trials']):,} | " + " | ".join(short(c) or "-" for c in cells) + " |")


def short(rate):
    return "" if np.isnan(float(rate)) else "0" if float(rate) == 0 else f"{float(rate):.2g}"


def worst_case(options):
    """Platforms that spend epsilon on hurting the collective, which assumes as much, under either slack: largest rates of bounds
    on self by staircase / budget, and from above."""
    print("| epsilon, slack, delta | " + " | ".join(f"`{s}`" for s in problems.STRATEGIES) + " |\n" + "| --- " * 7 + "|")
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        folder = pathlib.Path(name)
        table = folder / "table.csv"
        table.write_text(problems.SMALL_TABLE)
        for epsilon in (0.01, 0.05):
            for slack in ("contamination", "total_variation"):
                for delta in (0.05, 0.5):
                    cells = []
                    for strategy in options.only or problems.STRATEGIES:
                        text = problems.worst_case(strategy, table, slack, epsilon, delta)
                        measured, trials = measure(run(summarized(text), folder, options.trials // len(problems.SMALL_SIZES),
                                                       options.seed))
                        worst = [max((broken.max() for (of, m), (broken, _) in measured.items()
                                      if of == who and m.startswith(family)), default=np.nan)
                                 for who, family in (("self", "staircase"), ("self", "budget"), ("upper", ""))]
                        cells.append(" / ".join(short(w / trials) or "-" for w in worst))
                    print(f"| {epsilon}, {slack}, {delta} | " + " | ".join(cells) + " |", flush=True)


# What the collective under test does other than the bounds assume.
DEPARTURES = {
    "none": "",
    "only those with the signal join": ", members: {signal: yes}",
    "only those without the signal join": ", members: {signal: no}",
    "only group g3 joins": ", members: {group: g3}",
    "group g3 is 3 times as likely to join": ", members: {group: g3}, affinity: 3",
    "compliance 0.9": ", noise: {compliance: 0.9}",
    "compliance 0.5": ", noise: {compliance: 0.5}",
    "miss 0.05": ", noise: {miss: 0.05}",
    "miss 0.3": ", noise: {miss: 0.3}",
}


def assumptions(options):
    """Members and noise as the bounds do not foresee them; three figures for three sizes."""
    print("| departure | strategy | success | " + " | ".join(
        f"{m}: {kind}" for m in ("staircase/full/hoeffding", "budget/full/clopper_pearson") for kind in ("bound", "broken"))
          + " |")
    print("| --- " * 7 + "|")
    methods = ["staircase/full/hoeffding", "budget/full/clopper_pearson"]
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        for strategy in options.only or ("feature_label", "feature_only", "erase"):
            for departure, extra in DEPARTURES.items():
                text = problems.ordinary(strategy, extra=extra, consumers="1M", shares=(0.1, 0.2, 0.4))
                path = run(text, pathlib.Path(name), options.trials // 3, options.seed)
                with h5py.File(path, "r") as file:
                    success = file["success_count"][:, :, 0] / 10000.0
                    names = list(file["method"].asstr()[:])
                    bounds = [file["lower_bound"][:, :, 0, names.index(m)].astype(float) for m in methods]
                cells = []
                for b in bounds:
                    cells += [" ".join(f"{x:.3f}" for x in np.maximum(b, 0).mean(axis=1)),
                              " ".join(short(x) for x in (b > success).mean(axis=1))]
                print(f"| {departure} | `{strategy}` | " + " ".join(f"{x:.3f}" for x in success.mean(axis=1)) + " | " +
                      " | ".join(cells) + " |", flush=True)


# Members who are no sample, or do not do as planned; and what bounds are told of it.
TOLD = {
    "the signal joins a third as often": (", members: {signal: yes}, affinity: 0.333333", ", membership: {ratio: 3}", ""),
    "compliance 0.6, miss 0.2": (", noise: {compliance: 0.6, miss: 0.2}", "", "noise: {compliance: 0.6, miss: 0.2}"),
}


def told(options):
    """The same departures where bounds know nothing of them and where they are told: largest rates, lower / upper."""
    print("| departure, delta | bounds | " + " | ".join(f"`{s}`" for s in problems.STRATEGIES) + " |\n" + "| --- " * 8 + "|")
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        folder = pathlib.Path(name)
        table = folder / "table.csv"
        table.write_text(problems.SMALL_TABLE)
        for departure, (extra, membership, noise) in TOLD.items():
            for delta in (0.05, 0.5):
                for known in (False, True):
                    cells = []
                    for strategy in problems.STRATEGIES:
                        text = problems.small(strategy, table, delta, extra=extra + (membership if known else ""),
                                              sizes=problems.DEPARTED_SIZES)
                        if known and noise:
                            text = text.replace("bounds:\n", f"bounds:\n  {noise}\n")
                        sizes = len(problems.DEPARTED_SIZES)
                        measured, trials = measure(run(summarized(text), folder, options.trials // sizes, options.seed))
                        worst = {of: max((broken.max() for (o, _), (broken, _) in measured.items() if o == of), default=np.nan)
                                 for of in ("self", "upper")}
                        cells.append(" / ".join(short(worst[of] / trials) or "-" for of in ("self", "upper")))
                    print(f"| {departure}, {delta} | {'told' if known else 'not told'} | " + " | ".join(cells) + " |",
                          flush=True)


def pilot(options):
    """A pilot of a sixth of the members: largest rates among sizes and knowledge, of bounds on self / global / joint."""
    print("| draw, delta | " + " | ".join(f"`{s}`" for s in problems.PILOTED) + " |\n" + "| --- " * 5 + "|")
    methods = problems.METHODS.replace("[hoeffding, hoeffding_clipped, bernstein, kl, clopper_pearson, hypergeometric, ", "[")
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        folder = pathlib.Path(name)
        table = folder / "table.csv"
        table.write_text(problems.SMALL_TABLE)
        for draw in ("iid", "without_replacement"):
            for delta in (0.05, 0.5):
                cells = []
                for strategy in problems.PILOTED:
                    worst = {}
                    for size in problems.PILOTED_SIZES:
                        text = problems.small(strategy, table, delta, draw, methods.replace("staircase, ", ""),
                                              f", pilot: {size // 6}", [size]).replace("size: 100", f"size: {size}")
                        path = run(summarized(text), folder, options.trials // len(problems.PILOTED_SIZES), options.seed)
                        measured, trials = measure(path)
                        for (of, _), (broken, _) in measured.items():
                            worst[of] = max(worst.get(of, 0), broken.max() / trials)
                    cells.append(" / ".join(short(worst[of]) for of in ("self", "global", "joint")))
                print(f"| {draw}, {delta} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, default in (("violations", "1M"), ("worst_case", "250K"), ("assumptions", "20K"),
                          ("told", "200K"), ("pilot", "100K")):
        command = commands.add_parser(name)
        command.add_argument("--trials", type=number, default=number(default))
        command.add_argument("--seed", type=int, default=20)
        command.add_argument("--only", nargs="*", choices=problems.STRATEGIES)
        command.add_argument("--scratch", help="folder for results, which are removed (hundreds of MB)")
        if name == "violations":
            command.add_argument("-o", "--output", required=True)
    commands.add_parser("table").add_argument("csv")
    options = parser.parse_args()
    commands = {"violations": violations, "worst_case": worst_case, "assumptions": assumptions, "told": told, "pilot": pilot,
                "table": table}
    commands[options.command](options)


if __name__ == "__main__":
    main()
