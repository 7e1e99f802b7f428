from __future__ import annotations

import pytest
import torch

from lghrec_compute.policy.network import HeadOutputs, PolicyNetwork, at_bound, candidate_logits
from lghrec_compute.policy.piecewise_linear import NUM_KNOTS, interpolate, knot_index
from lghrec_compute.policy.state import CandidateFeatures

POSITIVES_READ = {"thresholds": "absolute"}


def generator(seed=0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def state_features(rows=5) -> torch.Tensor:
    return torch.randn(rows, 10, generator=generator(1))


def candidates(num_cosines: int, *, rows=3, count=9, dtype=torch.float64) -> CandidateFeatures:
    cosines = torch.rand(num_cosines, rows, count, generator=generator(2), dtype=dtype) * 2 - 1
    knots = tuple(knot_index(part) for part in cosines)
    return CandidateFeatures(cosines[0], cosines[1] if num_cosines == 2 else None, knots)


@pytest.mark.parametrize(
    ("changes", "num_cosines"),
    [(POSITIVES_READ, 2), ({**POSITIVES_READ, "network": "bilinear"}, 2), ({}, 1)],
    ids=str,
)
def test_the_first_policy_is_uniform_around_the_temperature_of_the_backbone(make_spec, changes, num_cosines):
    heads = PolicyNetwork(make_spec(**changes), 4, generator())(state_features(), 0.17)
    features = candidates(num_cosines, rows=5, count=8, dtype=torch.float32)
    assert candidate_logits(heads, features, torch.randn(8, 4)).tolist() == [[0.0] * 8] * 5
    assert heads.mean_B.tolist() == pytest.approx([0.17] * 5)
    assert heads.std_B.tolist() == pytest.approx([0.05] * 5)


@pytest.mark.parametrize("num_cosines", [1, 2])
def test_a_logit_is_the_sum_of_one_function_for_each_cosine(num_cosines):
    values = torch.randn(3, num_cosines, NUM_KNOTS, generator=generator(), dtype=torch.float64)
    one, features = torch.ones(3, dtype=torch.float64), candidates(num_cosines)
    logits = candidate_logits(HeadOutputs(values, None, one, one), features, torch.empty(9, 4))
    expected = sum(interpolate(values[:, kind], index) for kind, index in enumerate(features.knots))
    torch.testing.assert_close(logits, expected)


def test_the_network_has_a_function_of_cosines_with_positives_only_if_a_rule_reads_them(make_spec):
    for changes, num_cosines in (({}, 1), (POSITIVES_READ, 2)):
        heads = PolicyNetwork(make_spec(**changes), 4, generator())(state_features(), 0.2)
        assert heads.knot_value_BCJ.shape == (5, num_cosines, NUM_KNOTS)


def test_the_bilinear_network_adds_the_product_with_the_candidate():
    values, bilinear = torch.zeros(1, 1, NUM_KNOTS), torch.tensor([[2.0, -1.0]])
    unit_ND = torch.tensor([[0.6, 0.8], [1.0, 0.0]])
    heads = HeadOutputs(values, bilinear, torch.ones(1), torch.ones(1))
    cosine = torch.zeros(1, 2)
    features = CandidateFeatures(cosine, None, (knot_index(cosine),))
    # 2 * 0.6 - 0.8 = 0.4, 2
    assert candidate_logits(heads, features, unit_ND).flatten().tolist() == pytest.approx([0.4, 2.0])


@pytest.mark.parametrize(("backbone_temperature", "bound"), [(3.0, 1.0), (0.01, 0.05)])
def test_a_mean_at_its_bound_moves_inwards_and_not_outwards(make_spec, backbone_temperature, bound):
    network = PolicyNetwork(make_spec(temperature_min=0.05, temperature_max=1.0), 4, generator())
    inwards = 1.0 if backbone_temperature > bound else -1.0  # descent moves against the gradient
    for sign, moves in ((inwards, True), (-inwards, False)):
        network.zero_grad()
        heads = network(state_features(), backbone_temperature)
        assert heads.mean_B.tolist() == pytest.approx([bound] * 5)
        (sign * heads.mean_B.sum()).backward()
        grad = network.temperature.bias.grad
        assert grad is not None
        assert (grad[0].item() != 0) == moves


def test_a_standard_deviation_is_at_its_bound_at_either_end():
    assert at_bound(torch.tensor([0.005, 0.05, 0.5])).tolist() == [True, False, True]


def test_a_network_draws_nothing_from_the_global_generator(make_spec):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, second, other = (PolicyNetwork(make_spec(), 4, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.trunk[0].weight, second.trunk[0].weight)
    assert not torch.equal(first.trunk[0].weight, other.trunk[0].weight)
