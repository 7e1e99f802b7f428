"""How semantic ids enter a backbone: concatenated with the id embeddings, or as a weighted sum with them.

Shapes: I items, D embedding, C semantic id, R any rows.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn


class Fusion(nn.Module):
    """Base class: contains the frozen semantic ids, and initialises W so that both parts have the same
    spread.

    The semantic columns are standardised once, over the items with text. W is initialised randomly, scaled so
    that its product has the standard deviation of the id embeddings; so neither part dominates the other. An
    item without text (`mask_I` False) has a semantic part of zero. The paper states no initialisation; this
    one is ours.

    The semantic ids are a buffer: they get no gradient, and checkpoints do not contain them, because their
    artifact does.
    """

    semantic_IC: Tensor

    def __init__(self, semantic_IC: Tensor, mask_I: Tensor, *, dim: int) -> None:
        super().__init__()
        self.register_buffer("semantic_IC", standardised(semantic_IC.float(), mask_I), persistent=False)
        self.dim = dim

    def parameter_group(self, learning_rate: float) -> dict[str, Any]:
        """Return a separate group for an optimizer: all items share W, so it moves each of them at every
        step."""
        return {"params": list(self.parameters()), "lr": learning_rate}

    def start_weight(self, mask_I: Tensor, *, seed: int, id_std: float | None) -> Tensor:
        """Return the initial W, [D, C]. If `id_std` is None, that of Xavier-uniform embeddings [I, D] is
        used."""
        num_items, num_columns = self.semantic_IC.shape
        id_std = id_std if id_std is not None else math.sqrt(2 / (num_items + self.dim))
        generator = torch.Generator().manual_seed(seed)
        weight_DC = torch.randn(self.dim, num_columns, generator=generator)
        spread = (self.semantic_IC[mask_I] @ weight_DC.T).std().item() if bool(mask_I.any()) else 0.0
        return weight_DC * (id_std / spread) if spread > 0 else weight_DC


class ConcatLinear(Fusion):
    """e_i = W [e_id ; e_CoT] + b (paper, section 2.1). Users have id embeddings only.

    The id part of W is initialised as the identity, and b as 0.
    """

    def __init__(
        self, semantic_IC: Tensor, mask_I: Tensor, *, dim: int, seed: int, id_std: float | None = None
    ) -> None:
        """Create the layer.

        `id_std` is the initial standard deviation of the id embeddings; None means that of Xavier-uniform [I,
        D].
        """
        super().__init__(semantic_IC, mask_I, dim=dim)
        self.linear = nn.Linear(dim + self.semantic_IC.shape[1], dim)
        weight_DC = self.start_weight(mask_I, seed=seed, id_std=id_std)
        with torch.no_grad():
            self.linear.weight.copy_(torch.cat([torch.eye(dim), weight_DC], dim=1))
            self.linear.bias.zero_()

    def forward(self, id_ID: Tensor) -> Tensor:
        """Return the fused item rows, [I, D]. Two products avoid a copy of [I, D + C] at each step."""
        weight_id, weight_semantic = self._weights()
        return torch.addmm(self.linear.bias, id_ID, weight_id.T) + self.semantic_IC @ weight_semantic.T

    def id_rows(self, id_ID: Tensor) -> Tensor:
        """Return the contribution of the id embeddings alone, [I, D]."""
        return id_ID @ self._weights()[0].T

    def text_rows(self, semantic_RC: Tensor, share_R1: Tensor) -> Tensor:
        """Return the contribution of semantic ids to any rows, [R, D]. b is multiplied by `share_R1`."""
        return torch.addmm(share_R1 * self.linear.bias, semantic_RC, self._weights()[1].T)

    def _weights(self) -> tuple[Tensor, Tensor]:
        weight_id, weight_semantic = self.linear.weight.split([self.dim, self.semantic_IC.shape[1]], dim=1)
        return weight_id, weight_semantic


class WeightedSum(Fusion):
    """e_i = a e_id + (1 - a) (W e_CoT + b), with a = sigmoid(s), where s is learned and starts at 0.

    A variant of the paper's Table 2, which gives no details; this form is ours. An item without text keeps
    its whole id embedding, as in a mean over the available parts. b is initialised as 0.
    """

    text_I1: Tensor

    def __init__(
        self, semantic_IC: Tensor, mask_I: Tensor, *, dim: int, seed: int, id_std: float | None = None
    ) -> None:
        """Create the layer. `id_std` is as in `ConcatLinear`."""
        super().__init__(semantic_IC, mask_I, dim=dim)
        self.register_buffer("text_I1", mask_I.float()[:, None], persistent=False)
        self.linear = nn.Linear(self.semantic_IC.shape[1], dim)
        self.balance = nn.Parameter(torch.zeros(()))
        with torch.no_grad():
            self.linear.weight.copy_(self.start_weight(mask_I, seed=seed, id_std=id_std))
            self.linear.bias.zero_()

    def forward(self, id_ID: Tensor) -> Tensor:
        """Return the fused item rows, [I, D]."""
        text_weight_I1 = (1 - torch.sigmoid(self.balance)) * self.text_I1
        return torch.lerp(id_ID, self.linear(self.semantic_IC), text_weight_I1)


FUSIONS: dict[str, type[ConcatLinear] | type[WeightedSum]] = {
    "concat_linear": ConcatLinear,
    "weighted_sum": WeightedSum,
}
"""Fusions by the name that a spec uses."""


def standardised(semantic_IC: Tensor, mask_I: Tensor) -> Tensor:
    """Return columns of mean 0 and variance 1 over items with text, or 0 if constant. Other items' rows are
    zero."""
    fused_IC = torch.zeros_like(semantic_IC)
    if bool(mask_I.any()):
        text_IC = semantic_IC[mask_I]
        centred_IC = text_IC - text_IC.mean(dim=0)
        std_C = centred_IC.square().mean(dim=0).sqrt()
        fused_IC[mask_I] = torch.where(std_C > 1e-6, centred_IC / std_C.clamp_min(1e-6), 0.0)
    return fused_IC
