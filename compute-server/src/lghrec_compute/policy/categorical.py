"""The categorical distribution over a pool, in as few passes as it takes. Shapes: types.py; R anchors."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from lghrec_compute.policy.select import tile_rows

_NEVER = 1e9
"""Taken from the logit of a forbidden candidate. Finite: 0 times it is 0, forwards and backwards."""


class Categorical(NamedTuple):
    """Of the candidates of each anchor: log-probabilities of some, entropy in nats (eq 12), mean reward."""

    chosen_RM: Tensor
    entropy_R: Tensor
    expected_R: Tensor


def log_probabilities(logit_RN: Tensor, forbidden_RN: Tensor | None) -> Tensor:
    """Log of the categorical over the allowed candidates, [R, N]; -1e9 or so at the forbidden ones.

    A row without an allowed candidate is uniform.
    """
    if forbidden_RN is not None:
        logit_RN = torch.add(logit_RN, forbidden_RN.view(torch.uint8), alpha=-_NEVER)
    return torch.log_softmax(logit_RN, dim=1)


def categorical(
    logit_RN: Tensor, forbidden_RN: Tensor | None, *, reward_RN: Tensor, index_RM: Tensor
) -> Categorical:
    """Reads off the softmax of the logits what the objective needs; has gradients to the logits only."""
    return Categorical(*_Categorical.apply(logit_RN, forbidden_RN, reward_RN, index_RM))  # pyright: ignore


class _Categorical(torch.autograd.Function):
    """Closed-form gradient, tile by tile: a third of the time of one autograd operation after the other."""

    @staticmethod
    def forward(
        ctx: Any, logit_RN: Tensor, forbidden_RN: Tensor | None, reward_RN: Tensor, index_RM: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Log-probabilities at the places, entropy and mean reward."""
        log_RN = torch.empty_like(logit_RN)
        entropy_R, expected_R = logit_RN.new_empty(len(logit_RN)), logit_RN.new_empty(len(logit_RN))
        for rows in _tiles(logit_RN):
            forbidden = None if forbidden_RN is None else forbidden_RN[rows]
            log_RN[rows] = log_probabilities(logit_RN[rows], forbidden)
            share = log_RN[rows].exp()
            entropy_R[rows] = -(share * log_RN[rows]).sum(dim=1)
            expected_R[rows] = share.mul_(reward_RN[rows]).sum(dim=1)
        ctx.save_for_backward(log_RN, reward_RN, index_RM, entropy_R, expected_R)
        return log_RN.gather(1, index_RM), entropy_R, expected_R

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        """d logit_n = p_n (gE (r_n - E) - gH (log p_n + H) - sum of gC) + gC at the places."""
        log_RN, reward_RN, index_RM, entropy_R, expected_R = ctx.saved_tensors
        chosen_RM, by_entropy_R, by_expected_R = grads
        rest_R = by_expected_R * expected_R + by_entropy_R * entropy_R + chosen_RM.sum(dim=1)
        grad_RN = torch.empty_like(log_RN)
        for rows in _tiles(log_RN):
            grad = grad_RN[rows]
            torch.mul(reward_RN[rows], by_expected_R[rows, None], out=grad)
            grad.addcmul_(log_RN[rows], by_entropy_R[rows, None], value=-1)
            grad.sub_(rest_R[rows, None]).mul_(log_RN[rows].exp())
            grad.scatter_add_(1, index_RM[rows], chosen_RM[rows])
        return grad_RN, None, None, None


def _tiles(matrix_RN: Tensor) -> list[slice]:
    size = tile_rows(matrix_RN.shape[1], matrix_RN.device)
    return [slice(first, first + size) for first in range(0, len(matrix_RN), size)]
