"""One step of training: the only place where a backbone's tasks and a policy's actions meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from lghrec_compute.backbones import Step
from lghrec_compute.data.batches import Batch
from lghrec_compute.objectives import Contrast, bpr_loss, info_nce
from lghrec_compute.policy import Policy, Selection
from lghrec_compute.training.setup import TrainingSetup


def train_step(setup: TrainingSetup, batch: Batch, epoch: int = 1, step_index: int = 0) -> dict[str, Tensor]:
    """One step of the backbone under the policy's actions, then one of the policy.

    Returns detached scalars by metric name, the weighted parts of the loss first and then their sum.
    """
    step = setup.backbone.step(*batch, setup.step_request(epoch, step_index))
    selections = select(setup.policy, step, acts_on_backbone_contrasts=setup.acts_on_backbone_contrasts)
    parts = loss_parts(step, selections, embedding_l2=setup.spec.optimizer.embedding_l2)
    total = torch.stack(list(parts.values())).sum()

    setup.optimizer.zero_grad(set_to_none=True)
    total.backward()
    setup.optimizer.step()
    reports = setup.policy.learn(selections)
    return {name: value.detach() for name, value in {**parts, "loss/total": total, **reports}.items()}


@torch.no_grad()
def select(policy: Policy, step: Step, *, acts_on_backbone_contrasts: bool) -> list[Selection]:
    """The policy's answer to each task, the backbone's own first and then the structural ones.

    The backbone's own are left as published unless the policy acts on the `native` ones. A task that follows
    another takes over its answer.
    """
    selections: list[Selection] = []
    for contrast in step.contrasts:
        if not acts_on_backbone_contrasts:
            selections.append(Selection())
        elif contrast.follows is None:
            selections.append(policy.act(contrast.detached()))
        else:
            leader = contrast.follows
            selections.append(_follow(contrast, step.contrasts[leader], selections[leader]))
    return selections + [policy.act(contrast.detached()) for contrast in step.structural]


def _follow(contrast: Contrast, leader: Contrast, selection: Selection) -> Selection:
    temperature_B = selection.temperature_B
    if temperature_B is not None:
        temperature_B = temperature_B * (contrast.form.temperature / leader.form.temperature)
    return replace(selection, temperature_B=temperature_B, transition=None, cosine_BN=None)


def loss_parts(step: Step, selections: Sequence[Selection], *, embedding_l2: float) -> dict[str, Tensor]:
    """The weighted parts of a step's loss by metric name; their sum is what the optimizer sees."""
    parts = {}
    if step.ranking is not None:
        parts["loss/ranking"] = bpr_loss(*step.ranking)
    if step.penalty is not None:
        parts["loss/embedding_l2"] = embedding_l2 * step.penalty
    num_native = len(step.contrasts)
    if step.contrasts:
        parts["loss/contrast"] = _weighted(step.contrasts, selections[:num_native])
    if step.structural:
        parts["loss/structural"] = _weighted(step.structural, selections[num_native:])
    return parts | {f"loss/{name}": value for name, value in step.extra.items()}


def _weighted(contrasts: Sequence[Contrast], selections: Sequence[Selection]) -> Tensor:
    weighted = [
        task.weight
        * info_nce(
            task,
            negative_BN=chosen.negative_BN,
            temperature_B=chosen.temperature_B,
            log_weight_BN=chosen.log_weight_BN,
            cosine_BN=chosen.take_cosines(),
        )
        for task, chosen in zip(contrasts, selections, strict=True)
    ]
    return torch.stack(weighted).sum()
