from __future__ import annotations

import math
import statistics

import pytest
import torch
from scipy.integrate import quad

from lghrec_compute.policy import loss


def doubles(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected"),
    [
        (1.0, 2.0, 2.0),
        (1.5, 2.0, 2.4),  # held to 1.2
        (1.2, 2.0, 2.4),  # at the bound
        (0.5, 2.0, 1.0),  # the smaller of .5 * 2 and .8 * 2
        (0.5, -2.0, -1.6),  # held to .8
        (0.8, -2.0, -1.6),
        (1.5, -2.0, -3.0),  # the smaller of -3 and -2.4
        (3.0, 0.0, 0.0),
    ],
)
def test_clipped_gain_by_hand(ratio, advantage, expected):
    gain = loss.clipped(torch.tensor(ratio).log(), torch.tensor(advantage), 0.2)
    assert gain.item() == pytest.approx(expected)


def test_gradient_of_the_clipped_gain_equals_finite_differences():
    # ratios below, between and above the bounds, for either sign of the advantage
    log_ratio = doubles(0.5, 0.95, 1.1, 1.5).log().repeat(2).requires_grad_()
    advantage = doubles(*[2.0] * 4, *[-2.0] * 4)
    assert torch.autograd.gradcheck(lambda value: loss.clipped(value, advantage, 0.2), (log_ratio,))
    (grad,) = torch.autograd.grad(loss.clipped(log_ratio, advantage, 0.2).sum(), log_ratio)
    assert [value == 0 for value in grad.tolist()] == [False, False, False, True, True, False, False, False]


def test_entropy_of_candidates_equals_its_twin():
    chances = [0.5, 0.25, 0.125, 0.125]
    entropy = loss.candidate_entropy(doubles(*chances).log()[None])
    # 1.75 bits
    assert entropy.item() == pytest.approx(1.75 * math.log(2))


def test_entropy_of_the_temperature_equals_an_integral():
    deviation = 0.3

    def integrand(value: float) -> float:
        log_density = loss.normal_log_probability(doubles(value), doubles(0.1), doubles(deviation)).item()
        return -math.exp(log_density) * log_density

    assert loss.temperature_entropy(doubles(deviation)).item() == pytest.approx(quad(integrand, -3, 3)[0])


@pytest.mark.parametrize("mean", [0.05, 0.2, 0.29, 0.3, 0.31, 1.0])
@pytest.mark.parametrize("deviation", [0.005, 0.05, 0.5])
def test_expected_distance_equals_quadrature(mean, deviation):
    target = 0.3

    def integrand(z: float) -> float:
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return abs(mean + deviation * z - target) * density

    kink = (target - mean) / deviation
    points = [kink] if -12 < kink < 12 else None
    expected = quad(integrand, -12, 12, points=points, epsabs=1e-13, epsrel=1e-13, limit=200)[0]
    found = loss.expected_distance(doubles(mean), doubles(deviation), doubles(target)).item()
    assert found == pytest.approx(expected, abs=1e-9)


def test_expected_distance_has_the_gradient_of_finite_differences():
    mean, deviation = doubles(0.1, 0.3, 0.9).requires_grad_(), doubles(0.05, 0.02, 0.3).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda m, s: loss.expected_distance(m, s, doubles(0.3)), (mean, deviation)
    )


def test_variance_is_over_the_groups_present():
    expected, cell = doubles(1.0, 3.0, 10.0, 5.0), torch.tensor([0, 0, 3, 3])
    weight = doubles(1.0, 1.0, 1.0, 0.0)
    # means 2 and 10, the last anchor does not count
    found = loss.group_variance(expected, weight, cell, 6)
    assert found.item() == pytest.approx(statistics.pvariance([2.0, 10.0]))


def test_variance_of_one_group_or_none_is_zero():
    one = loss.group_variance(doubles(1.0, 3.0), doubles(1.0, 1.0), torch.tensor([1, 1]), 3)
    none = loss.group_variance(doubles(1.0), doubles(0.0), torch.tensor([1]), 3)
    assert (one.item(), none.item()) == (0.0, 0.0)


def test_variance_has_the_gradient_of_finite_differences():
    expected = doubles(1.0, 3.0, 10.0, 5.0).requires_grad_()
    weight, cell = doubles(1.0, 1.0, 1.0, 0.0), torch.tensor([0, 0, 3, 3])
    assert torch.autograd.gradcheck(lambda value: loss.group_variance(value, weight, cell, 6), (expected,))
