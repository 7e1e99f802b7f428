"""Tests and intervals compared with numbers by hand, full enumerations, and SciPy."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.evaluation import significance
from lghrec_compute.evaluation.significance import (
    EXACT_FLIPS,
    bootstrap_intervals,
    holm,
    paired_t,
    sign_flips,
    wilcoxon,
)

EIGHT = np.array([0.5, -0.25, 1.0, 0.75, 0.125, -0.5, 0.25, 2.0])


def flips(*columns: np.ndarray, resamples: int = 999, seed: int = 0) -> list[float | None]:
    return sign_flips(np.stack(columns, axis=1), resamples=resamples, seed=seed)


def interval(
    *columns: np.ndarray, confidence: float = 0.95, resamples: int = 2000, seed: int = 0
) -> np.ndarray:
    table = np.stack(columns, axis=1)
    return bootstrap_intervals(table, confidence=confidence, resamples=resamples, seed=seed)


def test_paired_t_is_that_worked_by_hand():
    # 1, 2, 3: mean 2, std 1, t = 2 / (1 / sqrt 3) = 3.4641 with 2 degrees of freedom, whose distribution is
    # F(t) = 1/2 + t / (2 sqrt(2 + t^2)): p = 1 - 3.4641 / sqrt(14) = .0741799
    assert paired_t(np.array([1.0, 2, 3])) == pytest.approx(1 - math.sqrt(12 / 14))
    assert paired_t(np.array([-1.0, -2, -3])) == pytest.approx(1 - math.sqrt(12 / 14))


def test_paired_t_is_that_of_scipy():
    assert paired_t(EIGHT) == pytest.approx(scipy.stats.ttest_1samp(EIGHT, 0).pvalue, rel=1e-12)


def test_paired_t_of_equal_differences_knows_no_doubt():
    assert paired_t(np.zeros(5)) == 1
    assert paired_t(np.full(5, 0.1)) == 0


def test_paired_t_needs_two_pairs():
    assert paired_t(np.array([0.3])) is None
    assert paired_t(np.zeros(0)) is None


def test_wilcoxon_of_a_few_is_counted():
    # ranks of .5, -.25, 1: 2, 1, 3; positive ranks sum to 5 of 6. Of the 8 sums of subsets of {1, 2, 3}
    # 0, 1, 2, 3, 3, 4, 5, 6, those at 5 or more, or at 1 or less, are 4: p = 4/8
    assert wilcoxon(np.array([0.5, -0.25, 1.0])) == 0.5


def test_wilcoxon_equals_every_choice_of_signs():
    differences = np.array([0.5, -0.25, 1.0, 0.75, 0.125, -0.6, 0.3, 2.0])
    ranks = np.argsort(np.argsort(np.abs(differences))) + 1
    observed = ranks[differences > 0].sum()
    sums = [sum(choice) for choice in itertools.product(*((0, rank) for rank in ranks))]
    far = sum(abs(total - 18) >= abs(observed - 18) for total in sums)  # 18 is the middle of 36
    assert wilcoxon(differences) == pytest.approx(far / 256)


def test_wilcoxon_with_ties_is_the_normal_approximation_by_hand():
    # without zeros |d| is 1, 1, 2, 2, 2: ranks 1.5, 1.5, 4, 4, 4; positive 1.5 + 4 + 4 + 4 = 13.5, mean 7.5
    # variance 5*6*11/24 - ((8 - 2) + (27 - 3))/48 = 13.75 - .625 = 13.125; z = 6/3.6228 = 1.65616, p = .0977
    found = wilcoxon(np.array([1.0, -1, 0, 2, 2, 2, 0]))
    assert found == pytest.approx(math.erfc(6 / math.sqrt(13.125) / math.sqrt(2)))
    assert found == pytest.approx(0.0977, abs=5e-5)


def test_wilcoxon_sees_through_rounding():
    # .3 - .2 and .2 - .1 are the same difference
    assert wilcoxon(np.array([0.3 - 0.2, 0.1 - 0.2, 1.0])) == wilcoxon(np.array([0.1, -0.1, 1.0]))


@given(st.integers(0, 2**32 - 1), st.integers(1, 80))
@settings(max_examples=60, deadline=None)
def test_wilcoxon_is_that_of_scipy(seed: int, count: int):
    rng = np.random.default_rng(seed)
    apart, tied = rng.normal(0.2, 1, count), rng.integers(1, 4, count) * rng.choice([-1.0, 1.0], count)
    method = "exact" if count <= 50 else "approx"
    assert wilcoxon(apart) == pytest.approx(scipy.stats.wilcoxon(apart, method=method).pvalue, rel=1e-9)
    if len(np.unique(np.abs(tied))) < count:
        expected = scipy.stats.wilcoxon(tied, method="approx", correction=False).pvalue
        assert wilcoxon(tied) == pytest.approx(expected, rel=1e-9)


def test_wilcoxon_without_a_difference_is_one():
    assert wilcoxon(np.zeros(4)) == 1
    assert wilcoxon(np.zeros(0)) is None


def test_sign_flips_of_three_are_counted():
    # sums of +-1 +-2 +-3: 6, 4, 2, 0 and their opposites; only 6 and -6 are as far as 6: 2/8
    assert flips(np.array([1.0, 2, 3])) == [0.25]
    # 1 - 2 + 3 = 2: of 6, 4, 2, 0, 0, -2, -4, -6 six are as far
    assert flips(np.array([1.0, -2, 3])) == [0.75]


def test_sign_flips_equal_every_choice_of_signs():
    sums = [sum(signs * EIGHT) for signs in itertools.product((-1, 1), repeat=8)]
    far = sum(abs(total) >= abs(EIGHT.sum()) - 1e-9 for total in sums)
    assert flips(EIGHT) == [far / 256]


def test_sign_flips_leave_zeros_out_of_the_count():
    padded = np.concatenate([EIGHT, np.zeros(500)])
    assert flips(padded) == flips(EIGHT)


def test_sign_flips_count_ties_in_spite_of_rounding():
    # .1 + .2 and .3 differ by a rounding: all of +-(.1 + .2 - .3) are 0 in truth, so that nothing is further
    assert flips(np.array([0.1, 0.2, -0.3])) == [1.0]


def test_sampled_flips_come_near_the_exact_ones():
    rng = np.random.default_rng(1)
    some = rng.normal(0.3, 1, EXACT_FLIPS)
    [exact] = flips(some)
    [sampled] = flips(np.append(some, 1e-9), resamples=40_000)  # one more than the enumeration allows
    assert exact is not None
    assert sampled == pytest.approx(exact, abs=4 * math.sqrt(exact * (1 - exact) / 40_000))


def test_sampled_flips_are_never_zero():
    assert flips(np.ones(1000), resamples=999) == [1 / 1000]


def test_each_column_of_flips_is_tested_as_it_is_alone():
    rng = np.random.default_rng(2)
    first, second = rng.normal(0.1, 1, (2, 300))
    assert flips(first, second) == [*flips(first), *flips(second)]
    few = np.where(np.arange(300) < 4, first, 0)
    assert flips(first, few) == [*flips(first), *flips(few[:4])]


def test_flips_without_pairs_have_no_p():
    assert sign_flips(np.zeros((0, 2)), resamples=100, seed=0) == [None, None]


def test_the_interval_is_the_percentiles_of_means_of_draws():
    # of {0, 1} drawn twice with replacement the mean is 0, .5, .5 or 1: the middle 60 % are from 0 to 1, and
    # the middle 40 % are .5
    pair = np.array([0.0, 1.0])
    assert interval(pair, confidence=0.6).tolist() == [[0, 1]]
    assert interval(pair, confidence=0.4).tolist() == [[0.5, 0.5]]


def test_the_interval_of_many_is_near_the_normal_one():
    rng = np.random.default_rng(3)
    values = rng.normal(0.2, 1, 2000)
    half = 1.959964 * values.std() / math.sqrt(2000)
    found = interval(values, resamples=4000)[0]
    assert found == pytest.approx([values.mean() - half, values.mean() + half], abs=0.15 * half)


def test_all_columns_see_the_same_draws():
    rng = np.random.default_rng(4)
    values = rng.normal(size=40)
    both = interval(values, 2 * values + 1)
    assert both[1] == pytest.approx(2 * both[0] + 1)
    # a product of another width may round otherwise
    assert both[0] == pytest.approx(interval(values)[0], rel=1e-12)


def test_chance_depends_on_the_seed_and_not_on_how_much_fits_at_once(monkeypatch):
    rng = np.random.default_rng(5)
    values = rng.normal(size=70)
    before = interval(values).tolist(), flips(values)
    assert before == (interval(values).tolist(), flips(values))
    assert before != (interval(values, seed=1).tolist(), flips(values, seed=1))
    monkeypatch.setattr(significance, "_CELLS", 700)
    assert interval(values) == pytest.approx(np.array(before[0]), rel=1e-12)
    assert flips(values) == before[1]


def test_an_interval_needs_a_pair():
    with pytest.raises(ValueError, match="at least 1 pair"):
        interval(np.zeros(0))


def test_work_is_told_and_can_be_stopped():
    heard: list[int] = []
    sign_flips(np.ones((30, 1)), resamples=500, seed=0, on_done=heard.append)
    bootstrap_intervals(np.ones((30, 1)), confidence=0.9, resamples=400, seed=0, on_done=heard.append)
    assert heard == [500, 400]


def test_holm_is_that_worked_by_hand():
    # sorted .01, .02, .03, .04 times 4, 3, 2, 1: .04, .06, .06, .04, and never below the one before: .06
    assert holm(np.array([0.03, 0.01, 0.04, 0.02])) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm(np.array([0.6, 0.7])).tolist() == [1, 1]
    assert holm(np.zeros(0)).tolist() == []
