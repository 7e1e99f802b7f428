from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lghrec_compute.objectives import info_nce
from lghrec_compute.policy import Hgpo, Selection
from lghrec_compute.policy.state import Transition

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
    """Acts and learns on two tasks per step; returns all selections and scalars."""
    seen = []
    for _ in range(count):
        selections = [policy.act(task), policy.act(task)]
        scalars = policy.learn(selections)
        for selection in selections:
            seen += [
                selection.negative_BN,
                selection.temperature_B,
                selection.log_weight_BN,
            ]
        seen += list(scalars.values())
    return [value for value in seen if value is not None]


def equal(left, right) -> bool:
    return len(left) == len(right) and all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


def test_the_first_policy_draws_uniformly_around_the_temperature_of_the_backbone(make_task, make_hgpo):
    task = make_task(12, 30, temperature=0.3)
    selection = make_hgpo(num_negatives=7).act(task)
    assert selection.negative_BN is not None
    assert selection.temperature_B is not None
    assert selection.negative_BN.sum(dim=1).tolist() == [7] * 12
    assert not (selection.negative_BN & task.excluded_BN).any()
    assert (selection.temperature_B - 0.3).abs().max().item() < 4 * 0.05
    assert selection.temperature_B.std().item() > 0.01


def test_all_candidates_at_the_temperature_of_the_backbone_give_its_own_loss(make_task, make_hgpo):
    task = make_task()
    selection = make_hgpo(num_negatives=30, learn_temperature=False).act(task)
    assert selection.temperature_B is None
    found = info_nce(task, negative_BN=selection.negative_BN)
    assert found.item() == pytest.approx(info_nce(task).item(), abs=1e-6)
    # soft weights of a uniform policy: all candidates have the same weight
    soft = make_hgpo(num_negatives=30, weighting="soft", learn_temperature=False)
    whole = make_task(share_excluded=0.0)
    weighted = info_nce(whole, log_weight_BN=soft.act(whole).log_weight_BN)
    assert weighted.item() == pytest.approx(info_nce(whole).item(), abs=1e-6)


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_the_same_seed_gives_the_same_bits_also_after_resuming(make_task, make_hgpo, changes):
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
    # the state is complete
    assert equal(list(second.state_dict().values()), list(unbroken.state_dict().values()))


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
def test_learning_reports_the_same_finite_scalars_at_each_step(make_task, make_hgpo, changes):
    policy, task = make_hgpo(num_negatives=5, **changes), make_task()
    steps = [policy.learn([policy.act(task)]) for _ in range(3)]
    assert {
        "policy/reward",
        "policy/loss",
        "policy/clip_fraction",
        "policy/approx_kl",
        "policy/gradient_norm",
    } <= set(steps[0])
    assert all(list(row) == list(steps[0]) for row in steps)
    assert all(
        value.ndim == 0 and value.isfinite() and not value.requires_grad
        for row in steps
        for value in row.values()
    )


def test_the_policy_changes_no_embedding_and_the_encoder_changes_no_policy(make_task, make_hgpo):
    policy, task = make_hgpo(num_negatives=5), make_task()
    leaves = [task.anchor_BD, task.pool.candidate_ND, task.positives.vector_PD]
    for leaf in leaves:
        leaf.requires_grad_()
    selection = policy.act(task)
    before = {name: value.clone() for name, value in policy.state_dict().items() if "network" in name}
    loss = info_nce(task, negative_BN=selection.negative_BN, temperature_B=selection.temperature_B)
    loss.backward()
    assert all(torch.equal(policy.state_dict()[name], value) for name, value in before.items())
    gradients = [leaf.grad.clone() for leaf in leaves]
    policy.learn([selection])
    assert equal([leaf.grad for leaf in leaves], gradients)
    assert not all(torch.equal(policy.state_dict()[name], value) for name, value in before.items())


def test_nothing_is_learned_from_a_selection_without_a_transition(make_task, make_hgpo):
    policy = make_hgpo()
    policy.act(make_task())
    assert policy.learn([Selection()]) == {}


# the fixtures are functions without a state
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_excluded_candidates_are_never_negatives(make_task, make_hgpo, data):
    num_anchors, num_candidates = (
        data.draw(st.integers(1, 9)),
        data.draw(st.integers(1, 15)),
    )
    share = data.draw(st.sampled_from([0.0, 0.3, 0.9, 1.0]))
    task = make_task(
        num_anchors,
        num_candidates,
        share_excluded=share,
        seed=data.draw(st.integers(0, 99)),
    )
    changes = data.draw(st.sampled_from([one for one in VARIANTS if one.get("weighting") != "soft"]))
    count = data.draw(st.integers(1, num_candidates))
    policy = make_hgpo(num_negatives=count, policy_anchors=data.draw(st.integers(1, 9)), **changes)
    for _ in range(2):
        selection = policy.act(task)
        assert not (selection.negative_BN & task.excluded_BN).any()
        expected = (~task.excluded_BN).sum(dim=1).clamp(max=count)
        assert torch.equal(selection.negative_BN.sum(dim=1), expected)
        assert all(value.isfinite() for value in policy.learn([selection]).values())


def test_the_policy_can_learn_temperatures_alone_or_negatives_alone(make_task, make_hgpo):
    task = make_task()
    random = make_hgpo(learn_negatives=False, num_negatives=5)
    scalars = random.learn([random.act(task)])
    assert "policy/entropy" not in scalars
    negatives_only = make_hgpo(learn_temperature=False, num_negatives=5)
    selection = negatives_only.act(task)
    assert selection.temperature_B is None
    assert "policy/temperature" not in negatives_only.learn([selection])


def test_during_the_warm_up_negatives_are_random_and_the_policy_learns(make_task, make_hgpo):
    policy, task = make_hgpo(num_negatives=5, warmup_epochs=2), make_task()
    for epoch, acts in ((1, False), (2, False), (3, True)):
        policy.on_epoch(epoch)
        selection = policy.act(task)
        assert selection.negative_BN.sum(dim=1).tolist() == [5] * 12
        assert (selection.temperature_B is not None) == acts
        assert policy.learn([selection])["policy/gradient_norm"].item() > 0


def test_soft_weights_sum_to_the_number_of_negatives(make_task, make_hgpo):
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
    # after learning the weights differ
    assert weight[~task.excluded_BN].std().item() > 0.01


def test_rescaled_negatives_have_the_weight_of_all_candidates(make_task, make_hgpo):
    task = make_task()
    selection = make_hgpo(num_negatives=5, rescale_negatives=True).act(task)
    count = (~task.excluded_BN).sum(dim=1)
    assert selection.log_weight_BN.flatten().tolist() == pytest.approx((count / 5).log().tolist())


def test_relative_temperatures_have_the_temperature_of_the_backbone_as_their_mean(make_task, make_hgpo):
    selection = make_hgpo(relative_temperature=True).act(make_task(temperature=0.12))
    assert selection.temperature_B.mean().item() == pytest.approx(0.12)


def test_without_exploration_the_most_likely_candidates_and_the_mean_are_selected(
    make_task, make_known, make_spec
):
    policy = Hgpo(make_spec(num_negatives=5, policy_anchors=4), make_known(), explore=False)
    first, second = policy.act(make_task()), policy.act(make_task())
    assert torch.equal(first.negative_BN, second.negative_BN)
    assert first.negative_BN.sum(dim=1).tolist() == [5] * 12
    assert first.temperature_B.tolist() == pytest.approx([0.2] * 12)


def test_candidates_that_are_similar_to_a_positive_are_excluded(make_task, make_hgpo):
    policy = make_hgpo(num_negatives=15, policy_anchors=6, max_positive_similarity_quantile=0.6)
    task = make_task(share_excluded=0.0)
    negative = policy.act(task).negative_BN
    cosine = task.positive_cosine()
    # the threshold comes from the six anchors learned from; all selected candidates are below one threshold
    assert cosine[negative].max().item() < cosine[~negative].max().item()
    assert cosine[negative].max().item() < cosine.quantile(0.75).item()


def transition_of(policy: Hgpo, task) -> tuple[Selection, Transition]:
    selection = policy.act(task)
    assert isinstance(selection.transition, Transition)
    return selection, selection.transition


def test_a_transition_holds_only_the_anchors_learned_from(make_task, make_hgpo):
    _, transition = transition_of(make_hgpo(num_negatives=5, policy_anchors=4), make_task())
    assert transition.features.cosine_RN.shape == (4, 30)
    assert transition.action.index_RAM.shape == (4, 1, 5)
    grpo = make_hgpo(num_negatives=5, policy_anchors=4, advantage="grpo", action_samples=3)
    _, transition = transition_of(grpo, make_task())
    assert transition.action.index_RAM.shape == (4, 3, 5)


def test_cosines_can_be_taken_once_and_only_if_they_were_computed(make_task, make_hgpo):
    task = make_task()
    selection = make_hgpo(num_negatives=5, policy_anchors=4).act(task)
    cosine = selection.take_cosines()
    assert cosine is not None
    torch.testing.assert_close(cosine, task.cosine())
    assert selection.take_cosines() is None
    dots = replace(task, form=replace(task.form, similarity="dot"))
    for policy, one in (
        (make_hgpo(num_negatives=5, policy_anchors=4), dots),
        (make_hgpo(num_negatives=5, policy_anchors=4, learn_negatives=False), task),
        (make_hgpo(num_negatives=5, policy_anchors=12), task),  # the policy learns from all anchors
    ):
        assert policy.act(one).take_cosines() is None


def test_the_transition_holds_the_actions_of_the_selection(make_task, make_hgpo):
    task = make_task()
    selection, transition = transition_of(make_hgpo(num_negatives=5, policy_anchors=4), task)
    for row in range(4):
        anchor = (task.cosine() - transition.features.cosine_RN[row]).abs().amax(dim=1).argmin().item()
        selected = selection.negative_BN[anchor].nonzero().flatten().tolist()
        assert sorted(transition.action.index_RAM[row, 0].tolist()) == selected
        applied = transition.action.temperature_RA[row, 0].clamp(0.05, 1.0).item()
        assert selection.temperature_B[anchor].item() == pytest.approx(applied)


def test_embeddings_that_are_not_finite_do_not_break_the_policy(make_task, make_hgpo):
    policy, task = make_hgpo(num_negatives=5), make_task()
    task.anchor_BD[0], task.pool.candidate_ND[3] = math.nan, math.inf
    scalars = policy.learn([policy.act(task)])
    assert all(value.isfinite() for value in scalars.values())
    assert all(value.isfinite().all() for name, value in policy.state_dict().items() if "network" in name)


def test_weights_that_are_not_finite_show_in_the_scalars(make_task, make_hgpo):
    policy, task = make_hgpo(num_negatives=5), make_task()
    state = policy.state_dict()
    state["network/knot_values.bias"][0] = math.nan
    policy.load_state_dict(state)
    assert not policy.learn([policy.act(task)])["policy/loss"].isfinite()
