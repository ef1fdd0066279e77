"""Counts over classes against people drawn one by one: whole distributions of everything that a trial reports.

Two-sample chi-square on the pooled values, with fixed seeds. A right engine fails somewhere with probability under 1e-6.
"""

import numpy as np
import pytest
from scipy import stats

TRIALS = 4000
POPULATION = """a,b,c,y,n
p,u,s,0,30
p,u,s,1,11
p,v,s,0,5
p,v,t,1,21
p,w,t,2,9
q,u,s,2,25
q,u,t,0,8
q,v,t,1,14
q,w,s,0,12
q,w,t,1,6
r,u,s,1,19
r,v,s,2,16
r,v,t,0,13
r,w,t,2,7
r,w,s,1,4
"""
HEAD = """
name: check
seed: 5
trials: {trials}
population: {{file: people.csv, label: y, features: [a, b, c], weight: n, draw: {draw}, by: {by}}}
platform: {{consumers: {consumers}, test: 40, classifier: {classifier}}}
collectives: {collectives}
bounds: {{delta: 0.3, knowledge: [total, labels, strategies, aggregate, full], inequalities: [hoeffding]}}
output: {{accuracy: {accuracy}}}
"""

CASES = {
    "feature_label": "[{size: 12, strategy: feature_label, set: {a: p, b: u}, target: 2}]",
    "feature_only": "[{size: 25, strategy: feature_only, set: {a: p, b: u}, target: 1, outside: {a: q}}]",
    "feature_only_no_outside": "[{size: 25, strategy: feature_only, set: {b: w}, target: 2}]",
    "feature_only_keep": "[{size: 25, strategy: feature_only_keep, set: {b: v}, target: 0}]",
    "unplant_naive": "[{size: 18, strategy: unplant_naive, set: {b: u}, target: 0}]",
    "unplant_adaptive": "[{size: 24, strategy: unplant_adaptive, set: {b: u}, target: 0, estimators: 9}]",
    "erase": "[{size: 40, strategy: erase, set: {c: s}}]",
    "noise": "[{size: 30, strategy: feature_label, set: {a: p, b: u}, target: 2, noise: {compliance: 0.8, miss: 0.3}}]",
    "noisy_keep": "[{size: 30, strategy: feature_only_keep, set: {a: p}, target: 1, noise: {compliance: 0.7, miss: 0.4}}]",
    "noisy_erase": "[{size: 50, strategy: erase, set: {c: s}, noise: {compliance: 0.6}}]",
    "members": "[{size: 12, strategy: feature_label, set: {a: p, b: u}, target: 2, members: {c: s, a: [p, q]}}]",
    "two": "[{size: 10, strategy: feature_label, set: {a: p}, target: 2},"
    " {size: 14, strategy: feature_label, set: {b: u}, target: 1}]",
    "mixed": "[{size: 10, strategy: feature_label, set: {a: p}, target: 2},"
    " {size: 20, strategy: feature_only, set: {b: u}, target: 1, outside: {b: v}},"
    " {size: 15, strategy: unplant_adaptive, set: {a: p, b: u}, target: 1, estimators: 6},"
    " {size: 9, strategy: feature_only_keep, set: {a: p, c: t}, target: 0, members: {a: r}, noise: {miss: 0.2}}]",
}
IID_ONLY = {"affinity": CASES["members"].replace("members", "affinity: 2.5, members")}


def values_of(result, *more):
    """Everything that a run reports, trial by trial, as columns; more: names of further datasets."""
    columns = {}
    for name in ("success_count", "lower_bound", "joint_count", "global_success", "accuracy", "suboptimality",
                 "global_bound", "joint_bound", *more):
        array = np.asarray(result[name], dtype=float)[0].reshape(TRIALS, -1)
        for i in range(array.shape[1]):
            columns[f"{name}[{i}]"] = np.nan_to_num(np.round(array[:, i], 6), nan=-99.0)
    return columns


def two_sample_p_value(first, second):
    """Chi-square of two samples over pooled quantile cells."""
    pooled = np.concatenate([first, second])
    edges = np.unique(np.quantile(pooled, np.linspace(0, 1, 41)))
    if len(edges) == 1:
        return 1.0
    cells = np.searchsorted(edges, pooled, side="left")
    table = np.array([np.bincount(cells[:TRIALS], minlength=len(edges) + 1),
                      np.bincount(cells[TRIALS:], minlength=len(edges) + 1)])
    table = table[:, table.sum(axis=0) > 0]
    rare = table.sum(axis=0) < 16
    if rare.any():
        rest = table[:, rare].sum(axis=1, keepdims=True)
        table = np.hstack([table[:, ~rare], rest]) if rest.min() > 0 else table[:, ~rare]
    return 1.0 if table.shape[1] < 2 else stats.chi2_contingency(table, correction=False)[1]


ALL = [(case, draw, text, "histogram", "true")
       for draw in ("iid", "without_replacement") for case, text in CASES.items()]
ALL += [(case, "iid", text, "histogram", "true") for case, text in IID_ONLY.items()]
ALL += [(f"worst_case {case}", "iid", CASES[case], "{name: worst_case, epsilon: 0.06}", "true")
        for case in ("feature_label", "unplant_adaptive", "erase", "mixed")]
ALL += [(f"narrow {case}", draw, CASES[case], "histogram", "false")
        for draw in ("iid", "without_replacement") for case in ("mixed", "noise", "erase")]


@pytest.mark.parametrize("case,draw,collectives,classifier,accuracy", ALL, ids=[f"{c[0]}-{c[1]}" for c in ALL])
def test_counts_equal_individuals(run_experiment, tmp_path, case, draw, collectives, classifier, accuracy):
    (tmp_path / "people.csv").write_text(POPULATION)
    columns = []
    for by in ("counts", "individuals"):
        text = HEAD.format(trials=TRIALS, draw=draw, by=by, consumers=110, classifier=classifier,
                           collectives=collectives, accuracy=accuracy)
        with run_experiment(text, name=by) as result:
            columns.append(values_of(result))
    counts, individuals = columns
    assert counts.keys() == individuals.keys()
    limit = 1e-6 / (len(ALL) * len(counts))
    spread = 0
    for name in counts:
        assert two_sample_p_value(counts[name], individuals[name]) > limit, name
        spread += len(np.unique(counts[name])) > 3
    assert spread > 0, "nothing varies: the comparison would show nothing"
