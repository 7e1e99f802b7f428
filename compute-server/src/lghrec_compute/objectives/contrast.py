"""Contrast tasks and their loss: the only place where an exponential of a similarity is written.

Shapes: types.py; P counts (anchor, candidate) pairs that are positive. A backbone yields `Contrast` records,
a policy answers with negatives and temperatures, and `contrast_loss` joins the two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import embedding, normalize


@dataclass(frozen=True)
class Pool:
    """Candidates that all anchors of a task share.

    `partner_ND` is added to the unit candidates in the denominator only: a candidate is then a pair of nodes
    with similarity cos(a, candidate) + a . partner (LightCCF). `forbidden_BN` is True where a candidate is
    never a negative.
    """

    candidate_ND: Tensor
    node_N: Tensor
    partner_ND: Tensor | None = None
    forbidden_BN: Tensor | None = None


@dataclass(frozen=True)
class Positives:
    """Positive pairs as two index vectors, into anchors and into the pool; an anchor has at least one."""

    anchor_P: Tensor
    candidate_P: Tensor


@dataclass(frozen=True)
class Form:
    """Which of the published losses. `temperature` is the backbone's own, above 0.

    `several`: how the positives of one anchor count, `out` as mean of logs over all pairs, `in` as log of the
    mean over each anchor's. `epsilon` is added to the share inside the log and caps the gradient of hopeless
    rows.
    """

    temperature: float
    similarity: Literal["cosine", "dot"] = "cosine"
    several: Literal["out", "in"] = "out"
    epsilon: float = 0.0


@dataclass(frozen=True)
class Contrast:
    """One task: anchors against a pool, raw vectors. `anchor_node_B` and `pool.node_N` are graph ids."""

    anchor_BD: Tensor
    anchor_node_B: Tensor
    pool: Pool
    positives: Positives
    form: Form
    weight: float

    def detached(self) -> Contrast:
        """The same without a way back into the backbone: what a policy may see."""
        partner_ND = self.pool.partner_ND
        pool = replace(
            self.pool,
            candidate_ND=self.pool.candidate_ND.detach(),
            partner_ND=None if partner_ND is None else partner_ND.detach(),
        )
        return replace(self, anchor_BD=self.anchor_BD.detach(), pool=pool)

    def cosine(self) -> Tensor:
        """Cosine of each anchor and candidate, [B, N] in [-1, 1], also where the loss takes dot products."""
        return normalize(self.anchor_BD, dim=-1) @ normalize(self.pool.candidate_ND, dim=-1).T


def contrast_loss(
    contrast: Contrast, *, negative_BN: Tensor | None = None, temperature_B: Tensor | None = None
) -> Tensor:
    """Returns the loss of one task under a selection; a scalar. Not yet multiplied by the task's weight.

    The loss is -log share(a, p), averaged over pairs or anchors, with
    share(a, p) = e^{s(a,p) / tau_a} / Z_a and
    Z_a = sum of e^{(s(a,n) + a . partner_n) / tau_a} over a's positives and the chosen negatives n.

    `negative_BN`: bool, the chosen candidates; None chooses all. Positives always stand in the denominator, a
    forbidden candidate never. `temperature_B`: above 0; None takes the task's own. With both None this is the
    backbone's published loss. Any similarity keeps it finite: no exponential is taken outside a log-sum-exp.
    """
    form = contrast.form
    anchor_BD, candidate_ND = contrast.anchor_BD, contrast.pool.candidate_ND
    if form.similarity == "cosine":
        anchor_BD, candidate_ND = normalize(anchor_BD, dim=-1), normalize(candidate_ND, dim=-1)
    # the temperature divides the anchors, not the similarities: B x D numbers instead of B x N
    anchor_BD = anchor_BD / (form.temperature if temperature_B is None else temperature_B[:, None])

    anchor_P, candidate_P = contrast.positives.anchor_P, contrast.positives.candidate_P
    positive_P = (embedding(anchor_P, anchor_BD) * embedding(candidate_P, candidate_ND)).sum(dim=-1)
    partner_ND = contrast.pool.partner_ND
    key_ND = candidate_ND if partner_ND is None else candidate_ND + partner_ND
    logit_BN = _masked(anchor_BD @ key_ND.T, contrast, negative_BN)
    log_share_P = positive_P - torch.logsumexp(logit_BN, dim=1).index_select(0, anchor_P)

    if form.several == "in":
        log_share_P = _log_mean(log_share_P, anchor_P, len(anchor_BD))
    if form.epsilon > 0:
        floor = log_share_P.new_full((), math.log(form.epsilon))
        log_share_P = torch.logaddexp(log_share_P, floor)
    return -log_share_P.mean()


def _masked(logit_BN: Tensor, contrast: Contrast, negative_BN: Tensor | None) -> Tensor:
    forbidden_BN = contrast.pool.forbidden_BN
    if negative_BN is None and forbidden_BN is None:
        return logit_BN
    out_BN = torch.zeros_like(logit_BN, dtype=torch.bool) if negative_BN is None else ~negative_BN
    if forbidden_BN is not None:
        out_BN = out_BN | forbidden_BN
    positive_BN = torch.zeros_like(out_BN)
    positive_BN[contrast.positives.anchor_P, contrast.positives.candidate_P] = True
    return logit_BN.masked_fill(out_BN & ~positive_BN, -math.inf)


def _log_mean(log_share_P: Tensor, anchor_P: Tensor, num_anchors: int) -> Tensor:
    """Log of the mean share of each anchor's positives, [P] -> [B]."""
    peak_B = log_share_P.new_full((num_anchors,), -math.inf)
    peak_B = peak_B.scatter_reduce(0, anchor_P, log_share_P.detach(), "amax")
    scaled_P = torch.exp(log_share_P - peak_B.index_select(0, anchor_P))
    sum_B = torch.zeros_like(peak_B).index_add(0, anchor_P, scaled_P)
    count_B = torch.bincount(anchor_P, minlength=num_anchors)
    return peak_B + torch.log(sum_B / count_B)
