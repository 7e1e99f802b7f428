from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.policy.sampling import (
    Noise,
    draw_indices,
    draw_mask,
    index_mask,
    log_rescaling,
    num_negatives,
)


def gumbel(logit: torch.Tensor, seed: int) -> Noise:
    return Noise(*logit.shape, torch.Generator().manual_seed(seed), like=logit)


def inclusion_by_enumeration(logits: list[float], count: int) -> list[float]:
    """Probability of each candidate to be among `count` drawn without replacement, over all ordered draws."""
    weights = [math.exp(logit) for logit in logits]
    included = [0.0] * len(logits)
    for draw in itertools.permutations(range(len(logits)), count):
        probability, left = 1.0, sum(weights)
        for candidate in draw:
            probability *= weights[candidate] / left
            left -= weights[candidate]
        for candidate in draw:
            included[candidate] += probability
    return included


@pytest.mark.parametrize("by_mask", [True, False])
@pytest.mark.parametrize("logits", [[0.0] * 6, [2.0, 1.0, 0.5, 0.0, -1.0, -2.0]])
def test_inclusion_frequencies_are_those_of_drawing_without_replacement(logits, by_mask):
    draws, count = 40_000, 2  # so few that all numbers are drawn independently
    logit = torch.tensor(logits).expand(draws, 6)
    if by_mask:
        mask = draw_mask(logit, None, count, gumbel(logit, 5))
    else:
        mask = index_mask(draw_indices(logit, None, count, gumbel(logit, 5))[:, 0], 6)
    assert (mask.sum(dim=1) == count).all()
    for frequency, probability in zip(
        mask.double().mean(dim=0).tolist(), inclusion_by_enumeration(logits, count), strict=True
    ):
        assert abs(frequency - probability) < 4 * math.sqrt(probability * (1 - probability) / draws)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_excluded_candidates_are_never_selected_and_all_others_if_there_are_too_few(data):
    num_candidates = data.draw(st.integers(1, 12))
    count = data.draw(st.integers(1, num_candidates))
    row = st.lists(st.booleans(), min_size=num_candidates, max_size=num_candidates)
    excluded = torch.tensor(data.draw(st.lists(row, min_size=1, max_size=4)))
    logit = 5 * torch.randn(excluded.shape, generator=torch.Generator().manual_seed(1))
    seed = data.draw(st.integers(0, 1000))
    index = draw_indices(logit, excluded, count, gumbel(logit, seed))[:, 0]
    for mask in (
        draw_mask(logit, excluded, count, gumbel(logit, seed)),
        index_mask(index, num_candidates, excluded),
        draw_mask(logit, excluded, count, None),
    ):
        assert not (mask & excluded).any()
        assert mask.sum(dim=1).tolist() == (~excluded).sum(dim=1).clamp(max=count).tolist()


def test_without_noise_the_most_likely_candidates_are_selected():
    logit = torch.tensor([[0.0, 3.0, 1.0, 2.0]])
    assert draw_mask(logit, None, 2, None).tolist() == [[False, True, False, True]]


def test_several_actions_of_an_anchor_are_drawn_independently():
    logit = torch.zeros(50, 20)
    noise = Noise(150, 20, torch.Generator().manual_seed(0), like=logit)
    index = draw_indices(logit, None, 5, noise, actions=3)
    assert index.shape == (50, 3, 5)
    assert not torch.equal(index[:, 0].sort().values, index[:, 1].sort().values)


@pytest.mark.parametrize(
    ("requested", "num_candidates", "expected"),
    [
        (None, 400, 11),  # a tenth of 101 nodes, rounded up
        (None, 12, 6),  # no more than half of the pool
        (None, 1, 1),
        (300, 400, 300),
        (300, 200, 200),  # no more than the pool has
    ],
)
def test_number_of_negatives(requested, num_candidates, expected):
    assert num_negatives(requested, num_nodes=101, num_candidates=num_candidates) == expected


def test_rescaling_does_not_count_excluded_candidates():
    negative = torch.tensor([[True, False, False, False], [True, True, False, False]])
    excluded = torch.tensor([[False, True, False, False], [False] * 4])
    # 3 candidates for 1 negative, 4 for 2
    assert log_rescaling(negative, excluded).flatten().tolist() == pytest.approx([math.log(3), math.log(2)])
    assert log_rescaling(negative, None).flatten().tolist() == pytest.approx([math.log(4), math.log(2)])


def rows(num_rows: int, num_candidates: int, *, seed=0, gumbel=True, counts=None) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    noise = Noise(num_rows, num_candidates, random, like=torch.empty(0), gumbel=gumbel)
    return torch.cat([noise.rows(count) for count in counts or [num_rows]])


@pytest.mark.parametrize(("num_rows", "num_candidates"), [(50, 4000), (2000, 1000)])
@pytest.mark.parametrize("gumbel", [True, False])
def test_numbers_have_mean_and_deviation_of_their_distribution(num_rows, num_candidates, gumbel):
    value = rows(num_rows, num_candidates, gumbel=gumbel).double()
    # at least 200,000 independent numbers: the standard error of a mean is 0.0022 standard deviations
    mean, deviation = (0.577216, math.pi / math.sqrt(6)) if gumbel else (0.5, 1 / math.sqrt(12))
    assert value.isfinite().all()
    assert value.mean().item() == pytest.approx(mean, abs=0.012 * deviation)
    assert value.std().item() == pytest.approx(deviation, rel=0.012)


def test_few_numbers_are_drawn_independently():
    value = rows(100, 2000, gumbel=False)
    # some are equal: 200,000 draws of 2^24 possible numbers
    assert value.unique().numel() > 0.98 * value.numel()


def test_the_rows_of_a_large_matrix_are_windows_of_one_bank_at_random_positions():
    value = rows(3000, 500, gumbel=False)
    assert value.unique().numel() <= 1 << 18
    # the rows differ, and within a row no number depends on its neighbours
    assert value[:, 0].unique().numel() > 0.98 * 3000
    first, second = value[:, :-1].flatten().double(), value[:, 1:].flatten().double()
    assert torch.corrcoef(torch.stack([first, second]))[0, 1].abs().item() < 0.02


@pytest.mark.parametrize(("num_rows", "num_candidates"), [(6, 10), (3000, 500)])
def test_the_same_generator_gives_the_same_rows(num_rows, num_candidates):
    half = num_rows // 2
    once, again = (rows(num_rows, num_candidates, counts=[half, num_rows - half]) for _ in range(2))
    assert torch.equal(once, again)
    assert not torch.equal(once, rows(num_rows, num_candidates, seed=1, counts=[half, num_rows - half]))


def test_the_caller_can_change_the_rows():
    random = torch.Generator().manual_seed(0)
    noise = Noise(3000, 500, random, like=torch.empty(0), gumbel=False)
    noise.rows(1000).fill_(7.0)
    assert noise.rows(2000).max().item() <= 1.0
