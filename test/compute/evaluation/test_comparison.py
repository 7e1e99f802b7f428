"""Rows of a comparison, compared with numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lghrec_compute.evaluation.comparison import Measured, Sampling, compare, corrected
from lghrec_compute.evaluation.significance import holm, paired_t, sign_flips, wilcoxon
from lghrec_compute.results import CompareRow

SAMPLING = Sampling(resamples=500)


def measured(name: str, *rows: list[float], seeds: tuple[int, ...] | None = None) -> Measured:
    values_SU = np.array(rows)
    return Measured(name, values_SU.mean(axis=0), values_SU.mean(axis=1), seeds)


def compared(base: Measured, *others: Measured) -> list[CompareRow]:
    return corrected(compare(base, others, metric="ndcg@20", sampling=SAMPLING))


BASE = measured("base", [0.2, 0.4, 0.0, 0.2], [0.4, 0.4, 0.0, 0.0])
BETTER = measured("better", [0.4, 0.4, 0.2, 0.4], [0.4, 0.8, 0.2, 0.0])


def test_the_baseline_has_means_and_no_difference():
    base, _ = compared(BASE, BETTER)
    # means of the seeds .2 and .2
    assert (base.name, base.metric, base.num_users, base.num_seeds) == ("base", "ndcg@20", 4, 2)
    assert (base.mean, base.std) == (pytest.approx(0.2), pytest.approx(0))
    assert base == CompareRow("base", "ndcg@20", base.mean, base.std, 4, 2)


def test_differences_are_of_users_averaged_over_seeds():
    row = compared(BASE, BETTER)[1]
    # users .4 .6 .2 .2 less .3 .4 0 .1: .1 .2 .2 .1, mean .15 of .2; seeds .35 and .35
    assert (row.mean, row.std) == (pytest.approx(0.35), pytest.approx(0))
    assert (row.difference, row.relative_difference) == (pytest.approx(0.15), pytest.approx(0.75))
    difference_U = np.array([0.1, 0.2, 0.2, 0.1])
    assert row.p_t == pytest.approx(paired_t(difference_U))
    assert row.p_wilcoxon == pytest.approx(wilcoxon(difference_U))
    assert row.p_permutation == 2 / 16  # all signs unchanged, or all flipped
    assert row.interval_low is not None
    assert row.interval_high is not None
    assert 0.0999 < row.interval_low < 0.15 < row.interval_high < 0.2001


def test_users_who_differ_by_the_rounding_of_a_mean_do_not_differ():
    base = measured("base", [0.1, 0.5], [0.2, 0.5], [0.3, 0.5])
    turned = measured("turned", [0.3, 0.5], [0.2, 0.5], [0.1, 0.5])
    row = compared(base, turned)[1]
    assert (row.difference, row.p_t, row.p_wilcoxon, row.p_permutation) == (0, 1, 1, 1)


def test_a_single_seed_has_no_spread_and_no_test_over_seeds():
    row = compared(measured("base", [0.1, 0.2]), measured("other", [0.2, 0.2]))[1]
    assert (row.std, row.p_seeds, row.num_seeds) == (None, None, 1)


def test_a_relative_difference_from_zero_is_none():
    assert (
        compared(measured("base", [0.0, 0.0]), measured("other", [0.1, 0.2]))[1].relative_difference is None
    )


def test_seeds_are_paired_by_index_where_they_are_not_known():
    base = measured("base", [0.1, 0.1], [0.2, 0.2], [0.3, 0.3])
    other = measured("other", [0.2, 0.2], [0.4, 0.4], [0.3, 0.3])
    assert compared(base, other)[1].p_seeds == pytest.approx(paired_t(np.array([0.1, 0.2, 0.0])))
    assert compared(base, measured("two", [0.2, 0.2], [0.4, 0.4]))[1].p_seeds is None


def test_seeds_are_paired_by_their_own_value_where_they_are_known():
    base = measured("base", [0.1, 0.1], [0.2, 0.2], [0.3, 0.3], seeds=(0, 1, 2))
    # seeds 2 and 0 form pairs: 0.7 - 0.3 and 0.2 - 0.1; seed 5 has no partner
    other = measured("other", [0.7, 0.7], [0.4, 0.4], [0.2, 0.2], seeds=(2, 5, 0))
    assert compared(base, other)[1].p_seeds == pytest.approx(paired_t(np.array([0.1, 0.4])))
    alone = measured("alone", [0.7, 0.7], [0.4, 0.4], seeds=(2, 5))
    assert compared(base, alone)[1].p_seeds is None


def test_holm_corrects_over_the_rows_of_all_metrics():
    rng = np.random.default_rng(0)
    base, *others = (measured(str(number), rng.random(8)) for number in range(4))
    rows = [
        *compare(base, others[:2], metric="recall@20", sampling=SAMPLING),
        *compare(base, others[2:], metric="ndcg@20", sampling=SAMPLING),
    ]
    flips = [sign_flips((one.values_U - base.values_U)[:, None], resamples=9, seed=0)[0] for one in others]
    expected = holm(np.array(flips, np.float64)).tolist()
    assert [row.p_holm for row in corrected(rows)] == [None, *expected[:2], None, expected[2]]


def test_a_baseline_alone_is_a_row():
    assert [row.name for row in compared(BASE)] == ["base"]
