"""The KL divergence compared with numbers by hand and with an integral."""

from __future__ import annotations

import math

import pytest
import torch

from lghrec_compute.objectives import gaussian_kl


def test_kl_of_the_standard_normal_is_zero():
    zeros_VD = torch.zeros(3, 4, dtype=torch.float64)
    assert gaussian_kl(zeros_VD, zeros_VD).item() == 0.0


def test_kl_equals_the_closed_form_by_hand():
    # first row: m = (1, 2), s = (1, 2): 1/2 (1 + 1 - 1 - 0) + 1/2 (4 + 4 - 1 - 2 ln 2) = 4 - ln 2
    # second row: m = 0, s = (1/2, 1): 1/2 (1/4 - 1 + 2 ln 2) = ln 2 - 3/8; their mean is 29/16
    mean_VD = torch.tensor([[1.0, 2.0], [0.0, 0.0]], dtype=torch.float64)
    deviation_VD = torch.tensor([[1.0, 2.0], [0.5, 1.0]], dtype=torch.float64)
    assert gaussian_kl(mean_VD, deviation_VD.log()).item() == pytest.approx(29 / 16, rel=1e-14)


def test_kl_equals_the_integral_of_its_definition():
    mean, deviation = 0.7, 0.4
    x = torch.linspace(-5, 7, 200_001, dtype=torch.float64)
    log_p = -0.5 * ((x - mean) / deviation) ** 2 - math.log(deviation)
    log_q = -0.5 * x**2
    density = log_p.exp() / math.sqrt(2 * math.pi)
    expected = torch.trapezoid(density * (log_p - log_q), x)
    found = gaussian_kl(torch.tensor([[mean]]).double(), torch.tensor([[math.log(deviation)]]).double())
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)


def test_gradient_of_kl_is_its_slope():
    random = torch.Generator().manual_seed(0)
    given = [torch.randn(3, 2, generator=random, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(gaussian_kl, given)
