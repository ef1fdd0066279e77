"""A result in the hands of those who do not know caucus: xarray with both engines, h5py, netCDF4, ncdump, h5ls, and R."""

import re
import shutil
import subprocess
import warnings

import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr

ENGINES = ["h5netcdf", "netcdf4"]
EXPERIMENT = """\
# what was tried, and why
name: readers
seed: 3
trials: 20
population: {scenario: dirichlet, cells: 20, labels: 3, uniqueness: 0.3}  # half of them alone
platform: {consumers: 400, test: 50, classifier: histogram}
collectives:
  - {name: renters, share: 0.1, strategy: feature_label, set: {signal: yes}, target: y0}
  - {name: owners, share: 0.05, strategy: erase, set: {signal: no}}
bounds: {knowledge: [total, full], inequalities: [hoeffding]}
sweep:
  - {name: share, path: "collectives[0].share", values: [0.2, 0.05, 0.1]}
  - name: learner
    path: platform.classifier
    values: [{name: naive_bayes, smoothing: 2}, histogram]
    levels: [smooth, plain]
"""


@pytest.fixture(scope="module")
def result(caucus_once, tmp_path_factory):
    path = tmp_path_factory.mktemp("readers") / "readers.yaml"
    path.write_text(EXPERIMENT)
    return caucus_once("run", path)


def tool_of(name, package):
    if shutil.which(name) is None:
        pytest.skip(f"there is no {name} (Debian: {package})")
    return name


@pytest.mark.parametrize("engine", ENGINES)
def test_the_summary_stands_alone(result, engine):
    with xr.open_dataset(result, engine=engine) as trials, \
            xr.open_dataset(result, engine=engine, group="summary") as summary:
        assert set(summary.coords) == {"share", "learner", "consumers", "test", "collective", "method", "family",
                                       "knowledge", "inequality"}
        for name in summary.coords:
            assert list(summary[name].values) == list(trials[name].values), name
        assert summary.bound_mean.dims == ("config", "collective", "method")
        chosen = summary.success_mean.sel(collective="renters").where(summary.learner == "plain", drop=True)
        own = (trials.success_count / trials.test).mean("trial").sel(collective="renters")
        np.testing.assert_allclose(chosen, own.where(trials.learner == "plain", drop=True), rtol=1e-14)


@pytest.mark.parametrize("engine", ENGINES)
def test_integers_and_the_order_of_the_sweep(result, engine):
    with xr.open_dataset(result, engine=engine) as data:
        assert data.success_count.dtype == np.uint32 and data["size"].dtype == np.uint64
        assert data.test.dtype == np.uint32 and data.joint_count.dtype == np.uint32
        assert list(data.learner.attrs["levels"]) == ["smooth", "plain"], "and not the values' long texts"
        assert list(data.share.attrs["levels"]) == [0.2, 0.05, 0.1]
        assert list(data.learner.values) == ["smooth", "plain"] * 3


@pytest.mark.parametrize("engine", ENGINES)
def test_the_readme_unstacks_without_a_warning(result, engine, source):
    """Its own lines, on this file and these axes."""
    lines = re.search(r"```python\n(import xarray.*?)```", (source / "README.md").read_text(), re.S).group(1)
    lines = lines.replace("results/income-renters-students.h5", str(result)).replace('"h5netcdf"', f'"{engine}"')
    names = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(lines.replace("alignment", "learner"), names)
    order = names["result"].learner.attrs["levels"]
    assert list(names["grid"].reindex(learner=order).learner.values) == ["smooth", "plain"]
    names["result"].close()


def test_attributes_name_all_who_took_part(result):
    with h5py.File(result) as file:
        assert list(file.attrs["seeds"]) == [3]
        for name in ("versions", "commits", "devices", "hosts"):
            assert len(file.attrs[name]) == 1 and file.attrs[name][0], name
        assert file.attrs["experiment_file"] == EXPERIMENT, "with its comments"
        assert "#" not in file.attrs["experiment"]


def test_netcdf4(result):
    with netCDF4.Dataset(result) as data:
        assert data["summary/collective"][:].tolist() == ["renters", "owners"]
        assert data["summary/bound_mean"].dimensions == ("config", "collective", "method")
        assert data["summary/share"].dimensions == ("config",)


def test_ncdump(result):
    told = subprocess.run([tool_of("ncdump", "netcdf-bin"), "-h", result], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0 and told.stderr == ""
    for line in ("config = 6 ;", "uint success_count(config, trial, collective) ;", "group: summary {",
                 "double success_mean(config, collective) ;", 'learner:levels = "smooth", "plain" ;'):
        assert line in told.stdout, line


def test_h5ls(result):
    told = subprocess.run([tool_of("h5ls", "hdf5-tools"), "-r", result], capture_output=True, text=True, timeout=60)
    assert told.returncode == 0 and told.stderr == ""
    assert re.search(r"^/success_count +Dataset \{6, 20, 2\}$", told.stdout, re.M)
    assert re.search(r"^/summary/learner +Dataset \{6\}$", told.stdout, re.M)


def test_r(result, source):
    """The lines of docs/result-file.md."""
    tool_of("Rscript", "r-cran-ncdf4")
    if subprocess.run(["Rscript", "-e", "library(ncdf4)"], capture_output=True, timeout=60).returncode != 0:
        pytest.skip("R has no package ncdf4 (Debian: r-cran-ncdf4)")
    lines = re.search(r"```r\n(.*?)```", (source / "docs" / "result-file.md").read_text(), re.S).group(1)
    lines = lines.replace("OUT.h5", str(result))
    lines += 'cat(apply(success, c(1, 3), mean), sep="\\n"); cat(mean, sep="\\n"); cat(ncvar_get(file, "learner"), sep="\\n")\n'
    done = subprocess.run(["Rscript", "-e", lines], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    told = done.stdout.split()
    with h5py.File(result) as file:
        means = file["summary/success_mean"][()].ravel()
    np.testing.assert_allclose(np.array(told[:12], float), means, atol=1e-6)
    np.testing.assert_allclose(np.array(told[12:24], float), means, atol=1e-6)
    assert told[24:] == ["smooth", "plain"] * 3
