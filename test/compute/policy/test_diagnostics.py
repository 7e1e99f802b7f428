from __future__ import annotations

import math
import statistics

import pytest
import torch

from lghrec_compute.policy import PolicyInput
from lghrec_compute.policy.epoch_report import epoch_report


def epoch(policy, task, number=1, count=4):
    policy.on_epoch(number)
    scalars = []
    for _ in range(count):
        scalars.append(policy.learn([policy.act(task)]))
    return scalars, policy.diagnostics()


def test_the_report_of_an_epoch_has_the_means_of_its_steps(make_task, make_hgpo):
    steps, report = epoch(make_hgpo(num_negatives=5), make_task())
    assert report["steps"] == 4
    for name, value in report["scalars"].items():
        assert value == pytest.approx(sum(row[f"policy/{name}"].item() for row in steps) / 4, abs=1e-5)


def test_the_shares_of_kinds_are_those_of_the_pool_and_of_the_selected_candidates(make_task, make_hgpo):
    task = make_task()
    policy = make_hgpo(num_negatives=5, thresholds="absolute", learning_rate=0.02, harmony_weight=0.0)
    _, first = epoch(policy, task, 1, 1)
    cosine, positive, allowed = task.cosine(), task.positive_cosine(), ~task.excluded_BN
    false = (cosine >= 0.8) | (positive >= 0.8)
    hard = (cosine > 0.5) & ~false
    easy = (cosine <= 0.2) & ~false
    random = first["negatives"]["random"]
    for name, mask in (("hard", hard), ("easy", easy), ("false", false)):
        assert random[name] == pytest.approx(mask[allowed].double().mean().item(), abs=1e-6)
    assert sum(random.values()) == pytest.approx(1)
    _, last = epoch(policy, task, 2, 60)
    assert last["negatives"]["random"] == pytest.approx(random, abs=1e-5)
    assert last["negatives"]["chosen"]["hard"] > 2 * random["hard"]
    # the selected candidates are more similar to their anchor than random ones
    middle = [(a + b) / 2 for a, b in zip(last["cosine"]["edges"], last["cosine"]["edges"][1:], strict=False)]
    mean = {
        kind: sum(m * s for m, s in zip(middle, last["cosine"][kind], strict=True))
        for kind in ("chosen", "random")
    }
    assert mean["random"] == pytest.approx(cosine[allowed].mean().item(), abs=0.03)
    assert mean["chosen"] > mean["random"] + 0.1


def test_groups_have_their_anchors_rewards_and_temperatures(make_task, make_hgpo):
    # 12 anchors, all users: six of degree 1, six of degree 30
    degree_V = torch.tensor([1.0] * 6 + [30.0] * 6 + [3.0] * 10)
    known = PolicyInput(degree_V, 12, 4, 0, torch.device("cpu"))
    _, report = epoch(make_hgpo(known, num_negatives=5, num_groups=2), make_task(temperature=0.3), count=20)
    assert [(row["kind"], row["group"], row["anchors"]) for row in report["groups"]] == [
        ("users", 0, 120),
        ("users", 1, 120),
    ]
    for row in report["groups"]:
        spread = row["temperature"]
        assert spread["q10"] < spread["q50"] < spread["q90"]
        # the 10 % and 90 % quantiles of a normal distribution lie 1.28 standard deviations from its mean
        assert spread["mean"] == pytest.approx(0.3, abs=0.05)
        assert spread["q90"] - spread["q10"] == pytest.approx(2 * 1.28 * 0.05, rel=0.5)
    # T(d) = t0 / (1 + ln(1 + d))^0.3, and its mean over the anchors is the temperature of the task
    shape = [(1 + math.log(1 + degree)) ** -0.3 for degree in (1, 30)]
    expected = [0.3 * value / statistics.mean(shape) for value in shape]
    assert [row["temperature"]["target"] for row in report["groups"]] == pytest.approx(expected, abs=1e-6)
    rewards = [row["reward"] for row in report["groups"]]
    assert report["reward_variance"] == pytest.approx(((rewards[0] - rewards[1]) / 2) ** 2)


def test_a_new_epoch_starts_from_0_and_a_resumed_epoch_continues(make_task, make_hgpo):
    policy, task = make_hgpo(num_negatives=5), make_task()
    epoch(policy, task, 1, 3)
    policy.on_epoch(1)
    assert policy.diagnostics()["steps"] == 3
    policy.on_epoch(2)
    assert policy.diagnostics() == {}


def codes(report) -> list[str]:
    return [warning["code"] for warning in report["warnings"]]


def test_a_healthy_start_has_no_warnings(make_task, make_hgpo):
    _, report = epoch(make_hgpo(num_negatives=5, num_groups=2), make_task())
    assert codes(report) == []


def test_a_pool_with_few_hard_negatives_causes_a_warning(make_task, make_hgpo):
    changes = {
        "thresholds": "absolute",
        "hard_threshold": 0.97,
        "false_negative_threshold": 0.98,
        "num_negatives": 5,
        "num_groups": 2,
    }
    _, report = epoch(make_hgpo(**changes), make_task())
    assert codes(report) == ["policy_few_hard"]
    assert "expected at least 1%" in report["warnings"][0]["message"]


def totals(spec):
    width = 2 * spec.num_groups
    return {
        "anchors_W": torch.ones(width),
        "reward_W": torch.ones(width),
        "temperature_W": torch.ones(width),
        "target_W": torch.full((width,), 2.0),
        "temperature_WQ": torch.ones(width, 64),
        "kinds_24": torch.ones(2, 4),
        "cosine_2H": torch.ones(2, 40),
        "scalars": torch.tensor([0.5, 0.5]),
        "steps": torch.ones(1),
    }


@pytest.mark.parametrize(
    ("scalars", "expected"),
    [
        ((0.5, 0.5), []),
        ((0.51, 0.5), ["policy_temperature_std_at_bound"]),
        ((0.0, 0.09), ["policy_low_entropy"]),
    ],
)
def test_a_standard_deviation_at_its_bound_and_a_low_entropy_cause_warnings(make_spec, scalars, expected):
    spec = make_spec(num_groups=2)
    sums = totals(spec) | {"scalars": torch.tensor(scalars)}
    report = epoch_report(sums, ("temperature_std_at_bound", "normalized_entropy"), torch.ones(4), spec)
    assert codes(report) == expected


def test_a_group_that_has_nodes_but_no_anchor_causes_a_warning_if_its_kind_has_anchors(make_spec):
    spec = make_spec(num_groups=2)
    names = ("temperature_std_at_bound", "normalized_entropy")
    missed = totals(spec) | {"anchors_W": torch.tensor([3.0, 0.0, 0.0, 0.0])}
    report = epoch_report(missed, names, torch.ones(4), spec)
    assert codes(report) == ["policy_empty_group"]
    assert "users of degree groups [1]" in report["warnings"][0]["message"]
    # a group without a node cannot have an anchor
    assert codes(epoch_report(missed, names, torch.tensor([1, 0, 1, 1]), spec)) == []


def test_quantiles_are_spread_evenly_within_a_bin(make_spec):
    spec = make_spec(num_groups=1, temperature_min=0.1, temperature_max=0.74)
    # bins of 0.01 from 0.1 on: two of four in [0.1, 0.11), two in [0.2, 0.21)
    counts = torch.zeros(2, 64)
    counts[0, 0], counts[0, 10] = 2, 2
    sums = totals(spec) | {"temperature_WQ": counts, "anchors_W": torch.tensor([4.0, 0.0])}
    (group,) = epoch_report(sums, ("temperature_std_at_bound", "normalized_entropy"), torch.ones(2), spec)[
        "groups"
    ]
    # 10 % of four is 0.4, a fifth of the first bin; 90 % is 3.6, four fifths of the second
    assert group["temperature"] == pytest.approx(
        {"mean": 0.25, "q10": 0.102, "q50": 0.11, "q90": 0.208, "target": 0.5}
    )


def test_each_warning_is_emitted_once_per_run_also_after_resuming(make_task, make_hgpo):
    changes = {
        "thresholds": "absolute",
        "hard_threshold": 0.97,
        "false_negative_threshold": 0.98,
        "num_negatives": 5,
        "num_groups": 2,
    }
    first, second = make_hgpo(**changes), make_hgpo(**changes)
    assert codes(epoch(first, make_task(), 1)[1]) == ["policy_few_hard"]
    assert codes(epoch(first, make_task(), 2)[1]) == []
    second.load_state_dict(first.state_dict())
    assert codes(epoch(second, make_task(), 3)[1]) == []
