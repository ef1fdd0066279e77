"""Problems on rows of real numbers for the program fit_rows, and what it says of them."""

import json
import subprocess

import numpy as np

LOGISTIC, MLP, RIDGE = 2, 4, 5


def write_rows(path, kind, rows, labels, people, *, n_labels=None, expected=None, penalty=1.0, tolerance=1e-6, steps=500,
               hidden=4, above=0, seed=1, single=False):
    """rows [row][column] without the constant; people [row][trial]."""
    people = np.asarray(people, float)
    n_labels = n_labels or int(labels.max()) + 1
    expected = people.mean(axis=1) if expected is None else expected
    table = np.column_stack([rows, np.ones(len(rows))])
    head = [kind, penalty, tolerance, steps, hidden, above, seed, single, people.shape[1], len(rows), table.shape[1],
            n_labels, round(people[:, 0].sum())]
    np.concatenate([np.asarray(part, float).ravel() for part in (head, table, labels, expected, people)]).tofile(path)


def layers_of(kind, n_columns, n_labels, hidden=4, above=0, **_):
    """Inputs, the constant among them, and units of each layer."""
    units = [n for n in (hidden, above) if n > 0] if kind == MLP else []
    return [(below + 1, here) for below, here in zip([n_columns, *units], [*units, n_labels - 1])]


def shape_of(kind, rows, labels, people, n_labels=None, **parameters):
    layers = layers_of(kind, rows.shape[1], n_labels or int(labels.max()) + 1, **parameters)
    return sum(below * here for below, here in layers), np.shape(people)[1]


def train_rows(program, folder, kind, rows, labels, people, **parameters):
    """Fits of all trials: converged, steps, gradient [trial]; weights [parameter][trial]; labels [row][trial]."""
    write_rows(folder / "problem", kind, rows, labels, people, **parameters)
    subprocess.run([program, "train", folder / "problem", folder / "fits"], check=True, timeout=300)
    raw = np.fromfile(folder / "fits")
    n, batch = shape_of(kind, rows, labels, people, **parameters)
    head, weights, predicted = np.split(raw, [3 * batch, (3 + n) * batch])
    converged, steps, gradient = head.reshape(3, batch)
    return {"converged": converged, "steps": steps, "gradient": gradient, "weights": weights.reshape(n, batch),
            "labels": predicted.reshape(len(rows), batch).astype(int)}


def gradient_rows(program, folder, kind, rows, labels, people, weights, **parameters):
    write_rows(folder / "problem", kind, rows, labels, people, **parameters)
    np.ascontiguousarray(weights, float).tofile(folder / "weights")
    subprocess.run([program, "gradient", folder / "problem", folder / "weights"], check=True, timeout=300)
    return np.fromfile(folder / "weights").reshape(np.shape(weights))


def time_rows(program, folder, seconds, *arguments, **parameters):
    write_rows(folder / "problem", *arguments, **parameters)
    done = subprocess.run([program, "time", folder / "problem", str(seconds)], check=True, timeout=600,
                          stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)
