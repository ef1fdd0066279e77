"""What `check` expects a run to take: in time, and near what it takes, whatever kinds of trials a sweep mixes.

Both are compared by the processor's time of one thread, which others on the machine hardly change."""

import json
import resource

import pytest

MIXED = """\
name: mixed
seed: 3
trials: {trials}
population: {{scenario: dirichlet, cells: 600, labels: 4, uniqueness: 0.3}}
platform: {{consumers: 20K, test: 2K}}
collectives:
  - {{name: a, share: 0.1, strategy: feature_label, set: {{signal: yes}}, target: y0}}
bounds: {{families: [budget], knowledge: [full], inequalities: [hoeffding], epsilon: measured}}
sweep:
  - {{path: platform.classifier, values: [{classifiers}]}}
"""
COUNTED = "histogram"
TRAINED = "histogram, naive_bayes, logistic, {name: mlp, hidden: 4, steps: 300}"


def seconds_of(caucus, *arguments):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = caucus(*arguments, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("classifiers,trials", [(COUNTED, 10_000), (TRAINED, 64)], ids=["counted", "trained"])
def test_expected_time(caucus, tmp_path, classifiers, trials):
    path = tmp_path / "mixed.yaml"
    path.write_text(MIXED.format(trials=trials, classifiers=classifiers))
    done, checking = seconds_of(caucus, "check", path, "--threads", 1, "--json")
    expected = json.loads(done.stdout)["expected_seconds"]
    taken = seconds_of(caucus, "run", path, "--threads", 1, "-q", "-o", "result.h5")[1]
    assert checking < 2.5
    assert taken / 4 - 0.3 < expected < 4 * taken + 0.3


def test_slow_trials_are_not_timed(caucus, tmp_path):
    """Trials that would take minutes each do not keep `check`; what is expected of them is said all the same."""
    path = tmp_path / "mixed.yaml"
    text = MIXED.format(trials=10, classifiers=COUNTED)
    path.write_text(text.replace("consumers: 20K", "consumers: 2G").replace("uniqueness: 0.3", "uniqueness: 0.3, by: individuals"))
    done, checking = seconds_of(caucus, "check", path, "--threads", 1, "--json")
    assert checking < 2.5
    assert json.loads(done.stdout)["expected_seconds"] > 100
