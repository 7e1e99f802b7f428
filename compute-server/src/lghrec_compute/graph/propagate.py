"""Graph convolution without weights: the mean or the sum over layers.

Shapes: D embedding size, V nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from lghrec_compute.graph.product import product

Reduce = Literal["mean", "sum"]


def propagate(
    nodes_VD: Tensor,
    adjacency: Tensor,
    num_layers: int,
    *,
    keep_layer_zero: bool = True,
    reduce: Reduce = "mean",
) -> Tensor:
    """Return the mean (or sum) over l = 0..L of A^l E, or over l = 1..L without layer zero. [V, D] -> [V, D].

    `adjacency` is A, symmetric sparse CSR [V, V]. Source: LightGCN (He et al. 2020), eqs 3 and 4.
    """
    assert num_layers >= 1 or keep_layer_zero, "no layer is left"
    if num_layers == 0:
        return nodes_VD
    scale = layer_scale(num_layers, keep_layer_zero=keep_layer_zero, reduce=reduce)
    result = _SymmetricPolynomial.apply(nodes_VD, adjacency, num_layers, keep_layer_zero, scale)
    assert isinstance(result, Tensor)
    return result


def layer_scale(num_layers: int, *, keep_layer_zero: bool, reduce: Reduce) -> float:
    """Return the factor of the sum over layers."""
    count = num_layers + 1 if keep_layer_zero else num_layers
    return 1.0 / count if reduce == "mean" else 1.0


def propagate_through(
    nodes_VD: Tensor,
    adjacencies: Sequence[Tensor],
    *,
    transposed: Sequence[Tensor] | None = None,
    reduce: Reduce = "mean",
) -> Tensor:
    """Return the mean (or sum) of E, A_1 E, A_2 A_1 E, ..., with another graph in each layer. [V, D] -> [V,
    D].

    `transposed` are the transposes of the A_l. None means that all are symmetric.
    """
    if not adjacencies:
        return nodes_VD
    scale = layer_scale(len(adjacencies), keep_layer_zero=True, reduce=reduce)
    back = adjacencies if transposed is None else transposed
    result = _Path.apply(nodes_VD, tuple(adjacencies), tuple(back), scale, False)
    assert isinstance(result, Tensor)
    return result


class _SymmetricPolynomial(torch.autograd.Function):
    """y = p(A) E with A = A^T, so the gradient is p(A) G, the same sparse products.

    Only A is saved. PyTorch's own backward pass of a sparse product would build A^T in each layer of each
    step.
    """

    @staticmethod
    def forward(ctx: Any, nodes_VD: Tensor, *polynomial: Any) -> Tensor:
        ctx.polynomial = polynomial
        return _horner(nodes_VD, *polynomial)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        (gradient_VD,) = grad_outputs
        # `apply` and not `_horner`, so that a second derivative exists
        result = _SymmetricPolynomial.apply(gradient_VD.contiguous(), *ctx.polynomial)
        return result, None, None, None, None


class _Path(torch.autograd.Function):
    """y = s (1 + A_1 + A_2 A_1 + ...) E. The gradient is nested: s (G + B_1 (G + B_2 (G + ...))), B_l =
    A_l^T."""

    @staticmethod
    def forward(
        ctx: Any, nodes_VD: Tensor, there: tuple[Tensor, ...], back: tuple[Tensor, ...], *how: Any
    ) -> Tensor:
        ctx.path = (there, back)
        ctx.scale, ctx.nested = how
        return (_nested if ctx.nested else _summed)(nodes_VD, there, ctx.scale)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        (gradient_VD,) = grad_outputs
        there, back = ctx.path
        result = _Path.apply(gradient_VD.contiguous(), back, there, ctx.scale, not ctx.nested)
        return result, None, None, None, None


def _horner(
    nodes_VD: Tensor, adjacency: Tensor, num_layers: int, keep_layer_zero: bool, scale: float
) -> Tensor:
    """Compute E + A (E + A (E + ...)), which stores no layers."""
    sum_VD = nodes_VD
    for _ in range(num_layers - 1):
        sum_VD = product(adjacency, sum_VD).add_(nodes_VD)
    sum_VD = product(adjacency, sum_VD)
    if keep_layer_zero:
        sum_VD += nodes_VD
    return sum_VD.mul_(scale)


def _nested(nodes_VD: Tensor, adjacencies: tuple[Tensor, ...], scale: float) -> Tensor:
    sum_VD = nodes_VD
    for adjacency in reversed(adjacencies):
        sum_VD = product(adjacency, sum_VD).add_(nodes_VD)
    return sum_VD.mul_(scale)


def _summed(nodes_VD: Tensor, adjacencies: tuple[Tensor, ...], scale: float) -> Tensor:
    layer_VD, sum_VD = nodes_VD, nodes_VD.clone()
    for adjacency in adjacencies:
        layer_VD = product(adjacency, layer_VD)
        sum_VD += layer_VD
    return sum_VD.mul_(scale)
