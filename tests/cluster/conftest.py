"""What the tests of shards have in common: a small sweep, and the words of docs/cluster.md."""

import pathlib
import re

import pytest

EXPERIMENT = """\
name: cluster
seed: 4
trials: {trials}
population: {{scenario: dirichlet, cells: 20, labels: 3, uniqueness: 0.3}}
platform: {{consumers: 400, test: 50}}
collectives:
  - {{name: a, share: 0.1, strategy: feature_label, set: {{signal: yes}}, target: y0}}
bounds: {{knowledge: [total], inequalities: [hoeffding]}}
sweep:
  - {{name: share, path: "collectives[0].share", values: {{linspace: [0.05, 0.3, 6]}}}}
"""


@pytest.fixture
def sweep(tmp_path):
    """Writes EXP.yaml, a sweep of six configurations with this many trials."""

    def write(trials):
        path = tmp_path / "EXP.yaml"
        path.write_text(EXPERIMENT.format(trials=trials))
        return path

    return write


@pytest.fixture
def documented(source, caucus):
    """documented(TITLE, WORD, (PATTERN, INSTEAD)...): the first block with WORD of a section of docs/cluster.md, with this
    program in it, and every pattern replaced where it stands, once or more."""
    text = (source / "docs" / "cluster.md").read_text()

    def find(title, word, *replacements):
        section = re.search(rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", text, re.S | re.M).group(1)
        block = next(body for body in re.findall(r"```\w+\n(.*?)```", section, re.S) if word in body)
        program = str(pathlib.Path(caucus.program).resolve())
        for pattern, instead in [(r"\bcaucus (?=run|merge)", f"{program} "), *replacements]:
            block, n = re.subn(pattern, instead, block)
            assert n > 0, pattern
        return block

    return find
