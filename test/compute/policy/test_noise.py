from __future__ import annotations

import math

import pytest
import torch

from lghrec_compute.policy.noise import Noise


def rows(num_rows: int, num_candidates: int, *, seed=0, gumbel=True, asked=None) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    noise = Noise(num_rows, num_candidates, random, like=torch.empty(0), gumbel=gumbel)
    return torch.cat([noise.rows(count) for count in asked or [num_rows]])


@pytest.mark.parametrize(("num_rows", "num_candidates"), [(50, 4000), (2000, 1000)])
@pytest.mark.parametrize("gumbel", [True, False])
def test_numbers_have_mean_and_deviation_of_their_distribution(num_rows, num_candidates, gumbel):
    value = rows(num_rows, num_candidates, gumbel=gumbel).double()
    # 200,000 independent numbers at the least: the standard error of a mean is .0022 deviations
    mean, deviation = (0.577216, math.pi / math.sqrt(6)) if gumbel else (0.5, 1 / math.sqrt(12))
    assert value.isfinite().all()
    assert value.mean().item() == pytest.approx(mean, abs=0.012 * deviation)
    assert value.std().item() == pytest.approx(deviation, rel=0.012)


def test_a_few_numbers_are_each_drawn_for_themselves():
    value = rows(100, 2000, gumbel=False)
    # equal by chance now and then: a generator of 2^24 numbers, 200,000 of them drawn
    assert value.unique().numel() > 0.98 * value.numel()


def test_rows_of_a_large_matrix_are_windows_of_one_bank_at_places_of_their_own():
    value = rows(3000, 500, gumbel=False)
    assert value.unique().numel() <= 1 << 18
    # no row is another, and within a row no number follows from its neighbours
    assert value[:, 0].unique().numel() > 0.98 * 3000
    first, second = value[:, :-1].flatten().double(), value[:, 1:].flatten().double()
    assert torch.corrcoef(torch.stack([first, second]))[0, 1].abs().item() < 0.02


@pytest.mark.parametrize(("num_rows", "num_candidates"), [(6, 10), (3000, 500)])
def test_the_same_generator_gives_the_same_rows(num_rows, num_candidates):
    half = num_rows // 2
    once, again = (rows(num_rows, num_candidates, asked=[half, num_rows - half]) for _ in range(2))
    assert torch.equal(once, again)
    assert not torch.equal(once, rows(num_rows, num_candidates, seed=1, asked=[half, num_rows - half]))


def test_rows_are_the_callers_own():
    random = torch.Generator().manual_seed(0)
    noise = Noise(3000, 500, random, like=torch.empty(0), gumbel=False)
    noise.rows(1000).fill_(7.0)
    assert noise.rows(2000).max().item() <= 1.0
