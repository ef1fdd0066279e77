"""The experiments that come with the project run, and the pages point at things that exist."""

import json
import re

import pytest
from conftest import SOURCE

EXPERIMENTS = sorted((SOURCE / "experiments").glob("*.yaml"))


def test_there_are_experiments():
    assert {"quick", "vehicles-planting", "income-renters-students", "climate-four"} <= {p.stem for p in EXPERIMENTS}


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_check(caucus, path):
    """From any working directory, so that data is found beside the experiment."""
    done = caucus("check", "--json", path)
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["name"] == path.stem, "its result is called like its file"
    assert re.search(r"^description: ", path.read_text(), re.M)


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_a_few_trials(caucus, path):
    done = caucus("run", "-q", path, "--trials", "2")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", ["README.md", "docs/README.md", "docs/solve.md", "docs/report.md", "docs/published.md", "experiments/README.md"])
def test_links(page):
    path = SOURCE / page
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text())
    assert links
    for link in links:
        assert link.startswith("https://") or (path.parent / link).exists(), link


def test_readme_names_every_experiment():
    text = (SOURCE / "README.md").read_text()
    for path in EXPERIMENTS:
        assert f"experiments/{path.name}" in text


def test_gallery():
    """Every experiment is in it, and every figure is one that plot made."""
    text = (SOURCE / "experiments/README.md").read_text()
    for path in EXPERIMENTS:
        assert f"]({path.name})" in text, path.name
    figures = re.findall(r"\(figures/([^)]+)\)", text)
    assert sorted(figures) == sorted(path.name for path in (SOURCE / "experiments/figures").iterdir())
    for name in figures:
        figure = (SOURCE / "experiments/figures" / name).read_text()
        assert "<svg" in figure and ('class="line' in figure or 'class="row' in figure) and len(figure) < 150_000, name
