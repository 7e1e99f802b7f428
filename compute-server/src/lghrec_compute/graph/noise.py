"""Graph convolution with noise in each layer.

Shapes: D embedding size, V nodes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lghrec_compute.graph.product import product
from lghrec_compute.graph.propagate import layer_scale


def propagate_noisily(
    nodes_VD: Tensor,
    adjacency: Tensor,
    num_layers: int,
    *,
    noise: float,
    keep_layer_zero: bool = True,
    clean_VD: Tensor,
) -> Tensor:
    """Return the mean over layers of h_l = A h_(l-1) + noise x sign(A h_(l-1)) * r / |r|, with h_0 = E.

    r is uniform in [0, 1)^D and is drawn for each node and layer with the random numbers of the device
    (SimGCL, Yu et al. 2022). `clean_VD` is the result of `propagate` for the same layers. The noise adds a
    constant to it, so it receives the gradient, and one backward pass serves it and all its noisy views. [V,
    D] -> [V, D].
    """
    with torch.no_grad():
        layer_VD = nodes_VD
        sum_VD = nodes_VD.clone() if keep_layer_zero else torch.zeros_like(nodes_VD)
        for _ in range(num_layers):
            layer_VD = product(adjacency, layer_VD)
            if noise > 0:
                layer_VD += _towards_sign(layer_VD, noise)
            sum_VD += layer_VD
        sum_VD *= layer_scale(num_layers, keep_layer_zero=keep_layer_zero, reduce="mean")
    result = _InPlaceOf.apply(clean_VD, sum_VD)
    assert isinstance(result, Tensor)
    return result


def _towards_sign(layer_VD: Tensor, length: float) -> Tensor:
    """Return a random vector of `length` for each row, in the orthant of the row; zero for a zero row."""
    random_VD = _uniform_like(layer_VD)
    random_VD *= length / random_VD.norm(dim=1, keepdim=True)
    return random_VD.mul_(layer_VD.sign())


def _uniform_like(like: Tensor) -> Tensor:
    """Return numbers that are uniform over 0.5, 1.5, ..., 65535.5, for a caller that scales them.

    Each draw of 64 bits gives four numbers, because drawing is most of the cost of a noisy layer.
    """
    draws = torch.empty((like.numel() + 3) // 4, dtype=torch.int64, device=like.device)
    bits = draws.random_(-(2**63), None).view(torch.int16)[: like.numel()].view(like.shape)
    return bits.to(like.dtype).add_(2**15 + 0.5)


class _InPlaceOf(torch.autograd.Function):
    """Return the second argument with the gradient of the first; the two differ by a constant."""

    @staticmethod
    def forward(ctx: Any, like_VD: Tensor, value_VD: Tensor) -> Tensor:  # noqa: ARG004
        return value_VD

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:  # noqa: ARG004
        return grad_outputs[0], None
