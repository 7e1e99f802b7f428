"""Positives as a mask, and rows that anchors share, compared with the same tasks as lists of pairs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from lghrec_compute.objectives import Contrast, Form, LossRows, Pool, PositiveGroup, Positives, info_nce

B, N, D = 4, 6, 3


def normal(seed, *shape):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=random, dtype=torch.float64)


def grouped(member_BN):
    """Return a task whose positives `member_BN` marks in the pool, as pairs and as a mask."""
    form = Form(0.4, positive_reduction="log_mean", epsilon=0.01)
    row_P, index_P = member_BN.nonzero().T
    pool = Pool(normal(1, N, D), torch.arange(N))
    pairs = Contrast(normal(0, B, D), torch.arange(B), pool, Positives(row_P, index_P), form, 1.0)
    group = PositiveGroup(pool.candidate_ND, member_BN)
    apart = replace(pool, excluded_BN=member_BN)
    return pairs, replace(pairs, pool=apart, positives=replace(pairs.positives, group=group))


MEMBERS = torch.tensor(
    [[1, 0, 0, 0, 0, 0], [1, 1, 0, 1, 0, 0], [1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1]], dtype=torch.bool
)


@pytest.mark.parametrize("acts", [False, True], ids=["native", "selected"])
def test_group_equals_its_pairs(acts):
    pairs, group = grouped(MEMBERS)
    action = {}
    if acts:
        random = torch.Generator().manual_seed(2)
        action = {
            "negative_BN": torch.rand(B, N, generator=random) < 0.5,
            "temperature_B": 0.2 + torch.rand(B, generator=random, dtype=torch.float64),
        }
    torch.testing.assert_close(info_nce(group, **action), info_nce(pairs, **action), rtol=1e-12, atol=0)


def test_gradient_of_a_group_is_that_of_its_pairs_also_where_nothing_is_left():
    # all candidates are positives of the third anchor, so its sum over negatives is empty
    gradients = []
    for task in grouped(MEMBERS):
        anchor_BD = task.anchor_BD.clone().requires_grad_()
        info_nce(replace(task, anchor_BD=anchor_BD)).backward()
        gradients.append(anchor_BD.grad)
    torch.testing.assert_close(*gradients, rtol=1e-12, atol=1e-15)


def shared(positive_reduction):
    """Return a task with three rows that four anchors share: each anchor has two of them as pairs."""
    form = Form(0.4, positive_reduction=positive_reduction)
    row_P, anchor_P = torch.tensor([0, 1, 2, 0, 2, 2, 1, 1]), torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])
    pool = Pool(normal(1, N, D), torch.arange(N), weight_N=torch.tensor([1.0, 2, 1, 3, 1, 1]).double())
    positives = Positives(row_P, anchor_P + 1, anchor_P=anchor_P)
    loss_rows = LossRows(normal(2, 3, D))
    return Contrast(normal(0, B, D), torch.arange(B), pool, positives, form, 1.0, loss_rows)


def owned(task):
    """Return the same task with one row per pair."""
    row_P, anchor_P = task.positives.row_P, task.positives.anchor_P
    positives = Positives(torch.arange(len(row_P)), task.positives.candidate_P)
    return replace(task, positives=positives, loss_rows=LossRows(task.loss_rows.vector_QD[row_P], anchor_P))


@pytest.mark.parametrize("positive_reduction", ["log_mean", "mean_log"])
@pytest.mark.parametrize("acts", [False, True], ids=["native", "selected"])
def test_rows_that_anchors_share_count_as_rows_of_their_own(positive_reduction, acts):
    task = shared(positive_reduction)
    action = {}
    if acts:
        random = torch.Generator().manual_seed(3)
        action = {
            "negative_BN": torch.rand(B, N, generator=random) < 0.5,
            "temperature_B": 0.2 + torch.rand(B, generator=random, dtype=torch.float64),
            "log_weight_BN": torch.rand(B, 1, generator=random, dtype=torch.float64),
        }
    torch.testing.assert_close(info_nce(task, **action), info_nce(owned(task), **action), rtol=1e-12, atol=0)


def test_main_positive_of_an_anchor_is_the_row_of_its_first_pair():
    task = shared("in")
    assert torch.equal(task.positive_BD(), task.loss_rows.vector_QD[[0, 1, 2, 0]])
    assert torch.equal(owned(task).positive_BD(), task.positive_BD())
    assert not task.detached().positive_BD().requires_grad
