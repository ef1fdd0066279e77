"""What the pages say that commands print is what they print."""

import re
import shlex

import pytest
from conftest import SOURCE

# The last place on a page where a command begins so, and the block of text after it.
COMMANDS = [("README.md", "run experiments/vehicles-planting.yaml"), ("README.md", "bound experiments/income-renters-students.yaml"),
            ("README.md", "solve experiments/vehicles-critical-mass.yaml"), ("docs/solve.md", "solve experiments/vehicles-critical-mass.yaml")]


@pytest.mark.parametrize("page, begin", COMMANDS)
def test_printed(caucus, tmp_path, page, begin):
    text = (SOURCE / page).read_text().replace("\\\n", " ")
    place = list(re.finditer(rf"caucus ({re.escape(begin)}[^\n`]*)", text))[-1]
    shown = next(block for block in text[place.end():].split("```")[1:] if block.startswith("\n") and block.strip())
    arguments = shlex.split(re.sub(r" -o \S+", "", place[1]))
    output = [] if begin.startswith("bound") else ["-o", tmp_path / "out.h5"]
    done = caucus(*arguments, *output, cwd=SOURCE)
    assert done.returncode == 0, done.stderr
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    for line in shown.strip("\n").splitlines():
        assert line.rstrip() in printed, line
