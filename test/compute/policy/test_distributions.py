from __future__ import annotations

import math

import pytest
import torch
from scipy.integrate import quad

from lghrec_compute.policy.distributions import (
    categorical,
    expected_absolute_error,
    log_softmax,
    normal_log_probability,
    temperature_entropy,
)


def doubles(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def example(rows=3, candidates=7):
    random = torch.Generator().manual_seed(0)
    logit = torch.randn(rows, candidates, generator=random, dtype=torch.float64)
    reward = torch.randn(rows, candidates, generator=random, dtype=torch.float64)
    excluded = torch.rand(rows, candidates, generator=random) < 0.3
    index = torch.stack([torch.randperm(candidates, generator=random)[:4] for _ in range(rows)])
    return logit, reward, excluded, index


@pytest.mark.parametrize("has_mask", [False, True])
def test_the_categorical_distribution_equals_its_twin(has_mask):
    logit, reward, excluded, index = example()
    mask = excluded if has_mask else None
    log_probability, entropy, expected = categorical(logit, mask, reward_RN=reward, index_RM=index)
    whole = log_softmax(logit, mask)
    for row in range(len(logit)):
        included = [n for n in range(7) if not (has_mask and excluded[row, n])]
        total = sum(math.exp(logit[row, n]) for n in included)
        probability = {n: math.exp(logit[row, n]) / total for n in included}
        assert entropy[row].item() == pytest.approx(-sum(p * math.log(p) for p in probability.values()))
        assert expected[row].item() == pytest.approx(
            sum(p * reward[row, n].item() for n, p in probability.items())
        )
        for position, n in enumerate(index[row].tolist()):
            assert log_probability[row, position].item() == pytest.approx(whole[row, n].item())
            if n in probability:
                assert whole[row, n].item() == pytest.approx(math.log(probability[n]))
            else:
                assert whole[row, n].item() < -1e8


def test_entropy_by_hand():
    logit = doubles(0.5, 0.25, 0.125, 0.125).log()[None]
    _, entropy, _ = categorical(
        logit, None, reward_RN=torch.zeros_like(logit), index_RM=torch.zeros(1, 1, dtype=torch.long)
    )
    # 1.75 bits
    assert entropy.item() == pytest.approx(1.75 * math.log(2))


@pytest.mark.parametrize("has_mask", [False, True])
def test_the_gradient_of_the_categorical_distribution_equals_finite_differences(has_mask):
    logit, reward, excluded, index = example()
    mask = excluded if has_mask else None
    weight = (~excluded.gather(1, index)).double() if has_mask else torch.ones_like(index).double()

    def outputs(logit):
        log_probability, entropy, expected = categorical(logit, mask, reward_RN=reward, index_RM=index)
        return log_probability * weight, entropy, expected

    assert torch.autograd.gradcheck(outputs, (logit.requires_grad_(),))


def test_an_anchor_whose_candidates_are_all_excluded_has_finite_values():
    logit = torch.randn(1, 5, requires_grad=True)
    excluded = torch.ones(1, 5, dtype=torch.bool)
    _, entropy, expected = categorical(
        logit, excluded, reward_RN=torch.ones(1, 5), index_RM=torch.tensor([[0, 1]])
    )
    (entropy + expected).sum().backward()
    assert logit.grad is not None
    assert logit.grad.isfinite().all()


def test_the_entropy_of_the_temperature_equals_an_integral():
    std = 0.3

    def integrand(value: float) -> float:
        log_density = normal_log_probability(doubles(value), doubles(0.1), doubles(std)).item()
        return -math.exp(log_density) * log_density

    assert temperature_entropy(doubles(std)).item() == pytest.approx(quad(integrand, -3, 3)[0])


@pytest.mark.parametrize("mean", [0.05, 0.2, 0.29, 0.3, 0.31, 1.0])
@pytest.mark.parametrize("std", [0.005, 0.05, 0.5])
def test_the_expected_absolute_error_equals_quadrature(mean, std):
    target = 0.3

    def integrand(z: float) -> float:
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return abs(mean + std * z - target) * density

    kink = (target - mean) / std
    points = [kink] if -12 < kink < 12 else None
    expected = quad(integrand, -12, 12, points=points, epsabs=1e-13, epsrel=1e-13, limit=200)[0]
    found = expected_absolute_error(doubles(mean), doubles(std), doubles(target)).item()
    assert found == pytest.approx(expected, abs=1e-9)


def test_the_gradient_of_the_expected_absolute_error_equals_finite_differences():
    mean, std = doubles(0.1, 0.3, 0.9).requires_grad_(), doubles(0.05, 0.02, 0.3).requires_grad_()
    assert torch.autograd.gradcheck(lambda m, s: expected_absolute_error(m, s, doubles(0.3)), (mean, std))
