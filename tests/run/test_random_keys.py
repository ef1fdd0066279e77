"""Configurations are told apart by their place in the sweep, not by their number: sweeps that grow or are split keep
their numbers."""

import itertools

import numpy as np
import pytest

EXPERIMENT = """\
seed: 5
trials: 400
population: {{scenario: dirichlet, cells: 12, labels: 2, uniqueness: 0.4, seed: 3}}
platform: {{consumers: 300, test: 200}}
collectives:
  - {{name: a, share: 0.1, strategy: feature_label, set: {{signal: yes}}, target: y0}}
sweep: {sweep}
"""


@pytest.fixture
def counts(run_experiment):
    """success_count of a sweep, by the values of its axes share and consumers."""
    number = itertools.count()

    def run(shares, consumers=None, first="share", seed=5):
        axes = {"share": f'{{name: share, path: "collectives[0].share", values: {shares}}}',
                "consumers_axis": f"{{name: consumers_axis, path: platform.consumers, values: {consumers}}}"}
        names = sorted(axes if consumers else ["share"], key=lambda name: name != first)
        text = EXPERIMENT.format(sweep=f"[{', '.join(axes[name] for name in names)}]")
        with run_experiment(text, "--seed", seed, name=f"e{next(number)}") as file:
            places = zip(*(file[name][:] for name in sorted(names, reverse=True)))
            return {place: file["success_count"][i, :, 0] for i, place in enumerate(places)}

    return run


def same(left, right):
    common = left.keys() & right.keys()
    return len(common) > 0 and all(np.array_equal(left[place], right[place]) for place in common)


def test_sweeps_that_grow_are_split_or_turned_keep_their_numbers(counts):
    small = counts("[0.1, 0.2]")
    assert same(small, counts("[0.1, 0.15, 0.2, 0.3]"))
    assert same(small, counts("[0.2, 0.1]"))
    assert same(small, counts("[0.1]")) and same(small, counts("[0.2]"))
    assert same(small, counts("{linspace: [0.1, 0.4, 4]}"))
    both = counts("[0.1, 0.2]", "[300, 500]")
    assert len(both) == 4 and same(both, counts("[0.05, 0.1, 0.2]", "[500, 300, 400]", first="consumers_axis"))
    assert not same(small, counts("[0.1, 0.2]", seed=6))


def test_configurations_of_a_sweep_are_independent(counts):
    """Correlations of 400 trials of independent configurations have a standard deviation of 1/20: 45 pairs, 5 of them."""
    found = counts("{linspace: [0.1, 0.109, 10]}")
    correlations = np.corrcoef(np.array([found[place] for place in sorted(found)]))[np.triu_indices(10, 1)]
    assert np.abs(correlations).max() < 5 / 20
    split = [counts(f"[{share}]")[share,] for share in (0.1, 0.101)]
    assert abs(np.corrcoef(*split)[0, 1]) < 5 / 20, "one-value sweeps are told apart as well"
