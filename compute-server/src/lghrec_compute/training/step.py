"""One training step, which joins the contrast tasks of a backbone with the actions of a policy."""

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
    """Update the backbone with the actions of the policy, and then the policy.

    Returns detached scalars by metric name: the weighted parts of the loss, their sum, and those of the
    policy.
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
    """Return the action of the policy on each task: the backbone's contrasts, then the structural ones.

    Without `acts_on_backbone_contrasts` the backbone's contrasts keep their published negatives and
    temperature. A task that follows another task uses its action.
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
    """Return the weighted parts of a step's loss by metric name. The optimizer minimizes their sum."""
    parts = {}
    if step.ranking is not None:
        parts["loss/ranking"] = bpr_loss(*step.ranking)
    if step.penalty is not None:
        parts["loss/embedding_l2"] = embedding_l2 * step.penalty
    num_own = len(step.contrasts)
    if step.contrasts:
        parts["loss/contrast"] = _weighted(step.contrasts, selections[:num_own])
    if step.structural:
        parts["loss/structural"] = _weighted(step.structural, selections[num_own:])
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
