"""InfoNCE (van den Oord et al. 2018) of a contrast task, in all the forms that the backbones use.

This module and `pooled` compute all exponentials of similarities.

Shapes: B anchors, D embedding size, N candidates, P positive pairs, Q rows of the loss, X group vectors.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn.functional import normalize

from lghrec_compute.objectives.gather import embedding
from lghrec_compute.objectives.pooled import TermWeights, log_kernel, pooled_logsumexp
from lghrec_compute.objectives.tasks import Contrast, LossRows, PositiveGroup


def info_nce(
    contrast: Contrast,
    *,
    negative_BN: Tensor | None = None,
    temperature_B: Tensor | None = None,
    log_weight_BN: Tensor | None = None,
    cosine_BN: Tensor | None = None,
) -> Tensor:
    """Return the loss of one task with the negatives and temperatures of a policy, a scalar.

    The result is not multiplied by the task's weight. With s the similarity, t_a the temperature and n the
    negatives of anchor a, the loss is the mean over pairs, or over anchors, of

        -log p(a, p) = -log(k(s(a,p)) / Z_a),  k(s) = e^{s/t_a}
        Z_a = sum over a's positives p of k(s(a,p)) + sum over n of w_an k(s(a,n) + a . partner_n)

    `Form` lists the variants. `negative_BN` is bool; None means all candidates that are not excluded.
    `log_weight_BN` is log w and broadcasts to [B, N]; None means w = 1. The positives are always part of the
    denominator, and excluded candidates never. `temperature_B` is above 0; None means the task's temperature.
    With all three None this is the published loss of the backbone. Any similarity gives a finite loss,
    because exponentials are computed inside a log-sum-exp only.

    `cosine_BN` are the cosines of anchors and candidates, if they are known and the task `takes_cosines`. The
    matrix is overwritten.
    """
    if negative_BN is not None or temperature_B is not None or log_weight_BN is not None:
        contrast = _unshared(contrast)
    form = contrast.form
    row_QD, candidate_ND = _rows(contrast), contrast.pool.candidate_ND
    if form.similarity == "cosine":
        row_QD, candidate_ND = normalize(row_QD, dim=-1), normalize(candidate_ND, dim=-1)
    inverse_Q = _inverse_temperature(contrast, temperature_B, row_QD)

    partner_ND = contrast.pool.partner_ND
    key_ND = candidate_ND if partner_ND is None else candidate_ND + partner_ND
    terms = _term_weights(contrast, negative_BN, log_weight_BN)
    log_total_Q = pooled_logsumexp(
        row_QD, key_ND, inverse_Q, kernel=form.kernel, terms=terms, similarity_QN=cosine_BN
    )

    if contrast.positives.group is not None:
        log_prob_P = _group_log_prob(contrast, contrast.positives.group, row_QD, inverse_Q, log_total_Q)
    else:
        similarity_P, log_total_Q = _positives(contrast, row_QD, candidate_ND, inverse_Q, log_total_Q)
        log_prob_P = _log_prob(contrast, similarity_P, inverse_Q, log_total_Q)
        if form.positive_reduction == "log_mean":
            log_prob_P = _log_mean(log_prob_P, _anchor_of_pair(contrast), len(contrast.anchor_BD))
    if form.epsilon > 0:
        log_prob_P = torch.logaddexp(log_prob_P, log_prob_P.new_full((), math.log(form.epsilon)))
    return -log_prob_P.mean()


def _rows(contrast: Contrast) -> Tensor:
    return contrast.anchor_BD if contrast.loss_rows is None else contrast.loss_rows.vector_QD


def _unshared(contrast: Contrast) -> Contrast:
    """Return the task with one row per pair if anchors share rows: a policy acts on each anchor
    separately."""
    loss_rows, positives = contrast.loss_rows, contrast.positives
    if loss_rows is None or loss_rows.anchor_Q is not None:
        return contrast
    own = LossRows(embedding(positives.row_P, loss_rows.vector_QD), positives.anchor_P)
    row_P = torch.arange(len(positives.row_P), device=positives.row_P.device)
    return replace(contrast, loss_rows=own, positives=replace(positives, row_P=row_P))


def _inverse_temperature(contrast: Contrast, temperature_B: Tensor | None, row_QD: Tensor) -> Tensor:
    if temperature_B is None:
        return row_QD.new_full((len(row_QD),), 1.0 / contrast.form.temperature)
    inverse_B = temperature_B.reciprocal().to(row_QD.dtype)
    owner_Q = _owner(contrast)
    return inverse_B if owner_Q is None else inverse_B.index_select(0, owner_Q)


def _owner(contrast: Contrast) -> Tensor | None:
    """Return the anchor of each row, or None if the rows are the anchors, or are shared by them."""
    return None if contrast.loss_rows is None else contrast.loss_rows.anchor_Q


def _term_weights(
    contrast: Contrast, negative_BN: Tensor | None, log_weight_BN: Tensor | None
) -> TermWeights:
    """Return the terms of the denominator: selected candidates that are not excluded, and all positives."""
    allowed_BN = _allowed(negative_BN, contrast.pool.excluded_BN)
    index_P = contrast.positives.candidate_P
    if index_P is not None and contrast.positives.group is None:
        # copies: the tensors of the policy must not change
        if allowed_BN is not None:
            allowed_BN = allowed_BN.index_put((_anchor_of_pair(contrast), index_P), allowed_BN.new_ones(()))
        if log_weight_BN is not None:
            full_BN = log_weight_BN.expand(len(contrast.anchor_BD), len(contrast.pool.candidate_ND))
            zero = log_weight_BN.new_zeros(())
            log_weight_BN = full_BN.contiguous().index_put((_anchor_of_pair(contrast), index_P), zero)
    if contrast.pool.weight_N is not None:
        log_count_1N = torch.log(contrast.pool.weight_N)[None]
        log_weight_BN = log_count_1N if log_weight_BN is None else log_weight_BN + log_count_1N
    return TermWeights(allowed_BN, log_weight_BN, _owner(contrast))


def _allowed(negative_BN: Tensor | None, excluded_BN: Tensor | None) -> Tensor | None:
    if excluded_BN is None:
        return negative_BN
    return ~excluded_BN if negative_BN is None else negative_BN & ~excluded_BN


def _positives(
    contrast: Contrast, row_QD: Tensor, candidate_ND: Tensor, inverse_Q: Tensor, log_total_Q: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the similarity of each positive pair [P], and the denominators with the positives in them."""
    positives = contrast.positives
    row_PD = embedding(positives.row_P, row_QD)
    if positives.candidate_P is not None:
        return (row_PD * embedding(positives.candidate_P, candidate_ND)).sum(dim=-1), log_total_Q
    assert positives.vector_PD is not None
    vector_PD = positives.vector_PD
    if contrast.form.similarity == "cosine":
        vector_PD = normalize(vector_PD, dim=-1)
    similarity_P = (row_PD * vector_PD).sum(dim=-1)
    paired_P = similarity_P
    if positives.partner_PD is not None:
        paired_P = similarity_P + (row_PD * positives.partner_PD).sum(dim=-1)
    logit_P = log_kernel(paired_P, inverse_Q.index_select(0, positives.row_P), contrast.form.kernel)
    own_Q = _log_sum(logit_P, positives.row_P, len(row_QD))
    return similarity_P, torch.logaddexp(log_total_Q, own_Q)


def _log_prob(contrast: Contrast, similarity_P: Tensor, inverse_Q: Tensor, log_total_Q: Tensor) -> Tensor:
    form, row_P = contrast.form, contrast.positives.row_P
    logit_P = log_kernel(similarity_P, inverse_Q.index_select(0, row_P), form.kernel)
    if form.positive_clamp is not None:
        # with the task's own temperature: that of a policy would move the bound
        own_P = similarity_P / form.temperature
        inside_P = own_P.detach().abs() <= form.positive_clamp
        bound_P = own_P.detach().clamp(-form.positive_clamp, form.positive_clamp)
        logit_P = torch.where(inside_P, logit_P, bound_P)
    if form.denominator == "per_anchor":
        return logit_P - log_total_Q.index_select(0, row_P)
    if contrast.anchor_weight_B is not None:
        log_total_Q = log_total_Q + torch.log(contrast.anchor_weight_B)
    count = len(contrast.anchor_BD) * len(contrast.pool.candidate_ND)
    return logit_P - (torch.logsumexp(log_total_Q, dim=0) - math.log(count))


def _anchor_of_pair(contrast: Contrast) -> Tensor:
    if contrast.positives.anchor_P is not None:
        return contrast.positives.anchor_P
    row_P, owner_Q = contrast.positives.row_P, _owner(contrast)
    return row_P if owner_Q is None else owner_Q.index_select(0, row_P)


def _group_log_prob(
    contrast: Contrast, group: PositiveGroup, row_BD: Tensor, inverse_B: Tensor, log_total_B: Tensor
) -> Tensor:
    """Return the log of the mean probability of each anchor's group, [B], without a list of pairs."""
    assert contrast.form.positive_reduction == "log_mean", "a group has a log_mean"
    vector_XD = group.vector_XD
    if contrast.form.similarity == "cosine":
        vector_XD = normalize(vector_XD, dim=-1)
    terms, kernel = TermWeights(group.member_BX), contrast.form.kernel
    log_own_B = pooled_logsumexp(row_BD, vector_XD, inverse_B, kernel=kernel, terms=terms)
    log_count_B = torch.log(group.member_BX.sum(dim=1, dtype=log_own_B.dtype))
    return log_own_B - torch.logaddexp(log_total_B, log_own_B) - log_count_B


def _log_sum(value_P: Tensor, row_P: Tensor, num_rows: int) -> Tensor:
    """Return log of the sum of e^value over the pairs of each row, [P] -> [Q]; -inf for a row without
    pairs."""
    peak_Q = value_P.new_full((num_rows,), -math.inf).scatter_reduce(0, row_P, value_P.detach(), "amax")
    scaled_P = torch.exp(value_P - peak_Q.index_select(0, row_P))
    sum_Q = torch.zeros_like(peak_Q).index_add(0, row_P, scaled_P)
    return peak_Q + torch.log(sum_Q)


def _log_mean(log_prob_P: Tensor, anchor_P: Tensor, num_anchors: int) -> Tensor:
    """Return the log of the mean probability of each anchor's positives, [P] -> [B]."""
    count_B = torch.zeros_like(log_prob_P[:1]).expand(num_anchors).clone()
    count_B = count_B.index_add(0, anchor_P, torch.ones_like(log_prob_P))
    return _log_sum(log_prob_P, anchor_P, num_anchors) - torch.log(count_B)
