"""The whole loss of HGPO against a twin in plain Python, and its gradient against finite differences."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace

import pytest
import torch
from torch.func import functional_call
from torch.nn.functional import normalize

from lghrec_compute.policy.advantage import compute_advantages, compute_rewards
from lghrec_compute.policy.distributions import LogProbabilities, evaluate_actions
from lghrec_compute.policy.loss import clipped_surrogate, hgpo_loss
from lghrec_compute.policy.network import PolicyNetwork
from lghrec_compute.policy.piecewise_linear import NUM_KNOTS
from lghrec_compute.policy.reward import Thresholds
from lghrec_compute.policy.state import Action, State, Transition, candidate_features

CASES = [
    {},
    {"credit": "joint"},
    {"temperature_entropy_weight": 0.3},
    {"harmony_weight": 0.0, "entropy_weight": 0.0},
    {"advantage": "grpo", "action_samples": 3},
    {"advantage": "grpo", "action_samples": 3, "credit": "joint"},
    {"learn_negatives": False},
    {"learn_negatives": False, "credit": "joint"},
    {"learn_temperature": False},
    {"learn_temperature": False, "credit": "joint"},
]
ROWS, CANDIDATES, SELECTED, DIM = 5, 8, 3, 3
EASY, HARD, FALSE_NEGATIVE, POSITIVE_SIMILARITY = -0.3, 0.1, 0.7, 0.8


@pytest.fixture(params=[False, True], ids=["anchor", "anchor and positive"])
def positives(request) -> dict[str, float]:
    """Changes of the spec after which a rule reads cosines with positives, or none does."""
    return {"positive_similarity_threshold": 0.98 if request.param else 1.0}


def network_of(spec) -> PolicyNetwork:
    random = torch.Generator().manual_seed(0)
    network = PolicyNetwork(spec, DIM, random).double()
    with torch.no_grad():
        # the temperatures keep away from their bounds, where the gradient is not that of the clamp
        for name, scale in (("knot_values", 0.4), ("temperature", 0.1)):
            weight = network.get_parameter(f"{name}.weight")
            weight.copy_(scale * torch.randn(weight.shape, generator=random))
    return network


def transition_of(spec, seed: int) -> Transition:
    random = torch.Generator().manual_seed(seed)

    def uniform(*shape):
        return torch.rand(*shape, generator=random, dtype=torch.float64)

    def units(*shape):
        return normalize(torch.randn(*shape, DIM, generator=random, dtype=torch.float64), dim=-1)

    excluded = uniform(ROWS, CANDIDATES) < 0.25
    # the last row has fewer candidates than are selected
    excluded[-1] = True
    excluded[-1, :2] = False
    actions = spec.num_actions
    order = uniform(ROWS, actions, CANDIDATES).masked_fill(excluded[:, None].expand(-1, actions, -1), 2.0)
    index = order.argsort(dim=-1)[..., :SELECTED]
    temperature = 0.2 + 0.1 * torch.randn(ROWS, actions, generator=random, dtype=torch.float64)
    group = torch.randint(0, 2 * spec.num_groups, (ROWS,), generator=random)
    group[0] = group[1]
    state = State(units(ROWS, 2), 9 * uniform(ROWS), group, units(CANDIDATES), excluded, 0.2)
    values = (EASY, HARD, FALSE_NEGATIVE, POSITIVE_SIMILARITY, math.inf)
    thresholds = Thresholds(*(torch.tensor(value, dtype=torch.float64) for value in values))
    target = 0.1 + 0.4 * uniform(ROWS)
    features = candidate_features(state, spec)
    return Transition(state, features, Action(index, temperature), thresholds, target)


def older(spec, action: Action, seed: int) -> LogProbabilities:
    """Log-probabilities of an older policy: any numbers near enough that only some ratios are clipped."""
    random = torch.Generator().manual_seed(seed)
    index, temperature = action
    negatives = -2.0 + 0.3 * torch.randn(index.shape, generator=random, dtype=torch.float64)
    temperatures = 1.0 + 0.3 * torch.randn(temperature.shape, generator=random, dtype=torch.float64)
    return LogProbabilities(
        negatives if spec.learn_negatives else None,
        temperatures if spec.learn_temperature else None,
    )


def computed(network, transitions, olds, spec):
    outputs, surrogates = [], []
    for transition, old in zip(transitions, olds, strict=True):
        rewards = compute_rewards(transition, spec)
        advantages = compute_advantages(rewards, transition.state.group_B, spec)
        outputs.append(evaluate_actions(network, transition, rewards, spec))
        surrogates.append(clipped_surrogate(outputs[-1].log_probabilities, old, advantages, spec))
    return hgpo_loss(outputs, surrogates, [each.state.group_B for each in transitions], spec)


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_the_loss_equals_its_twin(make_spec, changes, positives):
    spec = make_spec(num_groups=2, **positives, **changes)
    transitions = [transition_of(spec, seed) for seed in (1, 2)]
    olds = [older(spec, each.action, seed) for seed, each in enumerate(transitions)]
    network = network_of(spec)
    loss, variance = computed(network, transitions, olds, spec)
    expected_loss, expected_variance = twin(network, transitions, olds, spec)
    assert loss.item() == pytest.approx(expected_loss, abs=1e-9)
    assert variance.item() == pytest.approx(expected_variance, abs=1e-9)


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_the_gradient_of_the_loss_equals_finite_differences(make_spec, changes, positives):
    spec = make_spec(num_groups=2, **positives, **changes)
    transitions = [transition_of(spec, seed) for seed in (1, 2)]
    olds = [older(spec, each.action, seed) for seed, each in enumerate(transitions)]
    network = network_of(spec)
    names = ("knot_values.bias", "temperature.bias", "trunk.2.bias", "temperature_trunk.2.bias")

    def loss(*values):
        given = dict(zip(names, values, strict=True))
        return computed(lambda *inputs: functional_call(network, given, inputs), transitions, olds, spec)[0]

    point = tuple(network.get_parameter(name).detach().clone().requires_grad_() for name in names)
    assert torch.autograd.gradcheck(loss, point, fast_mode=True)


def test_in_the_first_step_on_an_action_the_ratio_is_1_and_nothing_is_clipped(make_spec):
    spec = make_spec(num_groups=2)
    transition, network = transition_of(spec, 1), network_of(spec)
    rewards = compute_rewards(transition, spec)
    advantages = compute_advantages(rewards, transition.state.group_B, spec)
    new = evaluate_actions(network, transition, rewards, spec).log_probabilities
    found = clipped_surrogate(new, new.detached(), advantages, spec)
    assert (found.clip_fraction.item(), found.approx_kl.item()) == (0.0, 0.0)


def test_excluding_all_candidates_of_an_anchor_takes_it_out_of_the_group_variance(make_spec):
    spec = make_spec(num_groups=2, learn_temperature=False)
    transition, network = transition_of(spec, 1), network_of(spec)
    group = torch.tensor([0, 0, 1, 1, 3])
    state = replace(transition.state, group_B=group)
    state.excluded_BN[-1] = True
    _, with_it = computed(
        network, [replace(transition, state=state)], [older(spec, transition.action, 1)], spec
    )
    rewards = compute_rewards(replace(transition, state=state), spec)
    expected_R = evaluate_actions(network, replace(transition, state=state), rewards, spec).expected_reward_R
    means = [expected_R[:2].mean().item(), expected_R[2:4].mean().item()]
    assert with_it.item() == pytest.approx(statistics.pvariance(means))


def twin(network, transitions, olds, spec):
    """Eqs 1-13 for each anchor, negative and action in turn."""
    objectives, entropies, groups = [], [], {}
    for task, (each, old) in enumerate(zip(transitions, olds, strict=True)):
        heads = network(each.state.features(), each.state.backbone_temperature)
        rows = [_row(heads, each, row, spec) for row in range(ROWS)]
        for row, seen in enumerate(rows):
            key = (task, each.state.group_B[row].item())
            groups.setdefault(key, []).append(seen["expected"])
            entropies.append(seen["entropy"])
            objectives.append(_objective(rows, row, old, each, spec))
    variance = statistics.pvariance([statistics.fmean(values) for values in groups.values()])
    loss = -statistics.fmean(objectives) - spec.entropy_weight * statistics.fmean(entropies)
    return loss + spec.harmony_weight * variance, variance


def _row(heads, transition, row, spec):
    state = transition.state
    pair, candidates = state.unit_B2D[row], state.unit_ND
    cosine, positive = (candidates @ pair.T).T.tolist()
    if not spec.reads_positive_cosines:
        positive = [-1.0] * CANDIDATES  # no candidate is similar to the positive
    functions = heads.knot_value_BCJ[row].tolist()
    included = [n for n in range(CANDIDATES) if not state.excluded_BN[row, n]]
    logit = {
        n: sum(
            _interpolate(values, part[n]) for values, part in zip(functions, (cosine, positive), strict=False)
        )
        if spec.learn_negatives
        else 0.0
        for n in included
    }
    total = sum(math.exp(value) for value in logit.values())
    log_p = {n: value - math.log(total) for n, value in logit.items()}
    reward = {n: _reward(cosine[n], positive[n]) for n in included}
    expected = sum(math.exp(log_p[n]) * reward[n] for n in included)
    entropy = -sum(math.exp(value) * value for value in log_p.values()) if spec.learn_negatives else 0.0
    mean, std = heads.mean_B[row].item(), heads.std_B[row].item()
    target = transition.target_temperature_R[row].item()
    actions = []
    for a in range(spec.num_actions):
        drawn = transition.action.temperature_RA[row, a].item()
        indices = transition.action.index_RAM[row, a].tolist()
        applied = min(max(drawn, spec.temperature_min), spec.temperature_max)
        log_density = -0.5 * ((drawn - mean) / std) ** 2 - math.log(std * math.sqrt(2 * math.pi))
        actions.append(
            {
                "negatives": {m: n for m, n in enumerate(indices) if n in log_p},
                "temperature": -spec.temperature_weight * abs(applied - target),
                "log_density": log_density,
            }
        )
    if spec.learn_temperature:
        x = mean - target
        distance = std * math.sqrt(2 / math.pi) * math.exp(-(x**2) / (2 * std**2))
        expected -= spec.temperature_weight * (distance + x * math.erf(x / (std * math.sqrt(2))))
        entropy += spec.temperature_entropy_weight * 0.5 * math.log(2 * math.pi * math.e * std**2)
    return {"log_p": log_p, "reward": reward, "expected": expected, "entropy": entropy, "actions": actions}


def _interpolate(values, x):
    position = (x + 1) / 2 * (NUM_KNOTS - 1)
    low = min(int(position), NUM_KNOTS - 2)
    return values[low] + (position - low) * (values[low + 1] - values[low])


def _reward(cosine, positive):
    hard = 1.0 if HARD < cosine < FALSE_NEGATIVE and positive < POSITIVE_SIMILARITY else 0.0
    false = -1.0 if cosine >= FALSE_NEGATIVE else -1.0 if positive >= POSITIVE_SIMILARITY else 0.0
    return hard + false - (0.5 if cosine <= EASY else 0.0)


def _of_negatives(seen, a):
    return [seen["reward"][n] for n in seen["actions"][a]["negatives"].values()]


def _of_action(seen, a, spec):
    negatives = _of_negatives(seen, a)
    return (statistics.fmean(negatives) if negatives else 0.0) + (
        seen["actions"][a]["temperature"] if spec.learn_temperature else 0.0
    )


def _advantage(value, same_anchor, same_group, spec):
    if spec.advantage == "grpo":
        return (value - statistics.fmean(same_anchor)) / (statistics.pstdev(same_anchor) + 1e-6)
    return value - statistics.fmean(same_group)


def _clip(ratio, advantage, spec):
    clipped = min(max(ratio, 1 - spec.clip_range), 1 + spec.clip_range)
    return min(ratio * advantage, clipped * advantage)


def _objective(rows, row, old, transition, spec):
    group = transition.state.group_B
    mates = [rows[other] for other in range(ROWS) if group[other] == group[row]]
    every, seen = range(spec.num_actions), rows[row]
    per_action = []
    for a in every:
        action, objective = seen["actions"][a], 0.0
        log_ratios = [
            seen["log_p"][n] - old.negatives_RAM[row, a, m].item() if spec.learn_negatives else 0.0
            for m, n in action["negatives"].items()
        ]
        log_density = 0.0
        if spec.learn_temperature:
            log_density = action["log_density"] - old.temperature_RA[row, a].item()
        if spec.credit == "joint":
            same_anchor = [_of_action(seen, b, spec) for b in every]
            same_group = [_of_action(mate, b, spec) for mate in mates for b in every]
            advantage = _advantage(_of_action(seen, a, spec), same_anchor, same_group, spec)
            per_action.append(_clip(math.exp(statistics.fmean(log_ratios) + log_density), advantage, spec))
            continue
        if spec.learn_negatives:
            same_anchor = [value for b in every for value in _of_negatives(seen, b)]
            same_group = [value for mate in mates for b in every for value in _of_negatives(mate, b)]
            objective += statistics.fmean(
                _clip(math.exp(log), _advantage(value, same_anchor, same_group, spec), spec)
                for log, value in zip(log_ratios, _of_negatives(seen, a), strict=True)
            )
        if spec.learn_temperature:
            same_anchor = [seen["actions"][b]["temperature"] for b in every]
            same_group = [mate["actions"][b]["temperature"] for mate in mates for b in every]
            advantage = _advantage(action["temperature"], same_anchor, same_group, spec)
            objective += _clip(math.exp(log_density), advantage, spec)
        per_action.append(objective)
    return statistics.fmean(per_action)
