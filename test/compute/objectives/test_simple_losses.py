from __future__ import annotations

import math

import pytest
import torch

from lghrec_compute.objectives import bpr_loss, squared_norm


def test_bpr_is_the_mean_softplus_of_the_score_difference():
    user_BD = torch.tensor([[1.0, 2.0], [0.0, 1.0]])
    positive_BD = torch.tensor([[1.0, 1.0], [5.0, 0.0]])  # scores 3 and 0
    negative_BD = torch.tensor([[0.0, 1.0], [0.0, 2.0]])  # scores 2 and 2
    expected = (math.log(1 + math.exp(2 - 3)) + math.log(1 + math.exp(2 - 0))) / 2
    assert bpr_loss(user_BD, positive_BD, negative_BD).item() == pytest.approx(expected, rel=1e-6)


def test_bpr_stays_exact_and_keeps_its_gradient_far_from_zero():
    user_BD = torch.tensor([[1000.0]], requires_grad=True)
    loss = bpr_loss(user_BD, torch.tensor([[0.0]]), torch.tensor([[1.0]]))
    loss.backward()
    assert loss.item() == 1000.0  # softplus(1000)
    assert user_BD.grad is not None
    assert user_BD.grad.item() == 1.0


def test_squared_norm_is_half_the_mean_over_the_batch():
    # (1 + 4 + 9 + 16) + (25 + 0 + 0 + 1) = 56, two rows a table: 56 / 4
    assert (
        squared_norm(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 0.0], [0.0, 1.0]])).item()
        == 14.0
    )
