"""How far training in single precision, or in tf32, may be off, as docs/rows.md derives it ("How far single precision is off").

Roundings are taken as independent errors of mean 0, at most as large as the unit roundoff; a band is so many of their
standard deviations that a test which looks at so many numbers fails by chance once in a million.
"""

import numpy as np
from rowfits import RIDGE
from scipy import stats

UNIT = 2.0**-24  # of single precision
UNIT_TF32 = 2.0**-11  # of factors in tf32, which have 10 bits behind the point
ELEMENTS = 16  # squared roundings of an exponential, the division and the products behind it
LEVEL = 1e-6


def as_kept(x, tf32=False):
    """What single precision, or tf32, makes of numbers: what a table and its products have."""
    x = np.asarray(x, np.float32)
    if tf32:
        x = ((x.view(np.uint32) + np.uint32(0x1000)) & np.uint32(0xFFFFE000)).view(np.float32)
    return x.astype(float)


def deviations(n):
    """Standard deviations that none of n normal numbers is beyond, but once in 1 / LEVEL."""
    return stats.norm.isf(LEVEL / (2 * n))


def with_constant(rows):
    return np.column_stack([rows, np.ones(len(rows))])


def softmax(scores):
    """Probabilities of labels 1 and up, where label 0 has score 0; and how far the scores reach."""
    reach = np.maximum(scores.max(axis=1), 0) - np.minimum(scores.min(axis=1), 0)
    top = np.maximum(scores.max(axis=1, keepdims=True), 0)
    e = np.exp(scores - top)
    return e / (np.exp(-top) + e.sum(axis=1, keepdims=True)), reach


def slopes_of(kind, scores, labels, people):
    """Of the loss in each row's scores; and their derivatives in these [row][output][output]."""
    own = labels[:, None] == np.arange(1, scores.shape[1] + 1)
    if kind == RIDGE:
        each = people[:, None, None] * np.eye(scores.shape[1])
        return people[:, None] * (scores + 1 - 2 * own), each
    p, _ = softmax(scores)
    each = people[:, None, None] * (p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :])
    return people[:, None] * (p - own), each


def weighed(x, each):
    """The sum over rows of each [row][output][output] times x x', as a matrix over [column][output]."""
    d, k = x.shape[1], each.shape[1]
    out = np.zeros((d, k, d, k))
    for i in range(k):
        for j in range(k):
            out[:, i, :, j] = x.T @ (each[:, i, j, None] * x)
    return out.reshape(d * k, d * k)


def penalty_of(kind, d, k, penalty):
    """The penalty's second derivative: none on the constant, the last column; less what label 0 takes over."""
    on = np.diag(np.append(np.ones(d - 1), 0))
    return penalty * np.kron(on, np.eye(k) - (0 if kind == RIDGE else 1 / (k + 1)))


def optimum(kind, rows, labels, people, n_labels, penalty):
    """[column][output] where the gradient is 0, by Newton's steps, halved while they do not lower it."""
    x = with_constant(rows)
    d, k = x.shape[1], n_labels - 1
    w, more = np.zeros(d * k), penalty_of(kind, d, k, penalty)

    def look(w):
        slopes, each = slopes_of(kind, x @ w.reshape(d, k), labels, people)
        return (x.T @ slopes).ravel() + more @ w, each

    gradient, each = look(w)
    for _ in range(200):
        step = np.linalg.solve(weighed(x, each) + more, gradient)
        length = 1.0
        after, each_after = look(w - step)
        while np.linalg.norm(after) > np.linalg.norm(gradient) and length > 1e-9:
            length /= 2
            after, each_after = look(w - length * step)
        if not np.linalg.norm(after) < np.linalg.norm(gradient):
            break
        w, gradient, each = w - length * step, after, each_after
    assert np.abs(gradient).max() < 1e-9 * people.sum()
    return w.reshape(d, k)


class Errors:
    """Errors of scores, slopes and gradient at weights w [column][output], in products of so many rows at a time."""

    def __init__(self, kind, rows, labels, people, w, tile=1024, tf32=False):
        x = with_constant(rows)
        d, k = w.shape
        scores = x @ w
        self.x, self.w, self.unit_of_factors = x, w, UNIT_TF32 if tf32 else UNIT
        self.scores = scores
        self.of_scores = UNIT**2 * (d + 3) * (np.abs(x) @ np.abs(w))**2
        slopes, self.each = slopes_of(kind, scores, labels, people)
        n = people[:, None]
        if kind == RIDGE:
            own = UNIT**2 * ELEMENTS * n**2 * (np.abs(scores) + 1)**2
        else:
            p, reach = softmax(scores)
            own = UNIT**2 * (ELEMENTS + k + reach**2)[:, None] * (n * p)**2
        each = np.einsum("rik,rk,rjk->rij", self.each, self.of_scores, self.each)
        self.of_slopes = each + np.eye(k) * (own + (UNIT**2 + (UNIT_TF32**2 if tf32 else 0)) * slopes**2)[:, :, None]
        added = UNIT * np.sqrt(min(tile, len(x)) + 1) * (np.abs(x).T @ np.abs(slopes)).ravel()
        self.of_gradient = weighed(x, self.of_slopes) + np.diag(added**2)


class Band:
    """How far coefficients and scores that are found may lie from the optimum w."""

    def __init__(self, kind, rows, labels, people, w, penalty, tolerance, tf32=False):
        errors = Errors(kind, rows, labels, people, w, tf32=tf32)
        d, k = w.shape
        self.errors, self.shape = errors, (d, k)
        self.left = tolerance * people.sum()  # of each component of the gradient
        self.inverse = np.linalg.inv(weighed(errors.x, errors.each) + penalty_of(kind, d, k, penalty))
        self.spread = self.inverse @ errors.of_gradient @ self.inverse
        mixed = self.inverse @ errors.of_gradient
        more = np.log(1 / LEVEL)  # Laurent and Massart 2000, lemma 1
        square = np.trace(mixed) + 2 * np.sqrt(np.trace(mixed @ mixed) * more) + 2 * np.linalg.norm(mixed, 2) * more
        self.size = self.left * np.sqrt(np.abs(self.inverse).sum()) + np.sqrt(square)
        self.reach = 0.0 if kind == RIDGE else self.find_reach()
        self.bent = np.expm1(self.reach) * self.size

    def find_reach(self):
        """How far any row's scores may move apart, which bounds how much the curvature changes on the way."""
        d, k = self.shape
        blocks = self.inverse.reshape(d, k, d, k)
        most = 0.0
        for i in range(k):
            for j in range(i + 1):  # label j of the outputs, or label 0
                m = blocks[:, i, :, i] if i == j else blocks[:, i, :, i] + blocks[:, j, :, j] - 2 * blocks[:, i, :, j]
                most = max(most, np.einsum("ri,ij,rj->r", self.errors.x, m, self.errors.x).max())
        reach = 0.0
        for _ in range(100):
            reach = np.sqrt(most) * self.size * (reach / -np.expm1(-reach) if reach > 0 else 1)
        assert reach < 1, "the band says nothing: too little is known of the curvature"
        return reach

    def of(self, a, n):
        """Of a sum a [.., column, output] of coefficients, as one of n that are looked at."""
        a = a.reshape(len(a), self.inverse.shape[0])
        turned = a @ self.inverse
        random = deviations(n) * np.sqrt(np.einsum("ri,ij,rj->r", a, self.spread, a))
        bent = self.bent * np.sqrt(np.einsum("ri,ri->r", turned, a))
        kept = self.errors.unit_of_factors * np.abs(a) @ np.abs(self.errors.w).ravel()
        return self.left * np.abs(turned).sum(axis=1) + random + bent + kept

    def of_coefficients(self):
        n = self.inverse.shape[0]
        return self.of(np.eye(n), n).reshape(self.shape)

    def of_lead(self, kind, rows, first, second, n):
        """Of the lead of label first [row] over second, in these rows, as it is told."""
        d, k = self.shape
        each = np.arange(len(rows))
        x = with_constant(rows)
        signs = np.zeros((len(rows), k + 1))  # of each label's score in the lead
        signs[each, first] += 1
        signs[each, second] -= 1
        signs = signs[:, 1:] - (signs[:, :1] if kind == RIDGE else 0)  # that of label 0 is what the others lack
        told = UNIT * np.sqrt(d + 3) * (np.abs(x) @ np.abs(self.errors.w))
        random = deviations(n) * np.sqrt(((signs * told)**2).sum(axis=1))
        return self.of(x[:, :, None] * signs[:, None, :], n) + random


def scores_of_labels(kind, rows, w):
    """Of all labels: that of label 0 is 0, or, of ridge, what all lack to 2 - labels."""
    scores = with_constant(rows) @ w
    first = 1.0 - scores.shape[1] - scores.sum(axis=1) if kind == RIDGE else np.zeros(len(rows))
    return np.column_stack([first, scores])


def gradient_errors(kind, rows, labels, people, weights, n_labels, layers):
    """Standard deviations of a gradient's components at weights that are kept exactly; layers as of rowfits.layers_of.
    Within a row what goes up and what comes down share their errors, so that deviations add up; rows do not."""
    if len(layers) == 1:
        w = weights.reshape(-1, n_labels - 1)
        return np.sqrt(np.diag(Errors(kind, rows, labels, people, w).of_gradient))
    parts = np.split(weights, np.cumsum([below * here for below, here in layers])[:-1])
    parts = [part.reshape(shape) for part, shape in zip(parts, layers)]
    values, error, kept = rows, np.zeros_like(rows), []
    for i, w in enumerate(parts):
        x, e = with_constant(values), np.column_stack([error, np.zeros(len(rows))])
        of_scores = np.sqrt(UNIT**2 * (len(w) + 2) * (np.abs(x) @ np.abs(w))**2 + e**2 @ w**2)
        kept.append((x, e))
        scores = x @ w
        if i + 1 < len(parts):
            values = np.tanh(scores)
            error = (1 - values**2) * of_scores + UNIT * np.sqrt(ELEMENTS)
    slopes, each = slopes_of(kind, scores, labels, people)
    p, reach = softmax(scores)
    own = UNIT * np.sqrt(ELEMENTS + n_labels + reach[:, None]**2) * people[:, None] * p
    e_slopes = np.sqrt(np.einsum("rik,rk->ri", each**2, of_scores**2)) + own + UNIT * np.abs(slopes)
    out = []
    for i, w in reversed(list(enumerate(parts))):
        x, e = kept[i]
        of_each = np.sqrt((x**2).T @ e_slopes**2) + np.sqrt((e**2).T @ slopes**2)
        added = np.sqrt(len(rows) + 1) * (np.abs(x).T @ np.abs(slopes))
        out.append((of_each + UNIT * added).ravel())
        if i > 0:
            bent = 1 - x[:, :-1]**2
            below = slopes @ w[:-1].T
            rounding = UNIT * np.sqrt(len(w[0]) + 4) * (np.abs(slopes) @ np.abs(w[:-1]).T)
            e_below = np.sqrt(e_slopes**2 @ (w[:-1]**2).T) + rounding
            e_slopes = e_below * bent + np.abs(below) * 2 * (np.abs(x[:, :-1]) * e[:, :-1] + UNIT)
            slopes = below * bent
    return np.concatenate(out[::-1])
