"""Are two result files the same to the bit? Every dataset is compared; what says when and where they were made, and in
which blocks, is not.

    python3 bench/same_results.py A.h5 B.h5

Prints each dataset that differs, and where first. Exit: 0 the same, 1 not, 77 without h5py.
"""

import json
import sys

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(json.dumps({"skipped": str(error)}))
    sys.exit(77)


BLOCKS = ("done", "block")


def datasets(file):
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and name not in BLOCKS:
            found[name] = item

    file.visititems(visit)
    return found


def difference(a, b):
    """What differs between two datasets, or None."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return f"{a.dtype} {a.shape} against {b.dtype} {b.shape}"
    if not a.dtype.isnative or a.dtype.hasobject:
        differ = np.asarray(a[()] != b[()])
    else:  # bytes, so that NaN equals NaN and -0 does not equal 0
        left, right = (np.ascontiguousarray(x[()]).reshape(x.shape + (1,)).view(np.uint8) for x in (a, b))
        differ = (left != right).any(axis=-1)
    if not differ.any():
        return None
    place = tuple(int(i) for i in np.argwhere(differ)[0])
    return f"{int(differ.sum())} of {differ.size} differ, first at {place}: {a[place]!r} against {b[place]!r}"


def main(first, second):
    with h5py.File(first) as one, h5py.File(second) as two:
        ours, theirs = datasets(one), datasets(two)
        lines = [f"{name}: only in one of them" for name in sorted(ours.keys() ^ theirs.keys())]
        for name in sorted(ours.keys() & theirs.keys()):
            found = difference(ours[name], theirs[name])
            if found:
                lines.append(f"{name}: {found}")
    print("\n".join(lines) if lines else f"{len(ours)} datasets are the same to the bit")
    return 1 if lines else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(f"usage: {sys.argv[0]} A.h5 B.h5")
    sys.exit(main(*sys.argv[1:]))
