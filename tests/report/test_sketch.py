"""Sketches of curves on terminals: rows of blocks whose heights are the means."""

import json
import math
import os
import pty
import subprocess

import pytest
from pages import EXPERIMENT, HOSTILE, result  # noqa: F401 fixture

BLOCKS = " ▁▂▃▄▅▆▇█"


def bars(values, row, height):
    """A row of a curve, by the meaning of the blocks."""
    found = ""
    for value in values:
        if value <= 0:
            found += "·" if row == 0 else " "
        else:
            found += BLOCKS[min(max(math.ceil(min(value, 1) * 8 * height) - 8 * row, 0), 8)]
    return found


def test_heights_are_the_means(caucus, result):
    path = result(sweep=[EXPERIMENT["sweep"][0], {**EXPERIMENT["sweep"][1], "values": [0.4, 0.1, 0.2]}])
    table = caucus("summary", path).stdout
    text = caucus("summary", path, "--plot=always").stdout
    assert text.startswith(table) and "and promise by budget/total/hoeffding, over share from 0.1 to 0.4: full blocks are 1" in text
    records = [r for r in json.loads(caucus("summary", path, "--format", "json").stdout) if r["method"].endswith("hoeffding")]
    lines = text[len(table):].splitlines()[2:]
    at = 0
    for aim, name in ((a, c["name"]) for a in ("y1", "y0") for c in EXPERIMENT["collectives"]):
        mine = sorted((r for r in records if r["aim"] == aim and r["collective"] == name), key=lambda r: r["share"])
        for curve, column in (("success", "success_mean"), ("promise", "bound_mean")):
            values = [r[column] for r in mine]
            height = 3 if max(values) > 0 else 1
            for row in reversed(range(height)):
                wanted = "".join(5 * c for c in bars(values, row, height))
                assert lines[at][-len(wanted):] == wanted, (lines[at], mine)
                at += 1
            assert curve in lines[at - 1] and (curve == "promise" or f"aim {aim}, {name}"[:20] in lines[at - 1])
    assert at == len(lines)


def test_many_cases_are_cut_aloud(caucus, result):
    path = result(trials=2, sweep=[{"name": "seed", "path": "population.seed", "values": list(range(1, 13))}, EXPERIMENT["sweep"][1]])
    text = caucus("summary", path, "--plot=always").stdout
    assert text.split("mean success, and promise")[1].count("success  ") == 16 and "and 8 more cases: caucus report draws all" in text


def test_long_sweeps_fit(caucus, result):
    path = result(trials=1, sweep=[{"name": "share", "path": "collectives[0].share", "values": {"linspace": [0.01, 0.5, 300]}}])
    lines = caucus("summary", path, "--plot=always").stdout.splitlines()
    assert all(len(line) <= 80 for line in lines[lines.index("") + 1:] if line.startswith("  ") and "█" in line)


def test_what_is_not_asked_for(caucus, result):
    path = result(sweep=EXPERIMENT["sweep"][:1])
    assert caucus("summary", path, "--plot").stdout == caucus("summary", path).stdout  # no terminal
    assert caucus("summary", path, "--plot=always").stdout == caucus("summary", path).stdout  # no numeric axis
    for options, says in ((["--format", "csv"], "caucus plot draws figures"), (["--plot=never"], "takes always or nothing")):
        done = caucus("summary", path, "--plot", *options)
        assert done.returncode == 2 and says in done.stderr


def test_a_run_sketches_on_terminals_only(caucus, tmp_path):
    path = tmp_path / "experiment.yaml"
    path.write_text(json.dumps({**EXPERIMENT, "trials": 5}))
    assert "full blocks" not in caucus("run", path, "-o", tmp_path / "piped.h5").stdout
    leader, follower = pty.openpty()
    process = subprocess.Popen([caucus.program, "run", path, "-o", tmp_path / "shown.h5"], stdout=follower, stderr=follower, stdin=follower)
    os.close(follower)
    shown = b""
    try:
        while chunk := os.read(leader, 65536):
            shown += chunk
    except OSError:  # how a terminal ends
        pass
    os.close(leader)
    assert process.wait(timeout=60) == 0 and b"full blocks are 1" in shown
    assert HOSTILE.encode() in shown


@pytest.mark.parametrize("trials", [1])
def test_several_results(caucus, result, trials):
    paths = [result("a.h5", trials=trials), result("b.h5", trials=trials)]
    text = caucus("summary", *paths, "--plot=always").stdout
    assert text.count("full blocks are 1") == 2 and f"\n{paths[1]}\n" in text
