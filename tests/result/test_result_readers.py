"""Results in the hands of others' readers: h5py, and xarray with h5netcdf and with netCDF4."""

import subprocess
from pathlib import Path

import h5py
import netCDF4
import numpy as np
import pytest
import xarray as xr

ENGINES = ["h5netcdf", "netcdf4"]
MASK = (1 << 64) - 1
CONFIGS, COLLECTIVES, METHODS, TRIALS, TEST = 6, 3, 2, 23, 1000


def place_hash(config, trial, what):
    """The numbers of tests/result/store_fixture.h."""
    z = ((config * 1000003 + trial) * 1009 + what + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def expected_counts():
    counts = np.full((CONFIGS, TRIALS, COLLECTIVES), np.nan)
    for c, t, m in np.ndindex(counts.shape):
        if m < (3 if c % 2 == 0 else 2):
            counts[c, t, m] = place_hash(c, t, m) % (TEST + 1)
    return counts


def expected_bounds():
    bounds = np.full((CONFIGS, TRIALS, COLLECTIVES, METHODS), np.nan)
    for c, t, m, k in np.ndindex(bounds.shape):
        if m < (3 if c % 2 == 0 else 2) and not (m == 1 and k == 1):
            bounds[c, t, m, k] = place_hash(c, t, 100 + 10 * m + k) % 4096 / 4096 - 0.25
    return bounds


@pytest.fixture(scope="module")
def files(tool, tmp_path_factory):
    directory = tmp_path_factory.mktemp("results")
    subprocess.run([tool("make_result"), directory], check=True)
    return Path(directory)


@pytest.mark.parametrize("engine", ENGINES)
def test_dimensions_and_coordinates(files, engine):
    with xr.open_dataset(files / "absent.h5", engine=engine) as data:
        print(data)
        assert dict(data.sizes) == {"config": 6, "trial": 23, "collective": 3, "method": 2, "block": 1}
        assert set(data.coords) == {"collective", "method", "share", "ziel_des_tests", "consumers", "test", "family",
                                    "knowledge", "inequality"}
        assert data.success_count.dims == ("config", "trial", "collective")
        assert data.lower_bound.dims == ("config", "trial", "collective", "method")
        assert data.global_bound.dims == ("config", "trial", "method")
        assert data.accuracy.dims == ("config", "trial")
        assert data["size"].dims == ("config", "collective")
        assert data.done.dims == ("config", "block")
        assert list(data.collective.values) == ["renters", "étudiants", "landlords, small"]
        assert list(data.method.values) == ["staircase/total/hoeffding", "budget/full/kl"]
        assert list(data.knowledge.values) == ["total", "full"]
        np.testing.assert_array_equal(data.share, [0.005, 0.005, 0.1, 0.1, 0.2, 0.2])
        assert list(data.ziel_des_tests.values) == ["≥ 75k", '<10k, "low"'] * 3
        assert data.ziel_des_tests.attrs["long_name"] == "ziel des tests"
        assert set(data.lower_bound.coords) == set(data.coords)


@pytest.mark.parametrize("engine", ENGINES)
def test_values(files, engine):
    with xr.open_dataset(files / "absent.h5", engine=engine) as data:
        np.testing.assert_array_equal(data.success_count, expected_counts())
        np.testing.assert_array_equal(data.lower_bound, expected_bounds())
        assert data.lower_bound.dtype == np.float32
        assert np.isnan(data.accuracy).all()
        assert (data.done == 1).all()
        np.testing.assert_array_equal(data["size"][3], [4000, 4001, 0])
        np.testing.assert_array_equal(data.consumers, [200000] * 6)
        assert data.success_count.attrs["test"] == TEST


@pytest.mark.parametrize("engine", ENGINES)
def test_selection_by_name(files, engine):
    with xr.open_dataset(files / "absent.h5", engine=engine) as data:
        chosen = data.lower_bound.sel({"collective": "étudiants", "method": "staircase/total/hoeffding"})
        np.testing.assert_array_equal(chosen, expected_bounds()[:, :, 1, 0])
        assert chosen.where(data.share == 0.1, drop=True).sizes["config"] == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_attributes(files, engine):
    with xr.open_dataset(files / "absent.h5", engine=engine) as data:
        attributes = data.attrs
        assert attributes["format"] == "caucus"
        assert attributes["format_version"] == 3
        assert int(attributes["seed"]) == MASK
        assert attributes["experiment"].startswith("name: two\nseed:")
        assert attributes["complete"] == 1
        assert attributes["delta"] == 0.05
        assert attributes["started"] == "2026-01-02T03:04:05Z"
        assert attributes["axes"] == "share ziel_des_tests"
        for name in ["caucus_version", "git_commit", "rng_version", "backend", "device", "host_threads", "finished"]:
            assert name in attributes
        for name, variable in data.variables.items():
            assert variable.attrs["long_name"], name
            assert variable.attrs["units"] == "1", name


@pytest.mark.parametrize("engine", ENGINES)
def test_integers_stay_integers(files, engine):
    with xr.open_dataset(files / "full.h5", engine=engine) as data:
        assert data.success_count.dtype == np.uint32
        assert "test" not in data.success_count.attrs
        np.testing.assert_array_equal(data.test, [1000, 1010, 1020])
        np.testing.assert_array_equal(data.share, [0.005, 0.1, 0.2])
        assert data.share.dims == ("config",)
        assert set(data.accuracy.coords) == {"share", "consumers", "test"}


@pytest.mark.parametrize("engine", ENGINES)
def test_summary_group(files, engine):
    success = expected_counts() / TEST
    bounds = expected_bounds()
    path = files / "absent.h5"
    with xr.open_dataset(path, engine=engine) as trials, xr.open_dataset(path, engine=engine, group="summary") as raw:
        summary = raw.assign_coords(trials.coords)
        assert summary.violation_rate.dims == ("config", "collective", "method")
        assert summary.global_success_std.dims == ("config",)
        assert summary.joint_bound_mean.dims == ("config", "method")
        close = dict(rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(summary.success_mean, success.mean(axis=1), **close)
        np.testing.assert_allclose(summary.success_std, success.std(axis=1, ddof=1), **close)
        for name, level in [("q05", 0.05), ("median", 0.5), ("q95", 0.95)]:
            np.testing.assert_allclose(summary[f"success_{name}"], np.quantile(success, level, axis=1), **close)
            np.testing.assert_allclose(summary[f"bound_{name}"], np.quantile(bounds, level, axis=1), **close)
        np.testing.assert_allclose(summary.bound_mean, bounds.mean(axis=1), **close)
        tightness = success[..., None] - bounds
        np.testing.assert_allclose(summary.tightness_mean, tightness.mean(axis=1), **close)
        applies = ~np.isnan(bounds[:, 0])
        violated = np.where(applies, (tightness < 0).mean(axis=1), np.nan)
        np.testing.assert_allclose(summary.violation_rate, violated, **close)
        np.testing.assert_allclose(summary.vacuous_rate, np.where(applies, (bounds <= 0).mean(axis=1), np.nan), **close)
        shares = {"global_success": trials.global_success, "joint_success": trials.joint_count / trials.test}
        assert trials.joint_count.dtype == np.uint32 and trials.joint_count.dims == ("config", "trial")
        for name, series in [("global", "global_success"), ("joint", "joint_success")]:
            values = shares[series].values.astype(np.float32).astype(float)
            np.testing.assert_allclose(summary[f"{series}_mean"], values.mean(axis=1), **close)
            bound = trials[f"{name}_bound"].values.astype(float)
            np.testing.assert_allclose(summary[f"{name}_bound_mean"], bound.mean(axis=1), **close)
            np.testing.assert_allclose(summary[f"{name}_violation_rate"],
                                       (bound > values[..., None]).mean(axis=1), **close)
        assert np.isnan(summary.accuracy_mean).all()


def test_clopper_pearson(files):
    stats = pytest.importorskip("scipy.stats")
    with xr.open_dataset(files / "absent.h5", engine="h5netcdf", group="summary") as summary:
        rate = summary.violation_rate.values
        applies = ~np.isnan(rate)
        counts = np.rint(rate[applies] * TRIALS)
        assert len(set(counts)) > 3
        low = np.where(counts == 0, 0, stats.beta.ppf(0.025, counts, TRIALS - counts + 1))
        high = np.where(counts == TRIALS, 1, stats.beta.ppf(0.975, counts + 1, TRIALS - counts))
        np.testing.assert_allclose(summary.violation_low.values[applies], low, rtol=1e-10)
        np.testing.assert_allclose(summary.violation_high.values[applies], high, rtol=1e-10)
        assert np.isnan(summary.violation_low.values[~applies]).all()


def test_h5py(files):
    with h5py.File(files / "absent.h5") as file:
        counts = file["success_count"]
        assert counts.dtype == np.uint32
        assert [scale.label for scale in counts.dims] == ["", "", ""]
        assert [scale[0].name for scale in counts.dims] == ["/config", "/trial", "/collective"]
        assert counts.shuffle and counts.compression == "gzip"
        expected = np.where(np.isnan(expected_counts()), 0xFFFFFFFF, expected_counts())
        np.testing.assert_array_equal(counts[:], expected)

        def plain(name, item):
            if isinstance(item, h5py.Dataset):
                text = h5py.check_string_dtype(item.dtype)
                assert item.dtype.kind in "fiu" or (text.encoding == "utf-8" and text.length is None), name
                assert item.attrs["long_name"] and item.attrs["units"] == "1", name

        file.visititems(plain)
    with h5py.File(files / "full.h5") as file:
        assert file["success_count"].compression is None
        assert "_FillValue" not in file["success_count"].attrs


def test_netcdf4_directly(files):
    with netCDF4.Dataset(files / "absent.h5") as data:
        assert list(data.dimensions) == ["config", "trial", "collective", "method", "block"]
        assert data["success_count"][:].mask[1, :, 2].all()
        assert data["summary/bound_mean"].dimensions == ("config", "collective", "method")
        assert "config" not in data.variables


def test_segments_are_plain_hdf5(files):
    with h5py.File(files / "partial.h5.parts" / "segment-00000001.h5") as file:
        assert file.attrs["format"] == "caucus-segment"
        assert list(file["config"][:]) == [0] and list(file["block"][:]) == [1]
        np.testing.assert_array_equal(file["success_count"][:], expected_counts()[0, 5:10])
