"""The whole objective against a twin in plain Python, and its gradient against finite differences."""

from __future__ import annotations

import math
import statistics

import pytest
import torch
from torch.func import functional_call

from lghrec_compute.policy.judge import judge
from lghrec_compute.policy.knots import NUM_KNOTS, places
from lghrec_compute.policy.network import Network
from lghrec_compute.policy.objective import LogProbabilities, gain, objective, outlook
from lghrec_compute.policy.reward import Levels
from lghrec_compute.policy.sample import Action, Sample, Situation, Standards
from lghrec_compute.policy.scene import Sight
from lghrec_compute.policy.view import Cosines

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
ROWS, CANDIDATES, CHOSEN = 5, 8, 3


def network(options, *, num_cosines=2) -> Network:
    random = torch.Generator().manual_seed(0)
    bounds = (options.temperature_min, options.temperature_max)
    net = Network(3, bilinear=False, bounds=bounds, generator=random, num_cosines=num_cosines).double()
    with torch.no_grad():
        # temperatures stay off their bounds, where the gradient is not that of the clamp
        for name, scale in (("tables", 0.4), ("temperature", 0.1)):
            weight = net.get_parameter(f"{name}.weight")
            weight.copy_(scale * torch.randn(weight.shape, generator=random))
    return net


def sample(options, seed: int, *, num_cosines=2) -> Sample:
    random = torch.Generator().manual_seed(seed)

    def uniform(*shape):
        return torch.rand(*shape, generator=random, dtype=torch.float64)

    forbidden = uniform(ROWS, CANDIDATES) < 0.25
    # the last row has fewer allowed than are asked for
    forbidden[-1] = True
    forbidden[-1, :2] = False
    actions = options.num_actions
    order = uniform(ROWS, actions, CANDIDATES).masked_fill(forbidden[:, None].expand(-1, actions, -1), 2.0)
    index = order.argsort(dim=-1)[..., :CHOSEN]
    levels = Levels(*(torch.tensor(level, dtype=torch.float64) for level in (-0.3, 0.1, 0.7, 0.8, math.inf)))
    raw = 0.2 + 0.1 * torch.randn(ROWS, actions, generator=random, dtype=torch.float64)
    group = torch.randint(0, 2 * options.num_groups, (ROWS,), generator=random)
    group[0] = group[1]
    features = torch.randn(ROWS, 8, generator=random, dtype=torch.float64)
    anchor, positive = (uniform(ROWS, 2, CANDIDATES) * 2 - 1).unbind(1)
    cosines = Cosines(anchor, positive if num_cosines == 2 else None)
    sight = Sight(cosines, tuple(places(part) for part in cosines.present()))
    situation = Situation(features, sight, forbidden, None, 0.2)
    return Sample(
        situation,
        Action(index, raw),
        Standards(levels, 0.1 + 0.4 * uniform(ROWS), group),
    )


def earlier(options, index, raw, seed: int) -> LogProbabilities:
    """Log-probabilities of an older policy: any numbers will do, near enough that some ratios are clipped."""
    random = torch.Generator().manual_seed(seed)
    negatives = -2.0 + 0.3 * torch.randn(index.shape, generator=random, dtype=torch.float64)
    temperatures = 1.0 + 0.3 * torch.randn(raw.shape, generator=random, dtype=torch.float64)
    return LogProbabilities(
        negatives if options.chooses else None,
        temperatures if options.tempers else None,
    )


def computed(net, samples, olds, options):
    verdicts = [judge(one, options) for one in samples]
    outlooks = [outlook(net, one, verdict, options) for one, verdict in zip(samples, verdicts, strict=True)]
    gains = [
        gain(seen.log_probabilities, old, verdict, options)
        for seen, old, verdict in zip(outlooks, olds, verdicts, strict=True)
    ]
    return objective(outlooks, gains, [one.standards.group_R for one in samples], options)


@pytest.mark.parametrize("num_cosines", [1, 2])
@pytest.mark.parametrize("changes", CASES, ids=str)
def test_objective_equals_its_twin(make_options, changes, num_cosines):
    options = make_options(num_groups=2, **changes)
    samples = [sample(options, seed, num_cosines=num_cosines) for seed in (1, 2)]
    olds = [earlier(options, *one.action, seed) for seed, one in enumerate(samples)]
    net = network(options, num_cosines=num_cosines)
    loss, harmony = computed(net, samples, olds, options)
    expected_loss, expected_harmony = twin(net, samples, olds, options)
    assert loss.item() == pytest.approx(expected_loss, abs=1e-9)
    assert harmony.item() == pytest.approx(expected_harmony, abs=1e-9)


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_gradient_of_the_objective_equals_finite_differences(make_options, changes):
    options = make_options(num_groups=2, **changes)
    samples = [sample(options, seed) for seed in (1, 2)]
    olds = [earlier(options, *one.action, seed) for seed, one in enumerate(samples)]
    net = network(options)
    names = (
        "tables.bias",
        "temperature.bias",
        "trunk.2.bias",
        "temperature_trunk.2.bias",
    )

    def loss(*values):
        given = dict(zip(names, values, strict=True))
        return computed(lambda *inputs: functional_call(net, given, inputs), samples, olds, options)[0]

    point = tuple(net.get_parameter(name).detach().clone().requires_grad_() for name in names)
    assert torch.autograd.gradcheck(loss, point, fast_mode=True)


def test_the_first_step_on_an_action_has_ratio_one_and_clips_nothing(make_options):
    options = make_options(num_groups=2)
    one, net = sample(options, 1), network(options)
    verdict = judge(one, options)
    seen = outlook(net, one, verdict, options)
    found = gain(seen.log_probabilities, seen.log_probabilities.detached(), verdict, options)
    assert (found.clip_fraction.item(), found.kl.item()) == (0.0, 0.0)


def twin(net, samples, olds, options):
    """Eqs 1-13 for each anchor, negative and action in turn."""
    gains, entropies, cells = [], [], {}
    for task, (one, old) in enumerate(zip(samples, olds, strict=True)):
        heads = net(one.situation.features_RS, one.situation.native)
        rows = [_row(heads, one, row, options) for row in range(ROWS)]
        for row, seen in enumerate(rows):
            key = (task, one.standards.group_R[row].item())
            cells.setdefault(key, []).append(seen["expected"])
            entropies.append(seen["entropy"])
            gains.append(_gain(rows, row, old, one, options))
    harmony = statistics.pvariance([statistics.fmean(values) for values in cells.values()])
    loss = -statistics.fmean(gains) - options.entropy_weight * statistics.fmean(entropies)
    return loss + options.harmony_weight * harmony, harmony


def _row(heads, one, row, options):
    situation, levels = one.situation, [level.item() for level in one.standards.levels]
    cosines = [part[row].tolist() for part in situation.sight.cosines.present()]
    tables = heads.table_BCJ[row].tolist()
    allowed = [n for n in range(CANDIDATES) if not situation.forbidden_RN[row, n]]
    logit = {
        n: sum(_knots(table, cosine[n]) for table, cosine in zip(tables, cosines, strict=True))
        if options.chooses
        else 0.0
        for n in allowed
    }
    total = sum(math.exp(value) for value in logit.values())
    log_p = {n: value - math.log(total) for n, value in logit.items()}
    # without a look at positives no candidate is near one
    positives = cosines[1] if len(cosines) == 2 else [-1.0] * CANDIDATES
    reward = {n: _reward(cosines[0][n], positives[n], levels) for n in allowed}
    expected = sum(math.exp(log_p[n]) * reward[n] for n in allowed)
    entropy = -sum(math.exp(value) * value for value in log_p.values()) if options.chooses else 0.0
    mean, deviation = heads.mean_B[row].item(), heads.deviation_B[row].item()
    target = one.standards.target_R[row].item()
    actions = []
    for a in range(options.num_actions):
        raw = one.action.raw_RA[row, a].item()
        places = one.action.index_RAM[row, a].tolist()
        used = min(max(raw, options.temperature_min), options.temperature_max)
        log_density = -0.5 * ((raw - mean) / deviation) ** 2 - math.log(deviation * math.sqrt(2 * math.pi))
        actions.append(
            {
                "places": {m: n for m, n in enumerate(places) if n in log_p},
                "temperature": -options.temperature_weight * abs(used - target),
                "log_density": log_density,
            }
        )
    if options.tempers:
        x = mean - target
        distance = deviation * math.sqrt(2 / math.pi) * math.exp(-(x**2) / (2 * deviation**2))
        expected -= options.temperature_weight * (distance + x * math.erf(x / (deviation * math.sqrt(2))))
        entropy += options.temperature_entropy_weight * 0.5 * math.log(2 * math.pi * math.e * deviation**2)
    return {
        "log_p": log_p,
        "reward": reward,
        "expected": expected,
        "entropy": entropy,
        "actions": actions,
    }


def _knots(values, x):
    place = (x + 1) / 2 * (NUM_KNOTS - 1)
    low = min(int(place), NUM_KNOTS - 2)
    return values[low] + (place - low) * (values[low + 1] - values[low])


def _reward(cosine, positive, levels):
    easy_low, easy, false_negative, false_positive, _ = levels
    hard = 1.0 if easy < cosine < false_negative and positive < false_positive else 0.0
    false = -1.0 if cosine >= false_negative else -1.0 if positive >= false_positive else 0.0
    return hard + false - (0.5 if cosine <= easy_low else 0.0)


def _of_negatives(seen, a):
    return [seen["reward"][n] for n in seen["actions"][a]["places"].values()]


def _whole(seen, a, options):
    negatives = _of_negatives(seen, a)
    return (statistics.fmean(negatives) if negatives else 0.0) + (
        seen["actions"][a]["temperature"] if options.tempers else 0.0
    )


def _advantage(value, own, fellows, options):
    if options.advantage == "grpo":
        return (value - statistics.fmean(own)) / (statistics.pstdev(own) + 1e-6)
    return value - statistics.fmean(fellows)


def _clip(ratio, advantage, options):
    held = min(max(ratio, 1 - options.clip_range), 1 + options.clip_range)
    return min(ratio * advantage, held * advantage)


def _gain(rows, row, old, one, options):
    group = one.standards.group_R
    mates = [rows[other] for other in range(ROWS) if group[other] == group[row]]
    every, seen = range(options.num_actions), rows[row]
    per_action = []
    for a in every:
        action, gains = seen["actions"][a], 0.0
        log_ratios = [
            seen["log_p"][n] - old.negatives_RAM[row, a, m].item() if options.chooses else 0.0
            for m, n in action["places"].items()
        ]
        log_density = action["log_density"] - old.temperature_RA[row, a].item() if options.tempers else 0.0
        if options.credit == "joint":
            own = [_whole(seen, b, options) for b in every]
            fellows = [_whole(mate, b, options) for mate in mates for b in every]
            advantage = _advantage(_whole(seen, a, options), own, fellows, options)
            per_action.append(
                _clip(
                    math.exp(statistics.fmean(log_ratios) + log_density),
                    advantage,
                    options,
                )
            )
            continue
        if options.chooses:
            own = [value for b in every for value in _of_negatives(seen, b)]
            fellows = [value for mate in mates for b in every for value in _of_negatives(mate, b)]
            gains += statistics.fmean(
                _clip(math.exp(log), _advantage(value, own, fellows, options), options)
                for log, value in zip(log_ratios, _of_negatives(seen, a), strict=True)
            )
        if options.tempers:
            own = [seen["actions"][b]["temperature"] for b in every]
            fellows = [mate["actions"][b]["temperature"] for mate in mates for b in every]
            advantage = _advantage(action["temperature"], own, fellows, options)
            gains += _clip(math.exp(log_density), advantage, options)
        per_action.append(gains)
    return statistics.fmean(per_action)
