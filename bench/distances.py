#!/usr/bin/env python3
"""The fewest planters whose data, as they are expected, guarantee that nine in ten get the label Poor, and the most of whom it is
out of reach, on the published population of vehicles: the table "Distances" of docs/bounds-evidence.md.

    bench/distances.py            # a minute

Needs build/caucus (or CAUCUS=...).
"""

import csv
import json
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("CAUCUS", str(SOURCE / "build/caucus"))
GOAL = 0.9
METHODS = [("staircase", "hoeffding", 0), ("staircase", "clopper_pearson", 0), ("budget", "hoeffding", 0),
           ("budget", "clopper_pearson", 0), ("budget", "hypergeometric", 0), ("budget", "hypergeometric_joint", 0),
           ("budget", "hypergeometric_joint", 0.02), ("budget", "population", 0)]


class Vehicles:
    def __init__(self):
        with open(SOURCE / "data/vehicles-classes.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        self.labels = sorted({row["evaluation"] for row in rows})
        self.cells = sorted({(row["country"], row["profile"]) for row in rows})
        self.weights = {(row["country"], row["profile"], row["evaluation"]): int(row["count"]) for row in rows}

    def counts(self, members):
        """[cell][label] what so many expect of their own data, in whole people: largest remainders first."""
        total = sum(self.weights.values())
        shares = [members * self.weights.get((*cell, label), 0) / total for cell in self.cells for label in self.labels]
        whole = [int(share) for share in shares]
        by_remainder = sorted(range(len(shares)), key=lambda i: whole[i] - shares[i])
        for i in by_remainder[:members - sum(whole)]:
            whole[i] += 1
        n = len(self.labels)
        return [whole[i:i + n] for i in range(0, len(whole), n)]

    def bounds(self, members, family, inequality, pilot=0.0):
        """From below and from above; pilot: the share of the members that is one."""
        planters = {"strategy": "feature_label", "target": self.labels.index("Poor"), "counts": self.counts(members),
                    "map": [self.cells.index((country, "signal")) for country, _ in self.cells]}
        if pilot > 0:
            planters["pilot_counts"] = self.counts(int(members * pilot))
        document = {"consumers": 1000000, "test": 100000, "delta": 0.05, "epsilon": 0.0, "slack": "contamination",
                    "cells": len(self.cells), "labels": len(self.labels), "collectives": [planters]}
        done = subprocess.run([PROGRAM, "bound", "-", "--format", "json", "--knowledge", "total", "--family", family,
                               "--inequality", inequality], input=json.dumps(document), capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        row = json.loads(done.stdout)[0]
        return row["bound"], row["upper"]


def edge(reached):
    """The fewest members, up to a fifth of all, from whom on something is true."""
    low, high = 1000, 200000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def main():
    vehicles = Vehicles()
    print("| method | guaranteed from | out of reach up to |\n| --- | ---: | ---: |")
    for family, inequality, pilot in METHODS:
        enough = edge(lambda n: vehicles.bounds(n, family, inequality, pilot)[0] >= GOAL)
        never = edge(lambda n: vehicles.bounds(n, family, inequality, pilot)[1] >= GOAL) - 1
        piloted = f", a pilot of {pilot:.0%}" if pilot > 0 else ""
        print(f"| `{family}`, `{inequality}`{piloted} | {enough:,} | {f'{never:,}' if never > 1000 else '-'} |", flush=True)


if __name__ == "__main__":
    main()
