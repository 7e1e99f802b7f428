from __future__ import annotations

import pytest
import torch

from lghrec_compute.policy.piecewise_linear import NUM_KNOTS, interpolate, knot_index


def twin(values: list[float], x: float) -> float:
    """Piecewise linear between knots spread evenly over [-1, 1]."""
    position = (min(max(x, -1.0), 1.0) + 1) / 2 * (len(values) - 1)
    low = min(int(position), len(values) - 2)
    return values[low] + (position - low) * (values[low + 1] - values[low])


def example() -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(2)
    values = torch.randn(3, NUM_KNOTS, generator=random, dtype=torch.float64)
    cosine = torch.rand(3, 9, generator=random, dtype=torch.float64) * 2 - 1
    # both ends, a knot, and beyond either end by rounding
    cosine[:, :5] = torch.tensor([-1.0, 1.0, 0.1, 1.0 + 1e-11, -1.0 - 1e-11], dtype=torch.float64)
    return values, cosine


def test_interpolation_equals_its_twin():
    values, cosine = example()
    found = interpolate(values, knot_index(cosine))
    for row in range(3):
        for n in range(9):
            expected = twin(values[row].tolist(), cosine[row, n].item())
            assert found[row, n].item() == pytest.approx(expected, abs=1e-9)


def test_the_gradient_of_the_interpolation_equals_finite_differences():
    values, cosine = example()
    index = knot_index(cosine.clamp(-1, 1))
    assert torch.autograd.gradcheck(lambda v: interpolate(v, index), (values.requires_grad_(),))


def test_a_cosine_on_a_knot_moves_that_knot_alone():
    values = torch.zeros(1, NUM_KNOTS, requires_grad=True)
    interpolate(values, knot_index(torch.tensor([[-1.0, 0.0, 1.0]]))).sum().backward()
    assert values.grad is not None
    assert values.grad.flatten().nonzero().flatten().tolist() == [0, 10, 20]
    assert values.grad[0, [0, 10, 20]].tolist() == pytest.approx([1.0, 1.0, 1.0])
