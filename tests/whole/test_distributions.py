"""Whole trials have the distributions that they had under another sampler: two-sample tests against recorded trials."""

import json

import numpy as np
import pytest
from conftest import PROGRAM
from distributions import DATA, TRIALS, measure
from scipy.stats import ks_2samp

P = 1e-7  # 80 comparisons: by chance one fails once in 125,000 runs


def recorded():
    return {key: np.repeat(packed[::2], packed[1::2]) for key, packed in json.loads(DATA.read_text()).items()}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return measure(PROGRAM, tmp_path_factory.mktemp("distributions"), 4 * TRIALS)


def test_distributions_are_those_of_another_sampler(found):
    before = recorded()
    assert set(found) == set(before) and len(found) == 80
    assert sum(len(np.unique(values)) > 10 for values in before.values()) > 50  # most do vary
    different = {key: p for key in found if (p := ks_2samp(found[key], before[key]).pvalue) < P}
    assert not different


def test_the_comparison_finds_what_differs(found):
    """Trials of one strategy, or with membership, are not taken for those of another."""
    before = recorded()
    for a, b in (("members, iid, success of 0", "feature_label, iid, success of 0"),
                 ("feature_label, iid, success of 1", "erase, iid, success of 1"),
                 ("feature_label, iid, joint", "members, iid, joint")):
        assert ks_2samp(found[a], before[b]).pvalue < P, (a, b)
