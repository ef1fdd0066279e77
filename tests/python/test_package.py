"""The Python package: experiments, results, bounds and errors, against the program's own output; its pages; its notebook; and
the wheel that carries the program."""

import doctest
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import h5netcdf  # noqa: F401 the engine of the package's reading
import matplotlib
import numpy as np
import pandas as pd
import pytest
from conftest import PROGRAM, SOURCE

matplotlib.use("Agg")
PACKAGE = SOURCE / "python/src"
os.environ["CAUCUS"] = PROGRAM
sys.path.insert(0, str(PACKAGE))
import caucus  # noqa: E402

SMALL = {
    "name": "small",
    "seed": 4,
    "trials": 30,
    "population": {"scenario": "dirichlet", "cells": 20},
    "platform": {"consumers": 2000, "test": 200},
    "collectives": [
        {"name": "us", "share": 0.2, "strategy": "feature_label", "set": {"signal": "yes"}, "target": "y1"},
        {"name": "them", "share": 0.1, "strategy": "feature_label", "set": {"signal": "yes"}, "target": "y0"},
    ],
    "bounds": {"families": ["budget"], "knowledge": ["total"], "inequalities": ["kl", "hoeffding"]},
}


def small():
    return caucus.Experiment(SMALL)


def swept():
    return (small().axis("target", "collectives[0].target", ["y1", "y0"])
            .axis("share", "collectives[0].share", [0.3, 0.1, 0.2]))


def test_dictionary_and_file_give_the_same(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(json.dumps(SMALL))
    left, right = small().run(progress=False), caucus.Experiment(path).run(tmp_path / "out.h5", progress=False)
    assert (left.data.success_count.values == right.data.success_count.values).all()
    assert right.path == tmp_path / "out.h5"
    changed = small().set("platform.test", 100).run(trials=5, seed=9, threads=1, progress=False)
    assert changed.attributes["seed"] == 9 and changed.data.sizes["trial"] == 5
    assert (changed.data.test.values == 100).all()


def test_experiments_never_change():
    experiment = small()
    assert experiment.axis("share", "collectives[0].share", [0.1, 0.2]).plan().configs == 2
    assert experiment.set("trials", 7).plan().trials == 7
    assert experiment.plan().configs == 1 and experiment.plan().trials == 30


def test_axes_are_dimensions_in_the_order_of_the_sweep():
    result = swept().run(progress=False)
    assert result.axes == ["target", "share"]
    assert result.data.success.dims == ("target", "share", "trial", "collective")
    assert result.data.target.values.tolist() == ["y1", "y0"] and result.data.share.values.tolist() == [0.3, 0.1, 0.2]
    flat = result._flat
    for i in range(flat.sizes["config"]):
        point = {"target": flat.target.values[i], "share": flat.share.values[i]}
        assert (result.data.success_count.sel(point).values == flat.success_count.values[i]).all()
    np.testing.assert_array_equal(result.data.success, result.data.success_count / 200)
    mean = result.data.success.mean("trial")
    np.testing.assert_allclose(result.summary.success_mean.transpose(*mean.dims), mean, rtol=1e-12)


def test_axes_of_a_file_are_kept(tmp_path):
    pytest.importorskip("yaml")
    path = tmp_path / "small.yaml"
    path.write_text(json.dumps({**SMALL, "sweep": [{"name": "n", "path": "platform.consumers", "values": [1000, 2000]}]}))
    plan = caucus.Experiment(path).axis("share", "collectives[0].share", [0.1, 0.2, 0.3]).plan()
    assert plan.configs == 6


@pytest.mark.parametrize("source", [lambda: small(), lambda: caucus.example("quick")])
def test_a_new_sweep_takes_axes(source):
    """set("sweep", ...) replaces the axes that there are, of files and dictionaries, and axis() adds to it."""
    alone = source().axis("left out", "platform.test", [100, 200]).set("sweep", [])
    assert alone.plan().configs == 1
    assert alone.axis("share", "collectives[0].share", np.array([0.1, 0.2, 0.3])).plan().configs == 3
    one = source().set("sweep", [{"name": "n", "path": "platform.consumers", "values": np.array([200_000, 300_000])}])
    assert one.plan().configs == 2
    assert one.axis("share", "collectives[0].share", [0.1, 0.2]).plan().configs == 4


def test_frame_has_a_row_for_each_method():
    result = swept().run(progress=False)
    assert result.data.sizes["method"] == 2 and len(result.frame()) == 2 * 3 * 2 * 2
    assert "success_mean" in result.frame().columns and "<table" in result._repr_html_()


def test_errors_have_the_programs_words(tmp_path):
    wrong = small().set("collectives[0].strategy", "feature_labell")
    with pytest.raises(caucus.InvalidError, match="feature_label") as caught:
        wrong.check()
    assert caught.value.exit_code == 2
    with pytest.raises(caucus.InvalidError, match="no experiment file"):
        caucus.Experiment(tmp_path / "absent.yaml")
    with pytest.raises(caucus.InvalidError, match="no result file"):
        caucus.load(tmp_path / "absent.h5")
    (tmp_path / "text.h5").write_text("no result")
    with pytest.raises(caucus.InvalidError, match="cannot be read"):
        caucus.load(tmp_path / "text.h5")
    small().run(tmp_path / "out.h5", progress=False)
    with pytest.raises(caucus.CaucusError, match="out.h5"):
        small().run(tmp_path / "out.h5", progress=False)
    small().run(tmp_path / "out.h5", force=True, progress=False)
    with pytest.raises(caucus.InvalidError, match="there are: .*quick"):
        caucus.example("no such thing")


def test_program_is_looked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("CAUCUS", str(tmp_path / "absent"))
    with pytest.raises(caucus.ProgramNotFound, match="CAUCUS names"):
        caucus.program()
    monkeypatch.delenv("CAUCUS")
    (tmp_path / "caucus").write_text("#!/bin/sh\necho here\n")
    (tmp_path / "caucus").chmod(0o755)
    monkeypatch.setattr(caucus._program.pathlib.Path, "is_file", lambda path: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert caucus.program() == str(tmp_path / "caucus") and caucus.version() == "here"
    monkeypatch.setenv("PATH", "")
    with pytest.raises(caucus.ProgramNotFound, match="cmake --build"):
        caucus.program()


INTERRUPTED = """
    import sys, json
    sys.path.insert(0, {package!r})
    import caucus
    try:
        caucus.Experiment(json.loads({document!r})).run({output!r}, trials=400000, threads=1)
    except caucus.StoppedError as error:
        print("stopped", error.exit_code)
"""


def test_an_interrupt_saves_what_is_finished(tmp_path):
    output = tmp_path / "long.h5"
    text = textwrap.dedent(INTERRUPTED.format(package=str(PACKAGE), document=json.dumps(SMALL), output=str(output)))
    process = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True)
    parts = tmp_path / "long.h5.parts"
    for _ in range(600):
        if parts.exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    if output.exists():
        pytest.skip("the run was done before it was interrupted")
    assert out.split() == ["stopped", "3"] and parts.exists()


def test_bounds_are_the_programs(tmp_path):
    experiment = caucus.Experiment(SOURCE / "experiments/income-renters-students.yaml").set("platform.consumers", "60K")
    table = pd.read_csv(SOURCE / "data/income.csv")
    bounds = experiment.bound("renters", table, config=8, inequality=["kl", "hoeffding"])
    done = subprocess.run([PROGRAM, "bound", SOURCE / "experiments/income-renters-students.yaml", "--collective", "renters",
                           "--members", SOURCE / "data/income.csv", "--config", "8", "--set", "platform.consumers=60K",
                           "--inequality", "kl,hoeffding", "--format", "json"], capture_output=True, text=True, check=True)
    wanted = json.loads(done.stdout)
    assert bounds.best == wanted["best"] and bounds.frame.to_dict("records") == wanted["bounds"]
    assert len(bounds.cells) == len(wanted["cells"])


def test_critical_mass(tmp_path):
    mass = small().solve(target=0.8, trials=20, progress=False)
    assert isinstance(mass, caucus.CriticalMass) and isinstance(caucus.load(mass.path), caucus.CriticalMass)
    found = float(mass.data.critical_mass.isel(quantity=0))
    assert 0 < found <= 2000
    assert "critical_mass" in mass.frame().columns
    page = mass.report(tmp_path / "mass.html")
    assert "critical mass" in page.read_text()


def test_columns_of_a_table():
    found = caucus.columns(SOURCE / "data/admissions.csv").set_index("name")
    assert list(found.index) == ["decision", "gender", "department", "applicants"] and found.loc["department", "values"] == 6
    assert caucus.columns(pd.read_csv(SOURCE / "data/admissions.csv")).equals(found.reset_index())
    with pytest.raises(caucus.InvalidError):
        caucus.columns(SOURCE / "nothing.csv")


def test_plot():
    result = swept().run(progress=False)
    ax = result.plot(collective="us")
    assert ax.get_xlabel() == "share" and len(ax.get_legend().get_texts()) == 2  # a line for each target
    line = ax.lines[0]
    assert sorted(line.get_xdata().tolist()) == [0.1, 0.2, 0.3]
    with pytest.raises(caucus.InvalidError, match="no numeric axis"):
        small().run(progress=False).plot()


@pytest.mark.parametrize("name", ["__init__", "_bounds", "_errors", "_experiment", "_program", "_progress", "_result", "_tables"])
def test_documentation(name):
    module = caucus if name == "__init__" else getattr(caucus, name)
    assert doctest.testmod(module).failed == 0


def test_readme(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    text = (SOURCE / "python/README.md").read_text()
    blocks = [part.split("```")[0] for part in text.split("```python\n")[1:]]
    assert len(blocks) == 2
    scope = {}
    for block in blocks:
        exec(block, scope)  # noqa: S102
    done = doctest.testfile(str(SOURCE / "python/README.md"), module_relative=False,
                            optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert done.attempted >= 6 and done.failed == 0


def test_shards_are_merged(tmp_path):
    whole = swept().run(tmp_path / "whole.h5", progress=False)
    parts = [swept().run(tmp_path / "out.h5", shard=(i, 3), progress=False) for i in (1, 2)]
    assert [part.path.name for part in parts] == ["out-1-of-3.h5", "out-2-of-3.h5"]
    with pytest.raises(caucus.InvalidError, match="trials are missing"):
        caucus.merge(parts, tmp_path / "merged.h5")
    parts.append(swept().run(tmp_path / "out.h5", shard="3/3", progress=False))
    merged = caucus.merge([parts[0].path, *parts[1:]], tmp_path / "merged.h5")
    assert merged.path == tmp_path / "merged.h5" and merged.data.success_count.equals(whole.data.success_count)
    assert caucus.merge(parts).summary.success_mean.equals(whole.summary.success_mean)
    with pytest.raises(caucus.InvalidError):
        swept().run(tmp_path / "out.h5", shard=(4, 3), progress=False)


def test_resume_goes_on(tmp_path):
    first = small().run(tmp_path / "out.h5", trials=10, progress=False).data.success_count.values
    more = small().run(tmp_path / "out.h5", trials=25, resume=True, progress=False)
    assert more.data.sizes["trial"] == 25
    assert (more.data.success_count.isel(trial=slice(10)).values == first).all()


def test_every_name_is_documented():
    """What the package shows has a description and types."""
    for name in caucus.__all__:
        thing = getattr(caucus, name)
        assert thing.__doc__, name
    for kind, methods in ((caucus.Experiment, "set axis check plan run solve bound"), (caucus.Result, "frame plot report")):
        for method in methods.split():
            function = getattr(kind, method)
            assert function.__doc__ and "return" in function.__annotations__, method


def test_notebook(monkeypatch, tmp_path):
    pytest.importorskip("ipykernel")
    nbformat, preprocessors = pytest.importorskip("nbformat"), pytest.importorskip("nbconvert.preprocessors")
    monkeypatch.setenv("PYTHONPATH", str(PACKAGE))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(SOURCE / "python/examples/from-data-to-figure.ipynb", as_version=4)
    preprocessors.ExecutePreprocessor(timeout=120, kernel_name="python3").preprocess(notebook, {"metadata": {"path": tmp_path}})
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in outputs)


def test_wheel_carries_the_program(tmp_path):
    pytest.importorskip("pip"), pytest.importorskip("wheel")
    build = pathlib.Path(os.environ["CAUCUS_BUILD_DIR"])
    done = subprocess.run(["cmake", "--build", build, "--target", "wheel"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    wheel, = (build / "wheel").glob("caucus-*-linux_*.whl")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", tmp_path / "site",
                    wheel], check=True, capture_output=True)
    environment = {name: value for name, value in os.environ.items() if name not in ("CAUCUS", "PYTHONPATH")}
    code = "import caucus; print(caucus.program()); print(caucus.example('quick').set('trials', 1).plan().trials)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={**environment, "PYTHONPATH": str(tmp_path / "site")},
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    program, trials = done.stdout.split()
    assert pathlib.Path(program) == tmp_path / "site/caucus/bin/caucus" and trials == "1"
    shutil.rmtree(build / "wheel")


def test_version_is_the_programs():
    assert f" {caucus.__version__} " in caucus.version() + " "
