from __future__ import annotations

import math
import statistics

import pytest
import torch

from lghrec_compute.policy import PolicyInput
from lghrec_compute.policy.report import epoch_report


def epoch(policy, task, number=1, count=4):
    policy.on_epoch(number)
    told = []
    for _ in range(count):
        told.append(policy.learn([policy.act(task)]))
    return told, policy.diagnostics()


def test_an_epoch_is_told_as_the_means_of_its_steps(make_task, make_hgpo):
    told, report = epoch(make_hgpo(num_negatives=5), make_task())
    assert report["steps"] == 4
    for name, value in report["scalars"].items():
        assert value == pytest.approx(sum(row[f"policy/{name}"].item() for row in told) / 4, abs=1e-5)


def test_shares_of_zones_are_those_of_the_pool_and_of_the_chosen(make_task, make_hgpo):
    task = make_task()
    policy = make_hgpo(num_negatives=5, thresholds="absolute", learning_rate=0.02, harmony_weight=0.0)
    _, first = epoch(policy, task, 1, 1)
    cosine, positive, allowed = task.cosine(), task.positive_cosine(), ~task.excluded_BN
    false = (cosine >= 0.8) | (positive >= 0.8)
    hard = (cosine > 0.5) & ~false
    easy = (cosine <= 0.2) & ~false
    by_chance = first["negatives"]["random"]
    for name, mask in (("hard", hard), ("easy", easy), ("false", false)):
        assert by_chance[name] == pytest.approx(mask[allowed].double().mean().item(), abs=1e-6)
    assert sum(by_chance.values()) == pytest.approx(1)
    _, last = epoch(policy, task, 2, 60)
    assert last["negatives"]["random"] == pytest.approx(by_chance, abs=1e-5)
    assert last["negatives"]["chosen"]["hard"] > 2 * by_chance["hard"]
    # what is chosen is nearer to its anchor than what chance would choose
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
        # a normal's 10 % and 90 % lie 1.28 deviations off
        assert spread["mean"] == pytest.approx(0.3, abs=0.05)
        assert spread["q90"] - spread["q10"] == pytest.approx(2 * 1.28 * 0.05, rel=0.5)
    # T(d) = t0 / (1 + ln(1 + d))^.3, and its mean over the anchors is the temperature of the task
    shape = [(1 + math.log(1 + degree)) ** -0.3 for degree in (1, 30)]
    expected = [0.3 * value / statistics.mean(shape) for value in shape]
    assert [row["temperature"]["target"] for row in report["groups"]] == pytest.approx(expected, abs=1e-6)
    rewards = [row["reward"] for row in report["groups"]]
    assert report["reward_variance"] == pytest.approx(((rewards[0] - rewards[1]) / 2) ** 2)


def test_another_epoch_starts_anew_and_a_resumed_one_goes_on(make_task, make_hgpo):
    policy, task = make_hgpo(num_negatives=5), make_task()
    epoch(policy, task, 1, 3)
    policy.on_epoch(1)
    assert policy.diagnostics()["steps"] == 3
    policy.on_epoch(2)
    assert policy.diagnostics() == {}


def codes(report) -> list[str]:
    return [warning["code"] for warning in report["warnings"]]


def test_a_good_start_warns_of_nothing(make_task, make_hgpo):
    _, report = epoch(make_hgpo(num_negatives=5, num_groups=2), make_task())
    assert codes(report) == []


def test_warns_of_a_pool_with_hardly_a_hard_negative(make_task, make_hgpo):
    options = {
        "thresholds": "absolute",
        "hard_threshold": 0.97,
        "false_negative_threshold": 0.98,
        "num_negatives": 5,
        "num_groups": 2,
    }
    _, report = epoch(make_hgpo(**options), make_task())
    assert codes(report) == ["policy_few_hard"]
    assert "expected at least 1%" in report["warnings"][0]["message"]


def totals(options):
    width = 2 * options.num_groups
    return {
        "anchors_W": torch.ones(width),
        "reward_W": torch.ones(width),
        "temperature_W": torch.ones(width),
        "target_W": torch.full((width,), 2.0),
        "temperature_WQ": torch.ones(width, 64),
        "zones_24": torch.ones(2, 4),
        "cosine_2H": torch.ones(2, 40),
        "scalars": torch.tensor([0.5, 0.5]),
        "steps": torch.ones(1),
    }


@pytest.mark.parametrize(
    ("scalars", "expected"),
    [
        ((0.5, 0.5), []),
        ((0.51, 0.5), ["policy_deviation_at_bound"]),
        ((0.0, 0.09), ["policy_little_entropy"]),
    ],
)
def test_warns_of_a_deviation_at_its_bound_and_of_little_entropy(make_options, scalars, expected):
    options = make_options(num_groups=2)
    sums = totals(options) | {"scalars": torch.tensor(scalars)}
    report = epoch_report(sums, ("deviation_at_bound", "entropy_share"), torch.ones(4), options)
    assert codes(report) == expected


def test_warns_of_a_group_with_nodes_and_no_anchor_where_its_kind_has_some(make_options):
    options = make_options(num_groups=2)
    names = ("deviation_at_bound", "entropy_share")
    missed = totals(options) | {"anchors_W": torch.tensor([3.0, 0.0, 0.0, 0.0])}
    report = epoch_report(missed, names, torch.ones(4), options)
    assert codes(report) == ["policy_empty_group"]
    assert "users of degree groups [1]" in report["warnings"][0]["message"]
    # a group without a node cannot have an anchor
    assert codes(epoch_report(missed, names, torch.tensor([1, 0, 1, 1]), options)) == []


def test_quantiles_are_spread_evenly_within_a_bin(make_options):
    options = make_options(num_groups=1, temperature_min=0.1, temperature_max=0.74)
    # bins of .01 from .1 on: two of four in [.1, .11), two in [.2, .21)
    counts = torch.zeros(2, 64)
    counts[0, 0], counts[0, 10] = 2, 2
    sums = totals(options) | {"temperature_WQ": counts, "anchors_W": torch.tensor([4.0, 0.0])}
    (group,) = epoch_report(sums, ("deviation_at_bound", "entropy_share"), torch.ones(2), options)["groups"]
    # 10 % of four is .4 of two: a fifth into the first bin; 90 % is 1.6 of two into the other
    assert group["temperature"] == pytest.approx(
        {"mean": 0.25, "q10": 0.102, "q50": 0.11, "q90": 0.208, "target": 0.5}
    )


def test_each_warning_is_given_once_a_run_also_if_it_is_resumed(make_task, make_hgpo):
    options = {
        "thresholds": "absolute",
        "hard_threshold": 0.97,
        "false_negative_threshold": 0.98,
        "num_negatives": 5,
        "num_groups": 2,
    }
    first, second = make_hgpo(**options), make_hgpo(**options)
    assert codes(epoch(first, make_task(), 1)[1]) == ["policy_few_hard"]
    assert codes(epoch(first, make_task(), 2)[1]) == []
    second.load_state_dict(first.state_dict())
    assert codes(epoch(second, make_task(), 3)[1]) == []
