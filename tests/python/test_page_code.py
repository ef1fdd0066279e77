"""The Python on the pages runs: with xarray, h5netcdf and matplotlib, on results that the same pages make."""

import os

import matplotlib
import pytest
from conftest import PROGRAM, SOURCE

matplotlib.use("Agg")
RESULTS = {"README.md": ("run", "income-renters-students", "results/income-renters-students.h5"),
           "docs/result-file.md": ("run", "income-renters-students", "OUT.h5"),
           "docs/solve.md": ("solve", "vehicles-critical-mass", "results/vehicles-critical-mass.h5")}


@pytest.mark.parametrize("page", RESULTS)
def test_python_on_pages(caucus, monkeypatch, tmp_path, page):
    command, experiment, output = RESULTS[page]
    (tmp_path / "results").mkdir()
    assert caucus(command, "-q", SOURCE / f"experiments/{experiment}.yaml", "--trials", 10, "-o", output).returncode == 0
    monkeypatch.setitem(os.environ, "CAUCUS", PROGRAM)
    monkeypatch.syspath_prepend(str(SOURCE / "python/src"))
    monkeypatch.chdir(tmp_path)
    blocks = [part.split("```")[0] for part in (SOURCE / page).read_text().split("```python\n")[1:]]
    assert blocks
    for block in blocks:
        exec(block, {})  # noqa: S102
