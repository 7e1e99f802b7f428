"""How semantic ids enter a model: concatenated with the id embeddings, then one linear layer.

Shapes: I items, D embedding, C semantic id.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn


class ConcatLinear(nn.Module):
    """e_i = W [e_id ; e_CoT] + b (paper, section 2.1); users stay id-only.

    At the start the id part of W is the identity, b is 0, and the semantic part adds to each item as much
    spread as its id embedding has: the frozen text neither drowns the ids nor is drowned. For that the
    semantic columns are standardised once, over the items with text. An item without text (`mask_I` False)
    has a semantic part of zero. The paper states no initialisation; this one is ours.

    The semantic ids are a buffer: no gradient reaches them, and no checkpoint holds them, as their artifact
    does.
    """

    semantic_IC: Tensor

    def __init__(
        self, semantic_IC: Tensor, mask_I: Tensor, *, dim: int, seed: int, id_std: float | None = None
    ) -> None:
        """`id_std`: standard deviation of the id embeddings at the start; None: Xavier-uniform [I, D]."""
        super().__init__()
        num_items, num_columns = semantic_IC.shape
        standard_IC = standardised(semantic_IC.float(), mask_I)
        self.register_buffer("semantic_IC", standard_IC, persistent=False)
        self.dim = dim
        self.linear = nn.Linear(dim + num_columns, dim)
        id_std = id_std if id_std is not None else math.sqrt(2 / (num_items + dim))
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            weight_DC = torch.randn(dim, num_columns, generator=generator)
            spread = (standard_IC[mask_I] @ weight_DC.T).std().item() if bool(mask_I.any()) else 0.0
            if spread > 0:
                weight_DC *= id_std / spread
            self.linear.weight.copy_(torch.cat([torch.eye(dim), weight_DC], dim=1))
            self.linear.bias.zero_()

    def forward(self, id_ID: Tensor) -> Tensor:
        """Fused item rows, [I, D]. Two products, not a concatenation: no [I, D + C] copy at each step."""
        weight_id, weight_semantic = self.linear.weight.split([self.dim, self.semantic_IC.shape[1]], dim=1)
        return torch.addmm(self.linear.bias, id_ID, weight_id.T) + self.semantic_IC @ weight_semantic.T

    def parameter_group(self, learning_rate: float) -> dict[str, Any]:
        """Its own group for an optimizer: W is shared by all items and moves each of them at every step."""
        return {"params": list(self.parameters()), "lr": learning_rate}


def standardised(semantic_IC: Tensor, mask_I: Tensor) -> Tensor:
    """Columns of mean 0 and variance 1 over items with text, or 0 if constant; other items' rows are zero."""
    fused_IC = torch.zeros_like(semantic_IC)
    if bool(mask_I.any()):
        text_IC = semantic_IC[mask_I]
        centred_IC = text_IC - text_IC.mean(dim=0)
        std_C = centred_IC.square().mean(dim=0).sqrt()
        fused_IC[mask_I] = torch.where(std_C > 1e-6, centred_IC / std_C.clamp_min(1e-6), 0.0)
    return fused_IC
