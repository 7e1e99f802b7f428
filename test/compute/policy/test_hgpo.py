from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lghrec_compute.objectives import info_nce
from lghrec_compute.policy import Hgpo

VARIANTS = [
    {},
    {"network": "bilinear"},
    {"credit": "joint"},
    {"advantage": "grpo", "action_samples": 3},
    {"learn_negatives": False},
    {"learn_temperature": False},
    {"weighting": "soft"},
    {"preset": "paper"},
    {"relative_temperature": True},
    {"rescale_negatives": True},
    {"warmup_epochs": 1},
]


def steps(policy: Hgpo, task, count: int):
    """Acts and learns on two tasks a step, and returns all that was answered and told."""
    seen = []
    for _ in range(count):
        selections = [policy.act(task), policy.act(task)]
        told = policy.learn(selections)
        for selection in selections:
            seen += [
                selection.negative_BN,
                selection.temperature_B,
                selection.log_weight_BN,
            ]
        seen += list(told.values())
    return [value for value in seen if value is not None]


def equal(left, right) -> bool:
    return len(left) == len(right) and all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


def test_the_first_policy_draws_uniformly_around_the_native_temperature(make_task, make_hgpo):
    task = make_task(12, 30, temperature=0.3)
    selection = make_hgpo(num_negatives=7).act(task)
    assert selection.negative_BN is not None
    assert selection.temperature_B is not None
    assert selection.negative_BN.sum(dim=1).tolist() == [7] * 12
    assert not (selection.negative_BN & task.excluded_BN).any()
    assert (selection.temperature_B - 0.3).abs().max().item() < 4 * 0.05
    assert selection.temperature_B.std().item() > 0.01


def test_uniform_at_the_native_temperature_with_all_negatives_is_the_native_loss(make_task, make_hgpo):
    task = make_task()
    selection = make_hgpo(num_negatives=30, learn_temperature=False).act(task)
    assert selection.temperature_B is None
    found = info_nce(task, negative_BN=selection.negative_BN)
    assert found.item() == pytest.approx(info_nce(task).item(), abs=1e-6)
    # soft weights of a uniform policy, M of them in all, with no allowed candidate more than another
    soft = make_hgpo(num_negatives=30, weighting="soft", learn_temperature=False)
    whole = make_task(share_forbidden=0.0)
    weighted = info_nce(whole, log_weight_BN=soft.act(whole).log_weight_BN)
    assert weighted.item() == pytest.approx(info_nce(whole).item(), abs=1e-6)


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_the_same_seed_gives_the_same_bits_and_resuming_changes_none(make_task, make_hgpo, changes):
    task, changes = (
        make_task(),
        {"num_negatives": 5, "policy_anchors": 8, "learning_rate": 0.01, **changes},
    )
    unbroken, again, first = (make_hgpo(**changes) for _ in range(3))
    for policy in (unbroken, again, first):
        policy.on_epoch(1)
    expected = steps(unbroken, task, 5)
    assert equal(steps(again, task, 5), expected)

    begun = steps(first, task, 2)
    state = {name: value.clone() for name, value in first.state_dict().items()}
    assert all(isinstance(value, torch.Tensor) for value in state.values())
    second = make_hgpo(**changes)
    second.load_state_dict(state)
    second.on_epoch(1)
    assert equal(begun + steps(second, task, 3), expected)
    assert second.diagnostics() == unbroken.diagnostics()
    # and the state itself is whole
    assert equal(list(second.state_dict().values()), list(unbroken.state_dict().values()))


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_learning_reports_the_same_finite_scalars_at_each_step(make_task, make_hgpo, changes):
    policy, task = make_hgpo(num_negatives=5, **changes), make_task()
    told = [policy.learn([policy.act(task)]) for _ in range(3)]
    assert {
        "policy/reward",
        "policy/loss",
        "policy/clip_fraction",
        "policy/kl",
        "policy/gradient_norm",
    } <= set(told[0])
    assert all(list(row) == list(told[0]) for row in told)
    assert all(
        value.ndim == 0 and value.isfinite() and not value.requires_grad
        for row in told
        for value in row.values()
    )


def test_the_policy_moves_no_embedding_and_the_encoder_no_policy(make_task, make_hgpo):
    policy, task = make_hgpo(num_negatives=5), make_task()
    leaves = [task.anchor_BD, task.pool.candidate_ND, task.positives.vector_PD]
    for leaf in leaves:
        leaf.requires_grad_()
    selection = policy.act(task)
    before = {name: value.clone() for name, value in policy.state_dict().items() if "network" in name}
    loss = info_nce(task, negative_BN=selection.negative_BN, temperature_B=selection.temperature_B)
    loss.backward()
    assert all(torch.equal(policy.state_dict()[name], value) for name, value in before.items())
    held = [leaf.grad.clone() for leaf in leaves]
    policy.learn([selection])
    assert equal([leaf.grad for leaf in leaves], held)
    assert not all(torch.equal(policy.state_dict()[name], value) for name, value in before.items())


def test_a_selection_without_a_record_teaches_nothing(make_task, make_hgpo):
    policy = make_hgpo()
    other = policy.act(make_task())
    assert policy.learn([type(other)()]) == {}


# the fixtures are factories without a state
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_forbidden_candidates_are_never_negatives(make_task, make_hgpo, data):
    num_anchors, num_candidates = (
        data.draw(st.integers(1, 9)),
        data.draw(st.integers(1, 15)),
    )
    share = data.draw(st.sampled_from([0.0, 0.3, 0.9, 1.0]))
    task = make_task(
        num_anchors,
        num_candidates,
        share_forbidden=share,
        seed=data.draw(st.integers(0, 99)),
    )
    changes = data.draw(st.sampled_from([one for one in VARIANTS if one.get("weighting") != "soft"]))
    count = data.draw(st.integers(1, num_candidates))
    policy = make_hgpo(num_negatives=count, policy_anchors=data.draw(st.integers(1, 9)), **changes)
    for _ in range(2):
        selection = policy.act(task)
        assert not (selection.negative_BN & task.excluded_BN).any()
        allowed = (~task.excluded_BN).sum(dim=1).clamp(max=count)
        assert torch.equal(selection.negative_BN.sum(dim=1), allowed)
        assert all(value.isfinite() for value in policy.learn([selection]).values())


def test_negatives_and_temperatures_by_chance_and_fixed(make_task, make_hgpo):
    task = make_task()
    by_chance = make_hgpo(learn_negatives=False, num_negatives=5)
    scalars = by_chance.learn([by_chance.act(task)])
    assert "policy/entropy" not in scalars
    fixed = make_hgpo(learn_temperature=False, num_negatives=5)
    selection = fixed.act(task)
    assert selection.temperature_B is None
    assert "policy/temperature" not in fixed.learn([selection])


def test_warming_up_acts_as_random_and_learns(make_task, make_hgpo):
    policy, task = make_hgpo(num_negatives=5, warmup_epochs=2), make_task()
    for epoch, acts in ((1, False), (2, False), (3, True)):
        policy.on_epoch(epoch)
        selection = policy.act(task)
        assert selection.negative_BN.sum(dim=1).tolist() == [5] * 12
        assert (selection.temperature_B is not None) == acts
        assert policy.learn([selection])["policy/gradient_norm"].item() > 0


def test_soft_weights_sum_to_as_many_as_would_be_chosen(make_task, make_hgpo):
    policy, task = (
        make_hgpo(num_negatives=5, weighting="soft", learning_rate=0.05),
        make_task(),
    )
    for _ in range(20):
        selection = policy.act(task)
        policy.learn([selection])
    assert selection.negative_BN is None
    weight = selection.log_weight_BN.exp()
    assert weight.sum(dim=1).tolist() == pytest.approx([5.0] * 12, rel=1e-5)
    assert weight[task.excluded_BN].max().item() == 0.0
    # learned from: no longer all alike
    assert weight[~task.excluded_BN].std().item() > 0.01


def test_rescaled_negatives_count_as_all_allowed(make_task, make_hgpo):
    task = make_task()
    selection = make_hgpo(num_negatives=5, rescale_negatives=True).act(task)
    allowed = (~task.excluded_BN).sum(dim=1)
    assert selection.log_weight_BN.flatten().tolist() == pytest.approx((allowed / 5).log().tolist())


def test_relative_temperatures_have_the_native_as_their_mean(make_task, make_hgpo):
    selection = make_hgpo(relative_temperature=True).act(make_task(temperature=0.12))
    assert selection.temperature_B.mean().item() == pytest.approx(0.12)


def test_without_exploration_the_likeliest_and_the_mean_are_taken(make_task, make_known, make_options):
    policy = Hgpo(
        make_known(),
        explore=False,
        **vars(make_options(num_negatives=5, policy_anchors=4)),
    )
    first, second = policy.act(make_task()), policy.act(make_task())
    assert torch.equal(first.negative_BN, second.negative_BN)
    assert first.negative_BN.sum(dim=1).tolist() == [5] * 12
    assert first.temperature_B.tolist() == pytest.approx([0.2] * 12)


def test_candidates_near_a_positive_are_left_out(make_task, make_known, make_options):
    options = {
        **vars(make_options(num_negatives=15, policy_anchors=6)),
        "max_positive_similarity_quantile": 0.6,
    }
    task = make_task(share_forbidden=0.0)
    negative = Hgpo(make_known(), **options).act(task).negative_BN
    cosine = task.positive_cosine()
    # the level is that of the six anchors learned from; what is chosen lies below one level
    assert cosine[negative].max().item() < cosine[~negative].max().item()
    assert cosine[negative].max().item() < cosine.quantile(0.75).item()


def test_only_some_anchors_are_remembered(make_task, make_hgpo):
    selection = make_hgpo(num_negatives=5, policy_anchors=4).act(make_task())
    sample = selection.record["sample"]
    assert sample.situation.sight.cosines.anchor_RN.shape == (4, 30)
    assert sample.action.index_RAM.shape == (4, 1, 5)
    grpo = make_hgpo(num_negatives=5, policy_anchors=4, advantage="grpo", action_samples=3)
    assert grpo.act(make_task()).record["sample"].action.index_RAM.shape == (4, 3, 5)


@pytest.mark.parametrize(
    ("changes", "looks"),
    [
        ({}, False),
        ({"positive_similarity_threshold": 0.98}, True),
        ({"max_positive_similarity_quantile": 0.9}, True),
        ({"thresholds": "absolute"}, True),
        ({"preset": "paper"}, True),
    ],
    ids=str,
)
def test_cosines_with_positives_are_read_only_where_a_rule_looks_at_them(
    make_task, make_hgpo, changes, looks
):
    policy = make_hgpo(num_negatives=5, **changes)
    cosines = policy.act(make_task()).record["sample"].situation.sight.cosines
    assert (cosines.positive_RN is not None) == looks
    assert policy.state_dict()["network/tables.bias"].shape == (42 if looks else 21,)


def test_cosines_are_handed_over_once_and_only_where_they_were_needed(make_task, make_hgpo):
    task = make_task()
    handover = make_hgpo(num_negatives=5, policy_anchors=4).act(task).cosines
    cosine = handover.take()
    assert cosine is not None
    torch.testing.assert_close(cosine, task.cosine())
    assert handover.take() is None
    dots = replace(task, form=replace(task.form, similarity="dot"))
    for policy, one in (
        (make_hgpo(num_negatives=5, policy_anchors=4), dots),
        (make_hgpo(num_negatives=5, policy_anchors=4, learn_negatives=False), task),
        (make_hgpo(num_negatives=5, policy_anchors=12), task),  # all are learned from
    ):
        assert policy.act(one).cosines.take() is None


def test_what_is_learned_from_is_what_was_done(make_task, make_hgpo):
    task = make_task()
    selection = make_hgpo(num_negatives=5, policy_anchors=4).act(task)
    sample = selection.record["sample"]
    cosine = task.cosine()
    for row in range(4):
        own = (cosine - sample.situation.sight.cosines.anchor_RN[row]).abs().amax(dim=1).argmin().item()
        chosen = selection.negative_BN[own].nonzero().flatten().tolist()
        assert sorted(sample.action.index_RAM[row, 0].tolist()) == chosen
        raw = sample.action.raw_RA[row, 0].clamp(0.05, 1.0).item()
        assert selection.temperature_B[own].item() == pytest.approx(raw)


def test_broken_embeddings_leave_the_policy_whole(make_task, make_hgpo):
    policy, task = make_hgpo(num_negatives=5), make_task()
    task.anchor_BD[0], task.pool.candidate_ND[3] = math.nan, math.inf
    scalars = policy.learn([policy.act(task)])
    assert all(value.isfinite() for value in scalars.values())
    assert all(value.isfinite().all() for name, value in policy.state_dict().items() if "network" in name)


def test_a_broken_policy_shows_in_its_scalars(make_task, make_hgpo):
    policy, task = make_hgpo(num_negatives=5), make_task()
    state = policy.state_dict()
    state["network/tables.bias"][0] = math.nan
    policy.load_state_dict(state)
    assert not policy.learn([policy.act(task)])["policy/loss"].isfinite()
