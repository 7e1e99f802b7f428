from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.policy.state import CandidateFeatures
from lghrec_compute.policy.thresholds import ThresholdEstimator

CPU = torch.device("cpu")
FALSE = {"false_negative_threshold": 0.98, "positive_similarity_threshold": 0.98}


def random() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def cosines(seed: int, rows=6, candidates=50) -> torch.Tensor:
    """Cosines with anchors and with positives, [2, R, N]."""
    return torch.rand(2, rows, candidates, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def update(estimator: ThresholdEstimator, cosine: torch.Tensor, *, task=0, excluded=None) -> list[float]:
    """Returns the five thresholds after an update."""
    thresholds = estimator.update(task, CandidateFeatures(*cosine), excluded, random())
    return [value.item() for value in thresholds]


def quantiles(cosine: torch.Tensor) -> list[float]:
    """0.2, 0.5 and 0.98 of the cosines with anchors and 0.98 of those with positives."""
    of_anchor, of_positive = cosine.numpy()
    return [*np.quantile(of_anchor, [0.2, 0.5, 0.98]), np.quantile(of_positive, 0.98)]


def test_absolute_thresholds_are_those_of_the_spec(make_spec):
    found = update(ThresholdEstimator(make_spec(thresholds="absolute"), CPU), cosines(0))
    assert found == pytest.approx([0.2, 0.5, 0.8, 0.8, np.inf])


def test_quantile_thresholds_are_those_of_the_pool_at_first_and_averages_later(make_spec):
    estimator = ThresholdEstimator(make_spec(**FALSE), CPU)
    assert update(estimator, cosines(0))[:4] == pytest.approx(quantiles(cosines(0)), abs=1e-5)
    expected = [0.9 * a + 0.1 * b for a, b in zip(quantiles(cosines(0)), quantiles(cosines(1)), strict=True)]
    assert update(estimator, cosines(1))[:4] == pytest.approx(expected, abs=1e-5)


def test_no_cosine_reaches_the_thresholds_of_the_shares_0_and_1(make_spec):
    spec = make_spec(
        easy_threshold=0.0,
        hard_threshold=0.0,
        false_negative_threshold=1.0,
        positive_similarity_threshold=1.0,
        max_positive_similarity_quantile=1.0,
    )
    assert update(ThresholdEstimator(spec, CPU), cosines(0)) == [-np.inf] * 2 + [np.inf] * 3


def test_by_default_no_candidate_is_false(make_spec):
    found = update(ThresholdEstimator(make_spec(), CPU), cosines(0))
    assert found[:2] == pytest.approx(quantiles(cosines(0))[:2], abs=1e-5)
    assert found[2:] == [np.inf] * 3


def test_each_task_of_a_step_has_its_own_thresholds(make_spec):
    estimator = ThresholdEstimator(make_spec(**FALSE), CPU)
    update(estimator, cosines(0))
    other = update(estimator, cosines(1), task=1)
    assert other[:4] == pytest.approx(quantiles(cosines(1)), abs=1e-5)
    assert estimator.value_T5.shape == (2, 5)


def test_excluded_pairs_do_not_count(make_spec):
    cosine = cosines(0)
    excluded = torch.zeros(6, 50, dtype=torch.bool)
    excluded[:, 25:] = True
    found = update(ThresholdEstimator(make_spec(**FALSE), CPU), cosine, excluded=excluded)
    assert found[:4] == pytest.approx(quantiles(cosine[:, :, :25]), abs=1e-5)


def test_a_step_in_which_all_pairs_are_excluded_changes_nothing(make_spec):
    estimator = ThresholdEstimator(make_spec(**FALSE), CPU)
    before = update(estimator, cosines(0))
    after = update(estimator, cosines(1), excluded=torch.ones(6, 50, dtype=torch.bool))
    assert after == before


def test_the_thresholds_of_a_large_pool_are_estimated_on_a_sample(make_spec):
    cosine = cosines(0, rows=100, candidates=1000)
    found = update(ThresholdEstimator(make_spec(**FALSE), CPU), cosine)
    # 20,000 pairs: the standard error of a share of 0.5 is 0.0035, and the density of the cosines is 0.5
    assert found[:4] == pytest.approx(quantiles(cosine), abs=0.03)


@pytest.mark.parametrize("mode", ["absolute", "quantile"])
def test_the_limit_of_similarity_with_the_positive_is_a_quantile_in_both_modes(make_spec, mode):
    spec = make_spec(thresholds=mode, max_positive_similarity_quantile=0.9)
    estimator = ThresholdEstimator(spec, CPU)
    assert estimator.excludes_similar
    found = update(estimator, cosines(0))
    assert found[4] == pytest.approx(np.quantile(cosines(0)[1].numpy(), 0.9), abs=1e-5)
