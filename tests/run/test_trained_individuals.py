"""Trained platforms on counts against people drawn one by one, as test_individuals.py does for those that count.

Some of the noise leads to cells that the population does not have, which a trained platform sees all the same.
"""

import numpy as np
import pytest
import test_individuals as individuals

LOGISTIC = "logistic"
CASES = {
    "logistic noise": (LOGISTIC, "iid", "noise"),
    "logistic mixed": (LOGISTIC, "without_replacement", "mixed"),
    "logistic unplant_adaptive": (LOGISTIC, "iid", "unplant_adaptive"),
    "interactions feature_only": ("{name: logistic, interactions: true}", "iid", "feature_only"),
    "interactions noisy_erase": ("{name: logistic, interactions: true}", "without_replacement", "noisy_erase"),
    "private mixed": ("{name: logistic, privacy: {epsilon: 3, steps: 20}}", "iid", "mixed"),
    "naive_bayes noisy_keep": ("naive_bayes", "iid", "noisy_keep"),
    "naive_bayes unplant_naive": ("{name: naive_bayes, smoothing: 5}", "without_replacement", "unplant_naive"),
    "mlp noise": ("{name: mlp, hidden: 3, tolerance: 0.02, steps: 18}", "iid", "noise"),  # too few steps for many: converged varies
}


@pytest.mark.parametrize("case", CASES)
def test_counts_equal_individuals(run_experiment, tmp_path, case):
    classifier, draw, collectives = CASES[case]
    (tmp_path / "people.csv").write_text(individuals.POPULATION)
    columns = []
    for by in ("counts", "individuals"):
        text = individuals.HEAD.format(trials=individuals.TRIALS, draw=draw, by=by, consumers=110,
                                       classifier=classifier, collectives=individuals.CASES[collectives],
                                       accuracy="true, accuracy_cost: true")
        text = text.replace("delta: 0.3", "delta: 0.3, epsilon: measured")
        with run_experiment(text, name=by) as result:
            columns.append(individuals.values_of(result, "accuracy_cost", "converged"))
    counts, one_by_one = columns
    limit = 1e-6 / (len(CASES) * len(counts))
    spread = 0
    for name in counts:
        assert individuals.two_sample_p_value(counts[name], one_by_one[name]) > limit, name
        spread += len(np.unique(counts[name])) > 3
    assert spread > 3, "too little varies: the comparison would show little"
    if "mlp" in case:
        assert 0 < counts["converged[0]"].mean() < 1
