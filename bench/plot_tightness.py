#!/usr/bin/env python3
"""How much of the distance from the plainest guarantee to the success each improvement closes: a figure and a table.

    for e in tightness tightness-income tightness-climate; do build/caucus run experiments/$e.yaml -o results/$e.h5; done
    bench/plot_tightness.py results -o docs/tightness.png

The plainest guarantee is staircase/total/hoeffding. Guarantees below 0 promise nothing and count as 0. Needs numpy, h5py
and matplotlib (Debian: python3-matplotlib).
"""

import argparse
import pathlib

import h5py
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt

POPULATIONS = ["vehicles", "income", "climate"]
FILES = ["tightness.h5", "tightness-income.h5", "tightness-climate.h5"]
KNOWLEDGE = ["total", "labels", "strategies", "aggregate", "full"]
PLAINEST = "staircase/total/hoeffding"

# What is changed in the plainest method, one thing at a time and then several.
IMPROVEMENTS = [
    ("bernstein", "staircase/total/bernstein"),
    ("kl", "staircase/total/kl"),
    ("clopper_pearson", "staircase/total/clopper_pearson"),
    ("budget", "budget/total/hoeffding"),
    ("labels", "staircase/labels/hoeffding"),
    ("strategies", "staircase/strategies/hoeffding"),
    ("aggregate", "staircase/aggregate/hoeffding"),
    ("full", "staircase/full/hoeffding"),
    ("budget, clopper_pearson", "budget/total/clopper_pearson"),
    ("strategies, clopper_pearson", "staircase/strategies/clopper_pearson"),
    ("budget, strategies, clopper_pearson", "budget/strategies/clopper_pearson"),
    ("full, bernstein", "staircase/full/bernstein"),
    ("full, kl", "staircase/full/kl"),
    ("full, clopper_pearson", "staircase/full/clopper_pearson"),
    ("budget, full, clopper_pearson", "budget/full/clopper_pearson"),
    ("budget, total, hypergeometric", "budget/total/hypergeometric"),
    ("budget, total, hypergeometric_joint", "budget/total/hypergeometric_joint"),
    ("budget, full, hypergeometric", "budget/full/hypergeometric"),
    ("budget, full, hypergeometric_joint", "budget/full/hypergeometric_joint"),
]

# Colours that are told apart with any colour vision (Okabe & Ito), from the plainest to the best.
CURVES = [
    (PLAINEST, "#999999"),
    ("staircase/total/kl", "#E69F00"),
    ("budget/total/clopper_pearson", "#D55E00"),
    ("staircase/strategies/hoeffding", "#56B4E9"),
    ("staircase/full/hoeffding", "#0072B2"),
    ("staircase/full/clopper_pearson", "#009E73"),
    ("budget/full/clopper_pearson", "#CC79A7"),
    ("budget/full/hypergeometric_joint", "#000000"),
]
N_SINGLE = 8  # improvements that change one thing


def load(path):
    """Share axis, mean success, and mean guarantee of each method, for the first collective."""
    with h5py.File(path, "r") as file:
        test = np.broadcast_to(file["test"][()], file["success_count"].shape[0])[:, None]
        success = (file["success_count"][:, :, 0] / test).mean(axis=1)
        bounds = np.maximum(file["lower_bound"][:, :, 0, :], 0).mean(axis=1)
        methods = list(file["method"].asstr()[:])
        return file["share"][:], success, {m: bounds[:, i] for i, m in enumerate(methods)}


def closed(success, bounds, method):
    """Share of the area between the plainest guarantee and the success, over all sizes, that lies under a method."""
    return (bounds[method] - bounds[PLAINEST]).sum() / (success - bounds[PLAINEST]).sum()


def print_table(data):
    print("| " + " | ".join(["in place of staircase, total, hoeffding", *POPULATIONS]) + " |")
    print("| --- " + "| ---: " * len(POPULATIONS) + "|")
    for name, method in IMPROVEMENTS:
        cells = [f"{100 * closed(success, bounds, method):.0f} %" for _, success, bounds in data]
        print("| " + " | ".join([name, *cells]) + " |")


def plot(data, output):
    figure, axes = plt.subplots(2, len(data), figsize=(13, 9), height_ratios=[1, 1.15])
    for column, (name, (share, success, bounds)) in enumerate(zip(POPULATIONS, data)):
        top = axes[0, column]
        top.plot(share, success, color="black", linestyle=":", linewidth=2, label="success")
        for method, colour in CURVES:
            top.plot(share, bounds[method], color=colour, marker="o", markersize=3.5, label=method)
        whose = "all four together" if name == "climate" else "the first collective"
        top.set(title=name, xlabel=f"share of {whose}", ylim=(-0.03, 1.03))
        top.grid(alpha=0.3)
        bottom = axes[1, column]
        shares = [100 * closed(success, bounds, method) for _, method in IMPROVEMENTS]
        places = np.arange(len(shares))[::-1]
        kinds = ["#E69F00"] * 3 + ["#D55E00"] + ["#56B4E9"] * 4 + ["#0072B2"] * 7 + ["#CC79A7"] * 4
        bottom.barh(places, shares, color=kinds)
        for place, value in zip(places, shares):
            bottom.text(value + 1.5, place, f"{value:.0f}", va="center", fontsize=8)
        bottom.axhline(len(shares) - N_SINGLE - 0.5, color="black", linewidth=0.8, linestyle="--")
        bottom.set(xlim=(0, 108), xlabel="% of the distance to the success closed")
        bottom.set_yticks(places, [label for label, _ in IMPROVEMENTS] if column == 0 else [])
    axes[0, 0].set_ylabel("mean guarantee of the first collective")
    axes[1, 0].set_ylabel("several changes      |      one change", loc="center")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, ncols=4, loc="upper center", frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0, 1, 0.93))
    figure.savefig(output, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=pathlib.Path, help="folder with " + ", ".join(FILES))
    parser.add_argument("-o", "--output", required=True, help="the figure: .png or .svg")
    options = parser.parse_args()
    data = [load(options.results / name) for name in FILES]
    print_table(data)
    plot(data, options.output)


if __name__ == "__main__":
    main()
