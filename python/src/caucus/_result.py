"""Results: a file of caucus as xarray, pandas and pictures."""

from __future__ import annotations

import json
import os
import pathlib
import tempfile
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from ._errors import CaucusError, InvalidError
from ._program import call


def _open(path: pathlib.Path, group: str | None = None) -> xr.Dataset:
    with xr.open_dataset(path, engine="h5netcdf", group=group) as data:
        return data.load()


class _File:
    """A file of caucus, complete and read on demand."""

    def __init__(self, path: str | os.PathLike[str], *, keep: Any = None, notices: list[str] | None = None):
        self.path = pathlib.Path(path)
        self.notices = notices or []
        self._keep = keep  # a temporary folder that lives as long as this object
        if not self.path.exists():
            raise InvalidError(f"there is no result file {self.path}", 2)

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """What is said of the file: versions, seed, device, experiment, times."""
        return dict(self._flat.attrs)

    @cached_property
    def _flat(self) -> xr.Dataset:
        return _open(self.path)

    @cached_property
    def axes(self) -> list[str]:
        """The names of the sweep's axes, the last one fastest."""
        return str(self._flat.attrs.get("axes", "")).split()

    def _unfold(self, data: xr.Dataset) -> xr.Dataset:
        """A dimension for each axis, in the sweep's order, in the place of config. Where the axes are no grid (a value that
        is there twice), config stays."""
        axes = {name: pd.unique(self._flat[name].values) for name in self.axes}
        lengths = [len(values) for values in axes.values()]
        if "config" not in data.dims or int(np.prod(lengths, dtype=int)) != data.sizes["config"]:
            return data
        found: dict[str, Any] = {}
        for name, variable in data.variables.items():
            if name in axes:
                continue
            if "config" not in variable.dims:
                found[str(name)] = variable
                continue
            at = variable.dims.index("config")
            shape = variable.shape[:at] + tuple(lengths) + variable.shape[at + 1:]
            found[str(name)] = xr.Variable((*variable.dims[:at], *axes, *variable.dims[at + 1:]),
                                           variable.values.reshape(shape), variable.attrs)
        unfolded = xr.Dataset(found, {name: (name, values, self._flat[name].attrs) for name, values in axes.items()}, data.attrs)
        return unfolded.set_coords([name for name in data.coords if name in unfolded.variables])

    def info(self) -> str:
        """What `caucus info` says of the file."""
        return call(["info", self.path])

    def report(self, output: str | os.PathLike[str], *, force: bool = False, **options: Any) -> pathlib.Path:
        """Write the page of `caucus report`. options, of results of runs: goal, method, x, series, overlay."""
        from ._experiment import _options
        call(["report", self.path, "-o", output, *_options({"force": force or None, **options})])
        return pathlib.Path(output)

    def __repr__(self) -> str:
        return f"<caucus.{type(self).__name__} {self.path}>"


class Result(_File):
    """What a run gave.

    data: an xarray.Dataset with dimensions trial, collective, method and one for each axis of the sweep; success is the share
    of test points on which a collective succeeds, joint_success that on which all do. summary: means, quantiles, rates over the trials, likewise.
    """

    @cached_property
    def data(self) -> xr.Dataset:
        """All trials; only coordinates where the run kept summaries only."""
        data = self._unfold(self._flat)
        if "success" not in data and "success_count" in data:
            success = data.success_count / data.test
            success.attrs = {"long_name": "share of test points on which the collective succeeds", "units": "1"}
            data = data.assign(success=success.transpose(*data.success_count.dims))
        if "joint_success" not in data and "joint_count" in data:
            joint = data.joint_count / data.test
            joint.attrs = {"long_name": "share of test points on which every collective succeeds", "units": "1"}
            data = data.assign(joint_success=joint.transpose(*data.joint_count.dims))
        return data

    @cached_property
    def summary(self) -> xr.Dataset:
        """Over the trials of each configuration: success_mean, bound_mean, violation_rate and so on."""
        summary = _open(self.path, "summary")
        flat = self._flat.drop_vars([name for name in self._flat.data_vars])
        coordinates = {name: flat[name] for name in flat.coords if name not in summary.variables}
        coordinates |= {name: self._flat[name] for name in ("config", "collective", "method", "test", "consumers")
                        if name in self._flat.variables and name not in summary.variables}
        return self._unfold(summary.assign_coords(coordinates))

    def frame(self) -> pd.DataFrame:
        """The summary as a tidy table: a row for each configuration, collective and method."""
        return pd.DataFrame(json.loads(call(["summary", self.path, "--format", "json"])))

    def plot(self, x: str | None = None, *, collective: str | None = None, ax: Any = None) -> Any:
        """Success and what can be promised over a numeric axis of the sweep (the last one unless named); the other axes give
        a line each. Success is the mean with a band from its 5 % to its 95 % quantile; dashed: the 5 % quantile of each
        bound, which is what a collective can promise. Needs matplotlib; returns the axes."""
        try:
            import matplotlib.pyplot as plt
        except ImportError:
            raise CaucusError("plotting needs matplotlib (Debian: python3-matplotlib)") from None
        summary = self.summary
        x = x or self._numeric_axis()
        ax = ax if ax is not None else plt.subplots()[1]
        names = [str(name) for name in summary.collective.values] if collective is None else [collective]
        others = [axis for axis in self.axes if axis != x]
        for name in names:
            one = summary.sel(collective=name)
            for point in self._points(one, others):
                label = ", ".join([*([name] if len(names) > 1 else []), *(str(value) for value in point.values())]) or name
                self._draw(ax, one.sel(point), x, label)
        ax.set(xlabel=x, ylabel="success", ylim=(-0.02, 1.02))
        ax.legend()
        return ax

    def _numeric_axis(self) -> str:
        numeric = [axis for axis in self.axes if np.issubdtype(self._flat[axis].dtype, np.number)]
        if not numeric:
            raise InvalidError("the sweep has no numeric axis to plot over", 2)
        return numeric[-1]

    @staticmethod
    def _points(data: xr.Dataset, axes: list[str]) -> list[dict[str, Any]]:
        points: list[dict[str, Any]] = [{}]
        for axis in axes:
            points = [{**point, axis: value} for point in points for value in data[axis].values]
        return points

    @staticmethod
    def _draw(ax: Any, one: xr.Dataset, x: str, label: str) -> None:
        line, = ax.plot(one[x], one.success_mean, label=label)
        ax.fill_between(one[x], one.success_q05, one.success_q95, color=line.get_color(), alpha=0.2, linewidth=0)
        if "method" in one.sizes:
            for method in one.method.values:
                bound = one.bound_q05.sel(method=method)
                ax.plot(one[x], bound.clip(min=0), "--", color=line.get_color(), linewidth=1)

    def _repr_html_(self) -> str:
        shown = self.frame()
        more = f"<p>{len(shown) - 20} more rows: .frame()</p>" if len(shown) > 20 else ""
        return f"<p><b>{self.attributes.get('name', self.path.stem)}</b>, {self.path.name}</p>{shown.head(20).to_html(index=False)}{more}"


class CriticalMass(_File):
    """The smallest size at which a collective's success, and each bound on it, reaches a target.

    data: an xarray.Dataset over the axes of the sweep and `quantity`.
    """

    @cached_property
    def data(self) -> xr.Dataset:
        return self._unfold(self._flat)

    def frame(self) -> pd.DataFrame:
        """A row for each configuration and quantity."""
        return self._flat.to_dataframe().reset_index()

    def _repr_html_(self) -> str:
        return self.frame().head(40).to_html(index=False)


def merge(shards: Iterable[_File | str | os.PathLike[str]], output: str | os.PathLike[str] | None = None, *,
          force: bool = False, mixed: bool = False, threads: int | None = None) -> Result:
    """Put the results of shards together: the file that one run of all of it would have written. Without an output the file
    lives as long as the result. mixed: also shards that others trained on real-valued features. Parts that are missing or there twice raise InvalidError, with the commands that are missing.

    >>> from caucus import example
    >>> quick, folder = example("quick").set("trials", 4), tempfile.mkdtemp()
    >>> parts = [quick.run(f"{folder}/out.h5", shard=(i, 2), progress=False) for i in (1, 2)]
    >>> [part.path.name for part in parts], merge(parts).data.sizes["trial"]
    (['out-1-of-2.h5', 'out-2-of-2.h5'], 4)
    """
    from ._experiment import _options
    folder = None
    if output is None:
        folder = tempfile.TemporaryDirectory(prefix="caucus-")
        output = pathlib.Path(folder.name) / "result.h5"
    paths = [shard.path if isinstance(shard, _File) else shard for shard in shards]
    call(["merge", *paths, "-o", output, *_options({"force": force or None, "mixed": mixed or None, "threads": threads})])
    return Result(output, keep=folder)


def load(path: str | os.PathLike[str]) -> Result | CriticalMass:
    """Open a file that `caucus run` or `caucus solve` wrote."""
    flat = _File(path)
    try:
        kind = CriticalMass if "critical_mass" in flat._flat.variables else Result
    except (OSError, ValueError) as error:
        raise InvalidError(f"{path} cannot be read as a result of caucus: {error}", 2) from error
    return kind(path)
