"""Training problems for the program fit_counts, and what it says of them."""

import subprocess

import numpy as np

HISTOGRAM, WORST_CASE, LOGISTIC, NAIVE_BAYES, MLP = range(5)
DEFAULTS = {"penalty": 1.0, "interactions": 0, "tolerance": 1e-6, "steps": 200, "smoothing": 1.0, "hidden": 16,
            "seed": 1, "private": 0, "epsilon": 1.0, "delta": 1e-6, "clip": 0.0, "rate": 0.0, "momentum": 0.9,
            "private_steps": 100, "expected_start": 0}


def grid(*n_values):
    """Codes [cell][feature] of a full product."""
    return np.stack(np.meshgrid(*map(np.arange, n_values), indexing="ij"), -1).reshape(-1, len(n_values))


def one_hot(codes, n_values, interactions=False):
    """The design matrix without its constant, as a user of scikit-learn would write it."""
    columns = [codes[:, [f]] == np.arange(n) for f, n in enumerate(n_values)]
    if interactions:
        for f in range(len(n_values)):
            for g in range(f + 1, len(n_values)):
                columns.append((columns[f][:, :, None] & columns[g][:, None, :]).reshape(len(codes), -1))
    return np.hstack(columns).astype(float)


def random_probabilities(rng, codes, n_values, n_labels, spread):
    scores = spread * one_hot(codes, n_values) @ rng.normal(size=(sum(n_values), n_labels))
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def write_problem(path, kind, codes, n_values, expected, counts, consumers=None, **parameters):
    """expected [cell][label], counts [trainee][cell][label]; parameters as in DEFAULTS."""
    counts = np.asarray(counts)
    values = {**DEFAULTS, **({"tolerance": 1e-4, "steps": 2000} if kind == MLP else {}), **parameters}
    assert list(values) == list(DEFAULTS)
    consumers = consumers or counts[0].sum()
    head = [kind, *values.values(), counts.shape[1], len(n_values), counts.shape[2], counts.shape[0], consumers,
            *n_values]
    parts = [head, codes, expected, counts]
    np.concatenate([np.asarray(part, float).ravel() for part in parts]).tofile(path)


def read_fits(path, n_trainees, n_cells, n_labels):
    raw = np.fromfile(path).reshape(n_trainees, -1)
    n = 3 + n_cells * (2 + n_labels)
    return {"converged": raw[:, 0], "steps": raw[:, 1], "gradient": raw[:, 2],
            "label": raw[:, 3:3 + n_cells].astype(int), "tied": raw[:, 3 + n_cells:3 + 2 * n_cells].astype(bool),
            "probability": raw[:, 3 + 2 * n_cells:n].reshape(-1, n_cells, n_labels),
            "parameters": raw[:, n:]}


def train(program, folder, kind, codes, n_values, expected, counts, **parameters):
    write_problem(folder / "problem", kind, codes, n_values, expected, counts, **parameters)
    subprocess.run([program, "train", folder / "problem", folder / "fits"], check=True, timeout=120)
    return read_fits(folder / "fits", *np.shape(counts))
