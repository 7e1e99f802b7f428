"""One step of training: the only place where a backbone's tasks and a policy's actions meet."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lghrec_compute.backbones import Step
from lghrec_compute.data.batches import Batch
from lghrec_compute.objectives import bpr_loss, contrast_loss, squared_norm
from lghrec_compute.policy import Selection
from lghrec_compute.training.job import Job


def train_step(job: Job, batch: Batch) -> dict[str, Tensor]:
    """One step of the backbone under the policy's actions, then one of the policy.

    Returns detached scalars by metric name, the weighted parts of the loss first and then their sum.
    """
    step = job.backbone.step(*batch)
    with torch.no_grad():
        selections = [job.policy.act(contrast.detached()) for contrast in step.contrasts]
    parts = loss_parts(step, selections, regularization=job.spec.optimizer.regularization)
    total = torch.stack(list(parts.values())).sum()

    job.optimizer.zero_grad(set_to_none=True)
    total.backward()
    job.optimizer.step()
    reports = job.policy.learn(selections)
    return {name: value.detach() for name, value in {**parts, "loss/total": total, **reports}.items()}


def loss_parts(step: Step, selections: Sequence[Selection], *, regularization: float) -> dict[str, Tensor]:
    """The weighted parts of a step's loss by metric name; their sum is what the optimizer sees."""
    parts = {}
    if step.ranking is not None:
        parts["loss/ranking"] = bpr_loss(*step.ranking)
    parts["loss/regularization"] = regularization * squared_norm(*step.ego)
    if step.contrasts:
        weighted = [
            task.weight
            * contrast_loss(task, negative_BN=chosen.negative_BN, temperature_B=chosen.temperature_B)
            for task, chosen in zip(step.contrasts, selections, strict=True)
        ]
        parts["loss/contrast"] = torch.stack(weighted).sum()
    return parts | {f"loss/{name}": value for name, value in step.extra.items()}
