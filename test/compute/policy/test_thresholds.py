from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.policy.options import Options
from lghrec_compute.policy.thresholds import Thresholds
from lghrec_compute.policy.view import Cosines

CPU = torch.device("cpu")
FALSE = {"false_negative_threshold": 0.98, "positive_similarity_threshold": 0.98}


def random() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def cosines(seed: int, rows=6, candidates=50) -> torch.Tensor:
    return torch.rand(rows, 2, candidates, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def both(cosine: torch.Tensor) -> Cosines:
    return Cosines(cosine[:, 0], cosine[:, 1])


def quantiles(cosine: torch.Tensor) -> list[float]:
    """.2, .5 and .98 of the anchors' and .98 of the positives'."""
    of_anchor = np.quantile(cosine[:, 0].numpy(), [0.2, 0.5, 0.98])
    return [*of_anchor, np.quantile(cosine[:, 1].numpy(), 0.98)]


def test_absolute_levels_are_the_options(make_options):
    levels = Thresholds(make_options(thresholds="absolute"), CPU).update(0, both(cosines(0)), None, random())
    assert [level.item() for level in levels] == pytest.approx([0.2, 0.5, 0.8, 0.8, np.inf])


def test_quantile_levels_are_those_of_the_pool_at_first_and_averaged_later(
    make_options,
):
    thresholds = Thresholds(make_options(**FALSE), CPU)
    first = thresholds.update(0, both(cosines(0)), None, random())
    assert [level.item() for level in first[:4]] == pytest.approx(quantiles(cosines(0)), abs=1e-5)
    second = thresholds.update(0, both(cosines(1)), None, random())
    expected = [0.9 * a + 0.1 * b for a, b in zip(quantiles(cosines(0)), quantiles(cosines(1)), strict=True)]
    assert [level.item() for level in second[:4]] == pytest.approx(expected, abs=1e-5)


def test_shares_of_0_and_1_are_no_level_that_a_cosine_reaches(make_options):
    options = make_options(
        easy_threshold=0.0,
        hard_threshold=0.0,
        false_negative_threshold=1.0,
        positive_similarity_threshold=1.0,
        max_positive_similarity_quantile=1.0,
    )
    levels = Thresholds(options, CPU).update(0, both(cosines(0)), None, random())
    assert [level.item() for level in levels] == [
        -np.inf,
        -np.inf,
        np.inf,
        np.inf,
        np.inf,
    ]


def test_by_default_no_candidate_is_called_false(make_options):
    levels = Thresholds(make_options(), CPU).update(0, both(cosines(0)), None, random())
    assert [level.item() for level in levels[:2]] == pytest.approx(quantiles(cosines(0))[:2], abs=1e-5)
    assert [level.item() for level in levels[2:]] == [np.inf] * 3


def test_tasks_of_a_step_have_levels_of_their_own(make_options):
    thresholds = Thresholds(make_options(**FALSE), CPU)
    thresholds.update(0, both(cosines(0)), None, random())
    other = thresholds.update(1, both(cosines(1)), None, random())
    assert [level.item() for level in other[:4]] == pytest.approx(quantiles(cosines(1)), abs=1e-5)
    assert thresholds.level_T5.shape == (2, 5)


def test_forbidden_pairs_do_not_count(make_options):
    cosine = cosines(0)
    forbidden = torch.zeros(6, 50, dtype=torch.bool)
    forbidden[:, 25:] = True
    levels = Thresholds(make_options(**FALSE), CPU).update(0, both(cosine), forbidden, random())
    assert [level.item() for level in levels[:4]] == pytest.approx(quantiles(cosine[:, :, :25]), abs=1e-5)


def test_a_step_without_allowed_pairs_changes_nothing(make_options):
    thresholds = Thresholds(make_options(**FALSE), CPU)
    before = thresholds.update(0, both(cosines(0)), None, random())
    after = thresholds.update(0, both(cosines(1)), torch.ones(6, 50, dtype=torch.bool), random())
    assert torch.equal(torch.stack(list(before)), torch.stack(list(after)))


def test_levels_of_a_large_pool_are_estimated_on_a_sample(make_options):
    cosine = cosines(0, rows=100, candidates=1000)
    levels = Thresholds(make_options(**FALSE), CPU).update(0, both(cosine), None, random())
    # 20,000 pairs: standard error of a share of .5 is .0035, the density of cosines .5
    assert [level.item() for level in levels[:4]] == pytest.approx(quantiles(cosine), abs=0.03)


def test_near_positives_are_found_by_a_quantile_in_either_mode(make_options):
    for mode in ("absolute", "quantile"):
        options = Options(**{**vars(make_options(thresholds=mode)), "max_positive_similarity_quantile": 0.9})
        thresholds = Thresholds(options, CPU)
        assert thresholds.leaves_out
        levels = thresholds.update(0, both(cosines(0)), None, random())
        assert levels.near.item() == pytest.approx(np.quantile(cosines(0)[:, 1].numpy(), 0.9), abs=1e-5)
