from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.policy.noise import Noise
from lghrec_compute.policy.select import (
    forbid,
    index_mask,
    num_negatives,
    rescaling,
    top_index,
    top_mask,
)


def with_gumbel(logit: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    num_rows, num_candidates = logit.shape
    return logit + Noise(num_rows, num_candidates, generator, like=logit).rows(num_rows)


def inclusion_by_enumeration(logits: list[float], count: int) -> list[float]:
    """Chance of each candidate to be among `count` drawn without replacement, over all ordered draws."""
    weights = [math.exp(logit) for logit in logits]
    included = [0.0] * len(logits)
    for draw in itertools.permutations(range(len(logits)), count):
        chance, left = 1.0, sum(weights)
        for candidate in draw:
            chance *= weights[candidate] / left
            left -= weights[candidate]
        for candidate in draw:
            included[candidate] += chance
    return included


@pytest.mark.parametrize("by_mask", [True, False])
@pytest.mark.parametrize("logits", [[0.0] * 6, [2.0, 1.0, 0.5, 0.0, -1.0, -2.0]])
def test_inclusion_frequencies_are_those_of_drawing_without_replacement(logits, by_mask):
    draws, count = 40_000, 2  # so few numbers are all drawn for themselves
    score = with_gumbel(torch.tensor(logits).expand(draws, 6), torch.Generator().manual_seed(5))
    mask = top_mask(score, count) if by_mask else index_mask(top_index(score, count), 6)
    assert (mask.sum(dim=1) == count).all()
    for seen, chance in zip(
        mask.double().mean(dim=0).tolist(),
        inclusion_by_enumeration(logits, count),
        strict=True,
    ):
        assert abs(seen - chance) < 4 * math.sqrt(chance * (1 - chance) / draws)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_forbidden_candidates_are_never_chosen_and_all_others_if_too_few(data):
    num_candidates = data.draw(st.integers(1, 12))
    count = data.draw(st.integers(1, num_candidates))
    row = st.lists(st.booleans(), min_size=num_candidates, max_size=num_candidates)
    forbidden = torch.tensor(data.draw(st.lists(row, min_size=1, max_size=4)))
    logit = 5 * torch.randn(forbidden.shape, generator=torch.Generator().manual_seed(1))
    random = torch.Generator().manual_seed(data.draw(st.integers(0, 1000)))
    mask = top_mask(forbid(with_gumbel(logit, random), forbidden), count)
    assert not (mask & forbidden).any()
    assert mask.sum(dim=1).tolist() == (~forbidden).sum(dim=1).clamp(max=count).tolist()


@pytest.mark.parametrize(
    ("asked", "num_candidates", "expected"),
    [
        (None, 400, 11),  # a tenth of 101 nodes, rounded up
        (None, 12, 6),  # no more than half of the pool
        (None, 1, 1),
        (300, 400, 300),
        (300, 200, 200),  # no more than there are
    ],
)
def test_number_of_negatives(asked, num_candidates, expected):
    assert num_negatives(asked, num_nodes=101, num_candidates=num_candidates) == expected


def test_rescaling_counts_the_allowed_only():
    negative = torch.tensor([[True, False, False, False], [True, True, False, False]])
    forbidden = torch.tensor([[False, True, False, False], [False] * 4])
    # 3 allowed for 1 chosen, 4 allowed for 2 chosen
    assert rescaling(negative, forbidden).flatten().tolist() == pytest.approx([math.log(3), math.log(2)])
    assert rescaling(negative, None).flatten().tolist() == pytest.approx([math.log(4), math.log(2)])
