"""Piecewise linear functions over [-1, 1], one for each anchor.

Shapes: R anchors, N candidates, J knots, spread evenly over [-1, 1].
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

NUM_KNOTS = 21
"""One knot per 0.1 of cosine."""


class KnotIndex(NamedTuple):
    """Position of each cosine between the knots.

    `lower_RN` is the index of the knot below. `fraction_RN`, in [0, 1), is the distance from that knot as a
    share of the interval.
    """

    lower_RN: Tensor
    fraction_RN: Tensor


def knot_index(cosine_RN: Tensor) -> KnotIndex:
    """Locate the cosines once for all functions that are evaluated at them.

    The cosines are finite and, except for rounding, within [-1, 1].
    """
    position_RN = torch.add(cosine_RN, 1).mul_((NUM_KNOTS - 1) / 2)
    # long() rounds towards 0: a cosine just below -1 by rounding belongs to the first knot
    return KnotIndex(position_RN.long(), position_RN.frac_())


def interpolate(knot_value_RJ: Tensor, index: KnotIndex) -> Tensor:
    """Return the value of each anchor's function at its cosines, [R, N], from the values at the knots."""
    value_RN = _Interpolate.apply(knot_value_RJ, *index)
    assert isinstance(value_RN, Tensor)
    return value_RN


class _Interpolate(torch.autograd.Function):
    """Two gathers per pair forward, two sums over knots backward: half the time of `grid_sample`."""

    @staticmethod
    def forward(ctx: Any, knot_value_RJ: Tensor, lower_RN: Tensor, fraction_RN: Tensor) -> Tensor:
        """Return value at the lower knot + fraction * (value at the next knot - value at the lower knot)."""
        ctx.save_for_backward(lower_RN, fraction_RN)
        # the last knot has no next knot; its step stays 0
        step_RJ = torch.zeros_like(knot_value_RJ)
        torch.sub(knot_value_RJ[:, 1:], knot_value_RJ[:, :-1], out=step_RJ[:, :-1])
        value_RN = knot_value_RJ.gather(1, lower_RN)
        return value_RN.addcmul_(fraction_RN, step_RJ.gather(1, lower_RN))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        """Split the gradient of each pair between its two knots."""
        lower_RN, fraction_RN = ctx.saved_tensors
        (grad_RN,) = grads
        knot_grad_RJ = grad_RN.new_zeros(len(grad_RN), NUM_KNOTS)
        upper_RJ = torch.zeros_like(knot_grad_RJ).scatter_add_(1, lower_RN, grad_RN * fraction_RN)
        knot_grad_RJ.scatter_add_(1, lower_RN, grad_RN)
        knot_grad_RJ[:, :-1] -= upper_RJ[:, :-1]
        knot_grad_RJ[:, 1:] += upper_RJ[:, :-1]
        return knot_grad_RJ, None, None
