"""Trained classifiers against scikit-learn, and the private one against its definition and SciPy."""

import math
import subprocess
import warnings

import numpy as np
import pytest
from fits import LOGISTIC, MLP, NAIVE_BAYES, grid, one_hot, random_probabilities, train
from scipy import integrate, optimize, special, stats
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB

N_PROBLEMS = 60


@pytest.fixture
def fit(tool, tmp_path):
    return lambda *arguments, **parameters: train(tool("fit_counts"), tmp_path, *arguments, **parameters)


def flat(counts):
    """Rows (cell, label) with their weights, as scikit-learn takes them."""
    n_cells, n_labels = counts.shape
    return np.repeat(np.arange(n_cells), n_labels), np.tile(np.arange(n_labels), n_cells), counts.ravel()


def random_problem(seed):
    """Cells, expected counts and two trainees' counts; what is odd about them depends on the seed."""
    rng = np.random.default_rng(seed)
    n_labels = int(rng.integers(2, 6))
    n_values = rng.integers(2, 5, size=rng.integers(1, 5))
    codes = grid(*n_values)
    kind = seed % 6
    if kind == 1 and len(codes) > 8:  # some cells do not exist
        codes = codes[np.sort(rng.choice(len(codes), len(codes) * 2 // 3, replace=False))]
    p = random_probabilities(rng, codes, n_values, n_labels, 0.7)
    if kind == 2:  # separable: one label in each cell
        p = np.eye(n_labels)[one_hot(codes, n_values).dot(rng.normal(size=(sum(n_values), n_labels))).argmax(axis=1)]
    weights = rng.dirichlet(np.full(len(codes), 0.1 if kind == 3 else 2.0))  # 3: many cells empty
    joint = weights[:, None] * p
    if kind == 4:  # one label for nearly everybody
        joint[:, 1:] *= 0.003
    joint /= joint.sum()
    n = 60 if kind == 5 else int(10 ** rng.uniform(3, 6))
    counts = rng.multinomial(n, joint.ravel(), size=2).reshape(2, *joint.shape)
    counts[1] = counts[1][rng.permutation(len(codes))]  # far from what is expected
    counts[:, 0, :] += counts.sum(axis=1) == 0  # every label occurs: without one there is no optimum
    penalty = [1.0, 0.05, 1.0, 20.0, 0.3, 1.0][kind]
    return codes, n_values, np.round(joint * 1e9), counts, {"penalty": penalty, "interactions": int(seed % 7 == 3)}


@pytest.mark.parametrize("group", range(6))
def test_logistic_agrees_with_scikit_learn(fit, group):
    for seed in range(group, N_PROBLEMS, 6):
        codes, n_values, expected, counts, parameters = random_problem(seed)
        fits = fit(LOGISTIC, codes, n_values, expected, counts, tolerance=1e-10, steps=3000, consumers=counts[0].sum(),
                   **parameters)
        design = one_hot(codes, n_values, parameters["interactions"])
        for i, trainee in enumerate(counts):
            cells, labels, weights = flat(trainee)
            peer = LogisticRegression(C=1 / parameters["penalty"], solver="newton-cg", tol=1e-10, max_iter=200,
                                      multi_class="multinomial")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it cannot always see a decrease so near the optimum
                peer.fit(design[cells], labels, sample_weight=weights)
            probability = peer.predict_proba(design)
            assert fits["converged"][i], f"seed {seed}"
            assert np.abs(fits["probability"][i] - probability).max() < 1e-5, f"seed {seed}"
            top = np.sort(probability, axis=1)
            clear = top[:, -1] - top[:, -2] > 1e-5
            assert (fits["label"][i] == probability.argmax(axis=1))[clear].all()
            assert not fits["tied"][i][clear].any()


def test_default_tolerance_is_met_from_far_and_near(fit):
    for seed in range(12):
        codes, n_values, expected, counts, parameters = random_problem(seed)
        fits = fit(LOGISTIC, codes, n_values, expected, counts, **parameters)
        assert fits["converged"].all(), f"seed {seed}"
        assert (fits["gradient"] <= 1e-6).all()
        design = np.hstack([np.ones((len(codes), 1)), one_hot(codes, n_values, parameters["interactions"])])
        for i, trainee in enumerate(counts):  # the gradient that is reported is that of the loss
            residual = fits["probability"][i] * trainee.sum(axis=1, keepdims=True) - trainee
            assert abs(np.abs(residual.sum(axis=0)).max()) <= 1.0001e-6 * trainee.sum()
            assert np.isfinite(design.T @ residual).all()


def test_near_the_expected_counts_few_evaluations_do(fit):
    rng = np.random.default_rng(5)
    codes, n_values = grid(4, 4, 4, 4), [4] * 4
    joint = random_probabilities(rng, codes, n_values, 4, 0.5) / len(codes)
    counts = rng.multinomial(100_000, joint.ravel(), size=50).reshape(50, *joint.shape)
    fits = fit(LOGISTIC, codes, n_values, np.round(joint * 1e9), counts)
    assert fits["converged"].all()
    assert fits["steps"].mean() < 5


def test_naive_bayes_agrees_with_scikit_learn(fit):
    for seed in range(N_PROBLEMS):
        codes, n_values, expected, counts, _ = random_problem(seed)
        wider = n_values + 1  # a value that nobody has still counts in the smoothing
        smoothing = [1.0, 0.01, 7.5][seed % 3]
        fits = fit(NAIVE_BAYES, codes, wider, expected, counts, smoothing=smoothing)
        for i, trainee in enumerate(counts):
            cells, labels, weights = flat(trainee)
            peer = CategoricalNB(alpha=smoothing, min_categories=wider)
            peer.fit(codes[cells], labels, sample_weight=weights.astype(float))
            probability = peer.predict_proba(codes)
            assert np.abs(fits["probability"][i] - probability).max() < 1e-12, f"seed {seed}"
            top = np.sort(probability, axis=1)
            clear = top[:, -1] - top[:, -2] > 1e-12
            assert (fits["label"][i] == probability.argmax(axis=1))[clear].all()


def test_naive_bayes_never_predicts_a_label_that_nobody_has(fit):
    codes, n_values = grid(2, 3), [2, 3]
    counts = np.zeros((1, 6, 3), int)
    counts[0, :, 0] = [5, 0, 1, 0, 2, 2]
    counts[0, :, 2] = [0, 3, 0, 0, 0, 9]
    fits = fit(NAIVE_BAYES, codes, n_values, counts[0], counts)
    assert (fits["probability"][0][:, 1] == 0).all()
    assert np.allclose(fits["probability"][0].sum(axis=1), 1)


def test_mlp_learns_what_no_linear_classifier_can(fit):
    codes, n_values = grid(2, 2, 3), [2, 2, 3]
    label = codes[:, 0] ^ codes[:, 1]
    counts = 200 * np.eye(2, dtype=int)[label][None]
    fits = fit(MLP, codes, n_values, counts[0], counts, penalty=0.1, hidden=8, tolerance=1e-6, seed=3)
    assert fits["converged"][0] and fits["gradient"][0] <= 1e-6
    assert (fits["label"][0] == label).all()
    others = fit(LOGISTIC, codes, n_values, counts[0], counts)
    assert (others["label"][0] == label).mean() < 0.8
    # With a pair's own columns, a linear one can too.
    pairs = fit(LOGISTIC, codes, n_values, counts[0], counts, interactions=1)
    assert (pairs["label"][0] == label).all()


def test_mlp_starts_where_the_expected_counts_lead(fit):
    rng = np.random.default_rng(8)
    codes, n_values = grid(3, 3, 2), [3, 3, 2]
    joint = random_probabilities(rng, codes, n_values, 3, 1.0) / len(codes)
    expected = np.round(joint * 1e9).astype(int)
    counts = np.concatenate([[np.round(joint * 2_000_000)], rng.multinomial(2_000_000, joint.ravel(), size=9).reshape(9, *joint.shape)])
    fits = {start: fit(MLP, codes, n_values, expected, counts, consumers=2_000_000, hidden=4, expected_start=start)
            for start in (0, 1)}
    assert fits[1]["converged"].all() and (fits[1]["gradient"] <= 1e-4).all()
    # Counts as expected, but for rounding: there already, while the random start is far away.
    assert fits[1]["steps"][0] <= 3 < 20 < fits[0]["steps"][0]
    assert fits[1]["steps"].sum() < 0.5 * fits[0]["steps"].sum()
    assert np.abs(fits[1]["probability"][0] - joint / joint.sum(axis=1, keepdims=True)).max() < 0.02


# ---- privacy


def balle_wang_delta(mu, epsilon):
    """Theorem 8 of Balle and Wang (2018), by SciPy."""
    return special.ndtr(mu / 2 - epsilon / mu) - np.exp(epsilon + special.log_ndtr(-mu / 2 - epsilon / mu))


def test_accounting_agrees_with_scipy(tool):
    def ask(command, *arguments):
        text = subprocess.run([tool("fit_counts"), command, *map(repr, arguments)], check=True, capture_output=True,
                              text=True)
        return float(text.stdout)

    for mu in (0.01, 0.1, 0.5, 1.0, 2.5, 8.0):
        for epsilon in (0.0, 0.1, 1.0, 3.0, 10.0):
            reference = balle_wang_delta(mu, epsilon)
            if reference > 1e-12:  # below, SciPy's difference cancels
                assert ask("delta", mu, epsilon) == pytest.approx(reference, rel=1e-9, abs=1e-14)
    # The definition itself: the hockey-stick divergence of N(mu, 1) from N(0, 1).
    for mu, epsilon in ((0.5, 1.0), (2.0, 3.0)):
        gap = lambda x: max(0.0, stats.norm.pdf(x, mu) - math.exp(epsilon) * stats.norm.pdf(x))
        start = epsilon / mu + mu / 2
        assert ask("delta", mu, epsilon) == pytest.approx(integrate.quad(gap, start, start + 40)[0], rel=1e-6)
    for epsilon, delta, steps in ((1.0, 1e-5, 1), (0.3, 1e-6, 100), (8.0, 1e-9, 37), (0.0, 0.01, 5)):
        mu = optimize.brentq(lambda m: balle_wang_delta(m, epsilon) - delta, 1e-4, 50, xtol=1e-14)
        assert ask("noise", epsilon, delta, steps) == pytest.approx(math.sqrt(steps) / mu, rel=1e-6)


def test_normal_quantiles_agree_with_scipy(tool):
    p = [0.5, 1e-16, 1e-300, 1e-5, 0.0249, 0.0251, 0.075, 0.07499, 0.2, 0.74, 0.925, 0.92501, 0.999999, 1 - 1e-15]
    text = subprocess.run([tool("fit_counts"), "quantile", *map(repr, p)], check=True, capture_output=True, text=True)
    assert np.allclose(np.array(text.stdout.split(), float), special.ndtri(p), rtol=4e-15, atol=1e-16)


def plain_descent(codes, n_values, counts, consumers, penalty, clip, rate, momentum, steps):
    """Descent on clipped gradients without noise, person by person of each kind, as Nesterov wrote it: gradients are
    taken where the last move would lead."""
    design = np.hstack([np.ones((len(codes), 1)), one_hot(codes, n_values)])
    n_labels = counts.shape[1]
    w = np.zeros((design.shape[1], n_labels))
    last = w
    ridge = penalty * np.r_[0, np.ones(design.shape[1] - 1)][:, None]
    for _ in range(steps):
        ahead = w + momentum * (w - last)
        scores = design @ ahead
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        gradient = ridge * ahead
        for y in range(n_labels):
            per_person = design[:, :, None] * (p - np.eye(n_labels)[y])[:, None, :]
            norm = np.sqrt((per_person**2).sum(axis=(1, 2)))
            gradient = gradient + np.einsum("c,cij->ij", counts[:, y] * np.minimum(1, clip / norm), per_person)
        last, w = w, ahead - rate * gradient / consumers
    scores = design @ w
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("clip, rate, momentum", [(0.4, 0.3, 0.0), (1.5, 0.2, 0.9), (100.0, 0.1, 0.5), (0, 0, 0.9)])
def test_private_descent_without_noise_is_gradient_descent(fit, clip, rate, momentum):
    codes, n_values, expected, counts, _ = random_problem(0)
    consumers = counts[0].sum()
    fits = fit(LOGISTIC, codes, n_values, expected, counts, private=1, epsilon=np.inf, clip=clip, rate=rate,
               momentum=momentum, private_steps=40, penalty=2.0)
    row = 1 + len(n_values)  # ones in it; the defaults are what nothing exceeds
    for i, trainee in enumerate(counts):
        reference = plain_descent(codes, n_values, trainee, consumers, 2.0, clip or np.inf,
                                  rate or 1 / (row / 2 + 2.0 / consumers), momentum, 40)
        assert np.abs(fits["probability"][i] - reference).max() < 1e-12
    assert fits["converged"].all() and (fits["steps"] == 40).all()


@pytest.mark.parametrize("clip", [0.8, 0])
def test_private_noise_has_the_right_spread(fit, clip):
    codes, n_values = grid(3, 4), [3, 4]
    counts = np.repeat(np.random.default_rng(3).integers(0, 50, size=(1, 12, 3)), 500, axis=0)
    n = counts[0].sum()
    epsilon, delta, rate = 0.7, 1e-5, 0.25
    norm = clip or math.sqrt(2 * (1 + len(n_values)))  # the most that a gradient can have
    common = {"private": 1, "delta": delta, "clip": clip, "rate": rate, "momentum": 0.0}
    plain = fit(LOGISTIC, codes, n_values, counts[0], counts[:1], epsilon=np.inf, private_steps=1, **common)
    for steps in (1, 2):
        noisy = fit(LOGISTIC, codes, n_values, counts[0], counts, epsilon=epsilon, private_steps=steps, **common)
        mu = optimize.brentq(lambda m: balle_wang_delta(m, epsilon) - delta, 1e-4, 50, xtol=1e-14)
        sd = norm * math.sqrt(steps) / mu * rate / n
        if steps == 1:
            z = (noisy["parameters"] - plain["parameters"]) / sd
            m = z.size
            assert abs(z.mean()) < 5 / math.sqrt(m)
            assert abs((z**2).mean() - 1) < 5 * math.sqrt(2 / m)
            assert abs((z**4).mean() - 3) < 5 * math.sqrt(96 / m)
            assert stats.kstest(z.ravel(), "norm").pvalue > 1e-6
            # Between parameters of one trial, and between trials, nothing is shared.
            c = np.corrcoef(z, rowvar=False)
            assert np.abs(c - np.eye(len(c))).max() < 5.5 / math.sqrt(len(z))
            first = z
        else:  # the second step's noise is its own: spreads add, but for the gradient's own answer to the first
            z = noisy["parameters"] - noisy["parameters"].mean(axis=0)
            assert 0.9 * 2 < (z**2).mean() / sd**2 < 1.1 * 2
            assert abs(np.corrcoef(first.ravel(), z.ravel())[0, 1] - math.sqrt(0.5)) < 0.05


def test_less_privacy_learns_more(fit):
    codes, n_values, expected, counts, _ = random_problem(6)
    counts = np.repeat(counts[:1], 20, axis=0)
    rates = []
    for epsilon in (0.003, 0.1, 10.0):
        fits = fit(LOGISTIC, codes, n_values, expected, counts, private=1, epsilon=epsilon)
        right = np.take_along_axis(counts, fits["label"][:, :, None], axis=2).sum(axis=(1, 2))
        rates.append(right.mean() / counts[0].sum())
    assert rates[0] < rates[1] <= rates[2] + 0.005
