"""Whether two result files hold the same numbers."""

import pathlib
import re

import h5py
import numpy as np

INEXACT = ("lower_bound", "global_bound", "joint_bound", "upper_bound", "global_upper", "joint_upper")


TIMES = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def data_of(path):
    """The bytes of the HDF5 data, but for the times of the start and end; the seal behind them is of these too."""
    data = pathlib.Path(path).read_bytes()
    assert data[8] == 0, "a superblock of version 0 has the end of the file's data at byte 40"
    return TIMES.sub(b"(time)", data[:int.from_bytes(data[40:48], "little")])


def contents(path):
    """Every dataset of a result but those that say how the work was cut up, and what was computed."""
    found = {}
    with h5py.File(path, "r") as file:

        def visit(name, item):
            if not isinstance(item, h5py.Dataset) or name in ("done", "block"):
                return
            if "netCDF dimension but" not in str(item.attrs.get("NAME")):
                found[name] = item.asstr()[:].tolist() if item.dtype == object else item[()]

        file.visititems(visit)
        found["experiment"] = file.attrs["experiment"]
        found["complete"] = int(file.attrs["complete"])
    return found


def assert_same(left, right, bounds=0.0):
    """To the bit; float32 bounds, and what summaries make of them, may differ by `bounds`."""
    left, right = contents(left), contents(right)
    assert left.keys() == right.keys()
    for name, value in left.items():
        other = right[name]
        if not isinstance(value, np.ndarray):
            assert value == other, name
        elif bounds > 0 and (name in INEXACT or name.startswith("summary/")):
            np.testing.assert_allclose(value, other, rtol=0, atol=bounds, equal_nan=True, err_msg=name)
        else:
            assert value.dtype == other.dtype and value.tobytes() == other.tobytes(), name
