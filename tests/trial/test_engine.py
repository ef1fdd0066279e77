"""Trials whose outcome can be worked out by hand: populations without chance, ties, worst cases, noise at its ends."""

import numpy as np
import pytest

TRIALS = 40
HEAD = """
name: by-hand
trials: {trials}
population: {{file: people.csv, label: y, weight: n}}
platform: {{consumers: {consumers}, test: 100, classifier: {classifier}}}
collectives: {collectives}
"""


@pytest.fixture
def trial(run_experiment, tmp_path):
    """Results of an experiment on a table of people, as arrays over trials."""

    def run(people, collectives, consumers=100, classifier="histogram", by="counts", trials=TRIALS):
        (tmp_path / "people.csv").write_text(people)
        text = HEAD.format(trials=trials, consumers=consumers, classifier=classifier, collectives=collectives)
        text = text.replace("weight: n", f"weight: n, by: {by}")
        with run_experiment(text) as file:
            return {name: file[name][0] for name in ("success_count", "joint_count", "accuracy", "suboptimality")}

    return run


ONE_CELL = "a,y,n\np,0,1\nq,1,0\n"  # everybody is (p, 0); the cell q and the label 1 can be reported all the same
TWO_CELLS = "a,y,n\np,0,1\nq,1,1\n"


@pytest.mark.parametrize("size,success", [(49, 0), (50, 0), (51, 100)])
@pytest.mark.parametrize("by", ["counts", "individuals"])
def test_a_tie_counts_against_the_collective(trial, size, success, by):
    result = trial(ONE_CELL, f"[{{size: {size}, strategy: feature_label, set: {{a: p}}, target: 1}}]", by=by)
    assert (result["success_count"] == success).all()
    assert (result["accuracy"] == (0 if success else 1)).all()  # a tie is predicted as the lower label


@pytest.mark.parametrize("size,success", [(49, 0), (50, 0), (51, 100)])
def test_unplanting_needs_the_lead_of_another_label(trial, size, success):
    result = trial(ONE_CELL, f"[{{size: {size}, strategy: unplant_naive, set: {{a: p}}, target: 0}}]")
    assert (result["success_count"] == success).all()


def test_an_empty_signal_cell_is_a_tie(trial):
    """Nobody hands in (q, ...): the members refuse, and nobody has q by nature."""
    text = "[{size: 40, strategy: feature_label, set: {a: q}, target: 1, noise: {compliance: 0}}]"
    assert (trial(ONE_CELL, text)["success_count"] == 0).all()
    assert (trial(ONE_CELL, text.replace("compliance: 0", "compliance: 1"))["success_count"] == 100).all()


@pytest.mark.parametrize("epsilon,success,spent", [(0.01, 100, 0.0), (0.0199, 100, 0.0), (0.02, 0, 0.02), (0.4, 0, 0.02)])
def test_worst_case_pays_half_the_gap(trial, epsilon, success, spent):
    """52 against 48 of 100: a gap of 0.04."""
    result = trial(ONE_CELL, "[{size: 52, strategy: feature_label, set: {a: p}, target: 1}]",
                   classifier=f"{{name: worst_case, epsilon: {epsilon}}}")
    assert (result["success_count"] == success).all()
    np.testing.assert_allclose(result["suboptimality"], spent, atol=1e-7)


def test_worst_case_pays_for_labels_between(trial):
    """18 others are (p, 0), beside 46 and 36 records of labels 1 and 2: to lead, label 0 must take both down to 100/3,
    which costs 46/3 of 100 records. Half of the gap to the leader would be 14."""
    people = "a,y,n\np,0,1\nq,1,0\nq,2,0\n"
    text = ("[{name: victim, size: 46, strategy: feature_label, set: {a: p}, target: 1},"
            " {size: 36, strategy: feature_label, set: {a: p}, target: 2},"
            " {name: unplanter, size: 0, strategy: unplant_naive, set: {a: p}, target: 0}]")
    for epsilon, success in [(0.15, 100), (0.1534, 0)]:
        result = trial(people, text, classifier=f"{{name: worst_case, epsilon: {epsilon}, victim: unplanter}}")
        assert (result["success_count"][:, 2] == success).all()


def test_worst_case_takes_most_people_for_the_price(trial):
    """Three quarters of the people land on (q, u), where a rival makes the lead about 500 records, and a quarter on (q, v)
    with a lead of about 1000. Half of either lead is within the budget of 560, half of both is not: (q, u) goes."""
    people = "a,b,y,n\np,u,0,3\np,v,0,1\nq,u,1,0\n"
    text = ("[{size: 4000, strategy: feature_label, set: {a: q}, target: 1},"
            " {size: 2500, strategy: feature_label, set: {a: q, b: u}, target: 0}]")
    result = trial(people, text, consumers=8000, classifier="{name: worst_case, epsilon: 0.07}", trials=400)
    counts = result["success_count"][:, 0]  # of 100 test points, those with b = v are left
    assert abs(counts.mean() - 25) < 5 * np.sqrt(100 * 0.25 * 0.75 / 400)
    assert counts.max() < 50
    spent = result["suboptimality"] * 8000  # half of 3000 - 2500, give or take half the deviation of the landing
    assert abs(spent.mean() - 250) < 5 * np.sqrt(4000 * 0.75 * 0.25 / 400) / 2
    assert spent.max() < 560


def test_worst_case_takes_a_dear_cell_of_most_people(trial):
    """A tenth of the people land on (q, u), which is cheap to turn (about 50 records), nine tenths on (q, v), which takes
    about 2250. Both cost 2300 together, the budget is 2295: the cheaper cell first would leave the other one alone."""
    people = "a,b,y,n\np,u,0,1\np,v,0,9\nq,u,1,0\n"
    text = ("[{size: 5000, strategy: feature_label, set: {a: q}, target: 1},"
            " {size: 400, strategy: feature_label, set: {a: q, b: u}, target: 0}]")
    result = trial(people, text, consumers=10000, classifier="{name: worst_case, epsilon: 0.2295}", trials=400)
    counts = result["success_count"][:, 0]  # of 100 test points, those with b = u are left
    assert abs(counts.mean() - 10) < 5 * np.sqrt(100 * 0.1 * 0.9 / 400)
    spent = result["suboptimality"] * 10000  # half the landing on (q, v)
    assert abs(spent.mean() - 2250) < 5 * np.sqrt(5000 * 0.9 * 0.1 / 400) / 2


def test_erasing_everywhere_it_is_trivial(trial):
    """g(x) = x for all x = p: success without doing anything."""
    result = trial(ONE_CELL, "[{size: 1, strategy: erase, set: {a: p}}]")
    assert (result["success_count"] == 100).all()


def test_erasing_makes_two_cells_alike(trial):
    """At q all others say 1; members with q say what is common at p, which is 0. 90 of 100 members are enough."""
    result = trial(TWO_CELLS, "[{size: 90, strategy: erase, set: {a: p}}]", trials=200)
    assert (result["success_count"] == 100).mean() > 0.99
    result = trial(TWO_CELLS, "[{size: 10, strategy: erase, set: {a: p}}]", trials=200)
    assert ((result["success_count"] > 20) & (result["success_count"] < 80)).all()  # only where it is trivial


def test_misses_leave_the_signal(trial):
    """With certain misses the feature is uniform over its two values: half of the marks land on q, half on p."""
    text = "[{size: 10000, strategy: feature_label, set: {a: q}, target: 1, noise: {miss: 1}}]"
    # 10,000 members, 5,000 others all (p, 0): p has about 5,000 ones against 5,000 zeros, q only ones.
    result = trial(ONE_CELL, text, consumers=15000, trials=400)
    assert (result["success_count"] == 100).all()
    share = (result["accuracy"] == 0).mean()  # p is taken over by the misses in about half of the trials
    assert abs(share - 0.5) < 5 * np.sqrt(0.25 / 400) + 0.01


def test_joint_success_needs_all(trial):
    text = ("[{size: 51, strategy: feature_label, set: {a: p}, target: 1},"
            " {size: 20, strategy: feature_label, set: {a: q}, target: 0}]")
    result = trial(ONE_CELL, text)
    assert (result["success_count"] == 100).all() and (result["joint_count"] == 100).all()
    result = trial(ONE_CELL, text.replace("51", "30"))
    assert (result["success_count"] == [0, 100]).all() and (result["joint_count"] == 0).all()
