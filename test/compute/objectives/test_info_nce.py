"""`info_nce` compared with loops in plain Python, and properties that a comparison does not show."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from lghrec_compute.objectives import Contrast, Form, Pool, Positives, info_nce

B, N, D = 5, 8, 3


def task(form: Form, *, partner=False, excluded=False, single=False, scale=1.0, seed=0) -> Contrast:
    random = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=random, dtype=torch.float64) * scale

    anchors = range(B) if single else [0, 0, 1, 2, 2, 2, 3, 4]  # ragged: 2, 1, 3, 1, 1 positives
    pool = Pool(
        normal(N, D),
        torch.arange(N),
        partner_ND=normal(N, D) if partner else None,
        excluded_BN=torch.rand(B, N, generator=random) < 0.3 if excluded else None,
    )
    candidates = torch.randperm(N, generator=random)[: len(anchors)]
    return Contrast(
        normal(B, D), torch.arange(B), pool, Positives(torch.tensor(list(anchors)), candidates), form, 1.0
    )


def twin(contrast: Contrast, negative_BN=None, temperature_B=None) -> float:
    """Compute the formula of p(a, p) with loops."""
    form, pool = contrast.form, contrast.pool
    anchors, candidates = contrast.anchor_BD.numpy(), pool.candidate_ND.numpy()
    if form.similarity == "cosine":
        anchors = anchors / np.linalg.norm(anchors, axis=1, keepdims=True)
        candidates = candidates / np.linalg.norm(candidates, axis=1, keepdims=True)
    pairs = list(zip(contrast.positives.row_P.tolist(), contrast.positives.candidate_P.tolist(), strict=True))
    shares: dict[int, list[float]] = {}
    for a, p in pairs:
        tau = form.temperature if temperature_B is None else temperature_B[a].item()
        total = 0.0
        for n in range(N):
            is_positive = (a, n) in pairs
            chosen = negative_BN is None or bool(negative_BN[a, n])
            allowed = pool.excluded_BN is None or not bool(pool.excluded_BN[a, n])
            if is_positive or (chosen and allowed):
                extra = 0.0 if pool.partner_ND is None else float(anchors[a] @ pool.partner_ND[n].numpy())
                total += math.exp((float(anchors[a] @ candidates[n]) + extra) / tau)
        shares.setdefault(a, []).append(math.exp(float(anchors[a] @ candidates[p]) / tau) / total)
    if form.positive_reduction == "mean_log":
        logs = [math.log(share + form.epsilon) for of_anchor in shares.values() for share in of_anchor]
    else:
        logs = [math.log(sum(of_anchor) / len(of_anchor) + form.epsilon) for of_anchor in shares.values()]
    return -sum(logs) / len(logs)


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
@pytest.mark.parametrize("positive_reduction", ["mean_log", "log_mean"])
@pytest.mark.parametrize("epsilon", [0.0, 0.05])
@pytest.mark.parametrize("partner", [False, True])
@pytest.mark.parametrize("selected", [False, True])
def test_loss_equals_its_twin(similarity, positive_reduction, epsilon, partner, selected):
    contrast = task(Form(0.4, similarity, positive_reduction, epsilon), partner=partner, excluded=selected)
    random = torch.Generator().manual_seed(1)
    negative_BN = torch.rand(B, N, generator=random) < 0.5 if selected else None
    temperature_B = 0.2 + torch.rand(B, generator=random, dtype=torch.float64) if selected else None
    loss = info_nce(contrast, negative_BN=negative_BN, temperature_B=temperature_B).item()
    assert loss == pytest.approx(twin(contrast, negative_BN, temperature_B), rel=1e-10)


def test_selecting_everything_at_the_native_temperature_is_the_native_loss():
    contrast = task(Form(0.3), partner=True)
    everything = info_nce(
        contrast,
        negative_BN=torch.ones(B, N, dtype=torch.bool),
        temperature_B=torch.full((B,), 0.3, dtype=torch.float64),
    )
    torch.testing.assert_close(everything, info_nce(contrast), rtol=1e-12, atol=0)


def test_selecting_nothing_leaves_the_positives_alone():
    # with one positive and no negative the probability is 1, and its logarithm 0
    contrast = task(Form(0.3), single=True)
    assert info_nce(contrast, negative_BN=torch.zeros(B, N, dtype=torch.bool)).item() == pytest.approx(
        0, abs=1e-12
    )


@pytest.mark.parametrize("positive_reduction", ["mean_log", "log_mean"])
def test_order_of_the_candidates_does_not_matter(positive_reduction):
    contrast = task(Form(0.3, positive_reduction=positive_reduction), partner=True, excluded=True)
    order_N = torch.tensor([3, 1, 7, 0, 2, 6, 5, 4])
    pool = contrast.pool
    assert pool.partner_ND is not None
    assert pool.excluded_BN is not None
    vectors = (pool.candidate_ND[order_N], pool.node_N[order_N], pool.partner_ND[order_N])
    candidate_P = torch.argsort(order_N)[contrast.positives.candidate_P]
    turned = replace(
        contrast,
        pool=Pool(*vectors, pool.excluded_BN[:, order_N]),
        positives=Positives(contrast.positives.row_P, candidate_P),
    )
    torch.testing.assert_close(info_nce(turned), info_nce(contrast), rtol=1e-12, atol=0)


@pytest.mark.parametrize("positive_reduction", ["mean_log", "log_mean"])
@pytest.mark.parametrize("epsilon", [0.0, 1e-5])
def test_gradients_are_finite_at_similarities_of_a_thousand_temperatures(positive_reduction, epsilon):
    contrast = task(
        Form(1e-3, "dot", positive_reduction, epsilon), partner=True
    )  # dot products of order 1, over 1e-3
    leaf = contrast.anchor_BD.float().requires_grad_()
    pool = replace(contrast.pool, candidate_ND=contrast.pool.candidate_ND.float(), partner_ND=None)
    loss = info_nce(replace(contrast, anchor_BD=leaf, pool=pool))
    loss.backward()
    assert leaf.grad is not None
    assert torch.isfinite(loss)
    assert torch.isfinite(leaf.grad).all()


def test_excluded_candidates_get_no_gradient():
    contrast = task(Form(0.3), single=True)
    candidate_ND = contrast.pool.candidate_ND.clone().requires_grad_()
    excluded_BN = torch.zeros(B, N, dtype=torch.bool)
    unused = [n for n in range(N) if n not in contrast.positives.candidate_P.tolist()]
    excluded_BN[:, unused[0]] = True
    pool = replace(contrast.pool, candidate_ND=candidate_ND, excluded_BN=excluded_BN)
    info_nce(replace(contrast, pool=pool)).backward()
    assert candidate_ND.grad is not None
    assert candidate_ND.grad[unused[0]].abs().sum() == 0
    assert (candidate_ND.grad[unused[1]].abs() > 0).all()


def test_one_anchor_with_two_positives_equals_two_rows_of_it():
    # LightCCF relies on this when it keeps each user once
    merged = task(Form(0.28, epsilon=1e-5), partner=True)
    rows_P = merged.positives.row_P
    spread = replace(
        merged,
        anchor_BD=merged.anchor_BD[rows_P],
        anchor_node_B=rows_P,
        positives=Positives(torch.arange(len(rows_P)), merged.positives.candidate_P),
    )
    torch.testing.assert_close(info_nce(merged), info_nce(spread), rtol=1e-12, atol=0)


def test_detached_task_has_no_way_back_and_cosines_in_range():
    contrast = task(Form(0.3), partner=True)
    leaf = contrast.anchor_BD.clone().requires_grad_()
    seen = replace(contrast, anchor_BD=leaf * 2).detached()
    assert not seen.anchor_BD.requires_grad
    cosine_BN = seen.cosine()
    assert not cosine_BN.requires_grad
    expected = (
        leaf[1] @ contrast.pool.candidate_ND[2] / (leaf[1].norm() * contrast.pool.candidate_ND[2].norm())
    )
    torch.testing.assert_close(cosine_BN[1, 2], expected.detach())
    assert cosine_BN.abs().max() <= 1 + 1e-12


def test_gradient_equals_finite_differences():
    contrast = task(Form(0.5, positive_reduction="log_mean", epsilon=0.01), partner=True, excluded=True)

    def loss(anchor_BD, candidate_ND):
        pool = replace(contrast.pool, candidate_ND=candidate_ND)
        return info_nce(replace(contrast, anchor_BD=anchor_BD, pool=pool))

    leaves = (contrast.anchor_BD.requires_grad_(), contrast.pool.candidate_ND.requires_grad_())
    assert torch.autograd.gradcheck(loss, leaves)
