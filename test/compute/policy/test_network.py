from __future__ import annotations

import math

import pytest
import torch

from lghrec_compute.policy.knots import NUM_KNOTS, Places, interpolate, places
from lghrec_compute.policy.network import (
    Heads,
    Network,
    at_bound,
    candidate_logits,
    state_features,
)


def network(*, bilinear=False, bounds=(0.05, 1.0), seed=0, num_cosines=2) -> Network:
    generator = torch.Generator().manual_seed(seed)
    return Network(
        4,
        bilinear=bilinear,
        bounds=bounds,
        generator=generator,
        num_cosines=num_cosines,
    )


def places_of(cosine: torch.Tensor) -> list[Places]:
    """Of each cosine of a table [B, C, N]."""
    return [places(part) for part in cosine.unbind(1)]


def features(rows=5) -> torch.Tensor:
    return torch.randn(rows, 10, generator=torch.Generator().manual_seed(1))


def interpolated(knots: list[float], x: float) -> float:
    """Piecewise linear between knots spread evenly over [-1, 1]."""
    place = (min(max(x, -1.0), 1.0) + 1) / 2 * (len(knots) - 1)
    low = min(int(place), len(knots) - 2)
    return knots[low] + (place - low) * (knots[low + 1] - knots[low])


def test_state_holds_unit_vectors_degree_and_their_cosine():
    # anchor and positive at a right angle, degree e - 1
    unit = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    assert state_features(unit, torch.tensor([math.e - 1])).tolist() == [pytest.approx([1, 0, 0, 1, 1, 0])]


@pytest.mark.parametrize(("bilinear", "num_cosines"), [(False, 2), (True, 2), (False, 1)])
def test_the_first_policy_is_uniform_at_the_native_temperature(bilinear, num_cosines):
    heads = network(bilinear=bilinear, num_cosines=num_cosines)(features(), 0.17)
    cosine = torch.rand(5, num_cosines, 8) * 2 - 1
    assert candidate_logits(heads, places_of(cosine), torch.randn(8, 4)).tolist() == [[0.0] * 8] * 5
    assert heads.mean_B.tolist() == pytest.approx([0.17] * 5)
    assert heads.deviation_B.tolist() == pytest.approx([0.05] * 5)


@pytest.mark.parametrize("num_cosines", [1, 2])
def test_logits_are_the_sum_of_piecewise_linear_functions(num_cosines):
    random = torch.Generator().manual_seed(2)
    table = torch.randn(3, num_cosines, NUM_KNOTS, generator=random, dtype=torch.float64)
    cosine = torch.rand(3, num_cosines, 9, generator=random, dtype=torch.float64) * 2 - 1
    # both ends, a knot, and past either end by rounding
    for n, value in enumerate((-1.0, 1.0, 0.1, 1.0 + 1e-11, -1.0 - 1e-11)):
        cosine[:, :, n] = value
    one = torch.ones(3, dtype=torch.float64)
    logits = candidate_logits(Heads(table, None, one, one), places_of(cosine), None)
    for row in range(3):
        for n in range(9):
            expected = sum(
                interpolated(table[row, place].tolist(), cosine[row, place, n].item())
                for place in range(num_cosines)
            )
            assert logits[row, n].item() == pytest.approx(expected, abs=1e-9)


def test_a_bilinear_network_adds_the_product_with_the_candidate():
    table, query = torch.zeros(1, 2, NUM_KNOTS), torch.tensor([[2.0, -1.0]])
    candidates = torch.tensor([[0.6, 0.8], [1.0, 0.0]])
    heads = Heads(table, query, torch.ones(1), torch.ones(1))
    # 2 * .6 - .8 = .4, 2
    assert candidate_logits(
        heads, places_of(torch.zeros(1, 2, 2)), candidates
    ).flatten().tolist() == pytest.approx([0.4, 2.0])


def test_logits_have_the_gradient_of_finite_differences():
    random = torch.Generator().manual_seed(3)
    table = torch.randn(2, 2, NUM_KNOTS, generator=random, dtype=torch.float64).requires_grad_()
    cosine = torch.rand(2, 2, 6, generator=random, dtype=torch.float64) * 2 - 1
    cosine[:, :, 0], cosine[:, :, 1] = -1.0, 1.0
    one, at = torch.ones(2, dtype=torch.float64), places_of(cosine)
    assert torch.autograd.gradcheck(lambda t: candidate_logits(Heads(t, None, one, one), at, None), (table,))


def test_a_cosine_on_a_knot_moves_that_knot_alone():
    table = torch.zeros(1, NUM_KNOTS, requires_grad=True)
    interpolate(table, places(torch.tensor([[-1.0, 0.0, 1.0]]))).sum().backward()
    assert table.grad is not None
    assert table.grad.flatten().nonzero().flatten().tolist() == [0, 10, 20]
    assert table.grad[0, [0, 10, 20]].tolist() == pytest.approx([1.0, 1.0, 1.0])


@pytest.mark.parametrize(("native", "held"), [(3.0, 1.0), (0.01, 0.05)])
def test_a_mean_at_its_bound_moves_inwards_and_not_outwards(native, held):
    policy = network()
    inwards = 1.0 if native > held else -1.0  # descent goes against the gradient
    for sign, moves in ((inwards, True), (-inwards, False)):
        policy.zero_grad()
        heads = policy(features(), native)
        assert heads.mean_B.tolist() == pytest.approx([held] * 5)
        (sign * heads.mean_B.sum()).backward()
        grad = policy.temperature.bias.grad
        assert grad is not None
        assert (grad[0].item() != 0) == moves


def test_a_deviation_is_at_its_bound_at_either_end():
    assert at_bound(torch.tensor([0.005, 0.05, 0.5])).tolist() == [True, False, True]


def test_a_network_takes_nothing_from_the_global_generator():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, second, other = network(seed=1), network(seed=1), network(seed=2)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.trunk[0].weight, second.trunk[0].weight)
    assert not torch.equal(first.trunk[0].weight, other.trunk[0].weight)
