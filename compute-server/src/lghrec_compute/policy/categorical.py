"""The categorical distribution over a pool, in as few passes as it takes. Shapes: types.py; R anchors."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from lghrec_compute.policy.select import fill, tiles

_NEVER = 1e9
"""Logit of a forbidden candidate. Finite: 0 times it is 0, forwards and backwards."""


class Categorical(NamedTuple):
    """Of the candidates of each anchor: log-probabilities of some, entropy in nats (eq 12), mean reward."""

    chosen_RM: Tensor
    entropy_R: Tensor
    expected_R: Tensor


def log_probabilities(logit_RN: Tensor, forbidden_RN: Tensor | None) -> Tensor:
    """Log of the categorical over the allowed candidates, [R, N]; -1e9 or so at the forbidden ones.

    A row without an allowed candidate is uniform. Carries no gradient.
    """
    return torch.log_softmax(_allowed(logit_RN.detach(), forbidden_RN), dim=1)


def categorical(
    logit_RN: Tensor, forbidden_RN: Tensor | None, *, reward_RN: Tensor, index_RM: Tensor
) -> Categorical:
    """Reads off the softmax of the logits what the objective needs; has gradients to the logits only.

    What it says of a row without an allowed candidate is finite and means nothing.
    """
    return Categorical(*_Categorical.apply(logit_RN, forbidden_RN, reward_RN, index_RM))  # pyright: ignore


class _Categorical(torch.autograd.Function):
    """Closed-form gradient, tile by tile: less than a third of the time of one operation after the other.

    Logarithms of shares are x - log sum e^x and never a matrix; the sum is known from the largest x and its
    share, which is at least 1 / N.
    """

    @staticmethod
    def forward(
        ctx: Any, logit_RN: Tensor, forbidden_RN: Tensor | None, reward_RN: Tensor, index_RM: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Log-probabilities at the places, entropy and mean reward."""
        share_RN, logit_RN = torch.empty_like(logit_RN), _allowed(logit_RN, forbidden_RN)
        mean_R, expected_R = (logit_RN.new_empty(len(logit_RN)) for _ in range(2))
        for rows in _tiles(logit_RN):
            share = torch.softmax(logit_RN[rows], dim=1, out=share_RN[rows])
            mean_R[rows] = _dot(share, logit_RN[rows])
            expected_R[rows] = _dot(share, reward_RN[rows])
        log_total_R = logit_RN.amax(dim=1) - share_RN.amax(dim=1).log()
        ctx.save_for_backward(logit_RN, share_RN, reward_RN, index_RM, mean_R, expected_R)
        return logit_RN.gather(1, index_RM) - log_total_R[:, None], log_total_R - mean_R, expected_R

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        """d x_n = p_n (gE (r_n - E) - gH (x_n - mean of x) - sum of gC) + gC at the places."""
        logit_RN, share_RN, reward_RN, index_RM, mean_R, expected_R = ctx.saved_tensors
        chosen_RM, by_entropy_R, by_expected_R = grads
        rest_R = by_expected_R * expected_R - by_entropy_R * mean_R + chosen_RM.sum(dim=1)
        grad_RN = torch.empty_like(logit_RN)
        for rows in _tiles(logit_RN):
            grad = grad_RN[rows]
            torch.mul(reward_RN[rows], by_expected_R[rows, None], out=grad)
            grad.addcmul_(logit_RN[rows], by_entropy_R[rows, None], value=-1)
            grad.sub_(rest_R[rows, None]).mul_(share_RN[rows])
            grad.scatter_add_(1, index_RM[rows], chosen_RM[rows])
        return grad_RN, None, None, None


def _allowed(logit_RN: Tensor, forbidden_RN: Tensor | None) -> Tensor:
    return logit_RN if forbidden_RN is None else fill(logit_RN.detach().clone(), forbidden_RN, -_NEVER)


def _dot(left_RN: Tensor, right_RN: Tensor) -> Tensor:
    """Product of each row with the other's, [R]; without a matrix of products in between."""
    return torch.bmm(left_RN[:, None], right_RN[:, :, None]).view(-1)


def _tiles(matrix_RN: Tensor) -> list[slice]:
    num_rows, num_candidates = matrix_RN.shape
    return tiles(num_rows, num_candidates, matrix_RN.device)
