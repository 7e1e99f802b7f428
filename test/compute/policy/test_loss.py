from __future__ import annotations

import statistics

import pytest
import torch

from lghrec_compute.policy.loss import clipped_objective, group_variance


def doubles(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected"),
    [
        (1.0, 2.0, 2.0),
        (1.5, 2.0, 2.4),  # clipped to 1.2
        (1.2, 2.0, 2.4),  # at the bound
        (0.5, 2.0, 1.0),  # the smaller of 0.5 * 2 and 0.8 * 2
        (0.5, -2.0, -1.6),  # clipped to 0.8
        (0.8, -2.0, -1.6),
        (1.5, -2.0, -3.0),  # the smaller of -3 and -2.4
        (3.0, 0.0, 0.0),
    ],
)
def test_clipped_objective_by_hand(ratio, advantage, expected):
    found = clipped_objective(torch.tensor(ratio).log(), torch.tensor(advantage), 0.2)
    assert found.item() == pytest.approx(expected)


def test_the_gradient_of_the_clipped_objective_equals_finite_differences():
    # ratios below, between and above the bounds, for either sign of the advantage
    log_ratio = doubles(0.5, 0.95, 1.1, 1.5).log().repeat(2).requires_grad_()
    advantage = doubles(*[2.0] * 4, *[-2.0] * 4)
    assert torch.autograd.gradcheck(lambda value: clipped_objective(value, advantage, 0.2), (log_ratio,))
    (grad,) = torch.autograd.grad(clipped_objective(log_ratio, advantage, 0.2).sum(), log_ratio)
    assert [value == 0 for value in grad.tolist()] == [False, False, False, True, True, False, False, False]


def test_the_variance_is_over_the_groups_with_a_weight():
    expected, group = doubles(1.0, 3.0, 10.0, 5.0), torch.tensor([0, 0, 3, 3])
    weight = doubles(1.0, 1.0, 1.0, 0.0)
    # means 2 and 10; the last anchor has the weight 0
    found = group_variance(expected, weight, group, 6)
    assert found.item() == pytest.approx(statistics.pvariance([2.0, 10.0]))


def test_the_variance_of_one_group_or_of_none_is_0():
    one = group_variance(doubles(1.0, 3.0), doubles(1.0, 1.0), torch.tensor([1, 1]), 3)
    none = group_variance(doubles(1.0), doubles(0.0), torch.tensor([1]), 3)
    assert (one.item(), none.item()) == (0.0, 0.0)


def test_the_gradient_of_the_variance_equals_finite_differences():
    expected = doubles(1.0, 3.0, 10.0, 5.0).requires_grad_()
    weight, group = doubles(1.0, 1.0, 1.0, 0.0), torch.tensor([0, 0, 3, 3])
    assert torch.autograd.gradcheck(lambda value: group_variance(value, weight, group, 6), (expected,))
