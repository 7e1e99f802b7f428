"""Masked interests, made again from the nodes around them. Shapes: types.py; M counts masked interests."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, linear

from lghrec_compute.graph import propagate

_ENCODER_LAYERS, _DECODER_LAYERS = 2, 1


class Masked(NamedTuple):
    """Places of the masked interests [M] among all, and of those whose rows the last of them get instead."""

    place_M: Tensor
    replacement_R: Tensor


class Reconstruction(nn.Module):
    """mean over the masked t of (1 - cos(r_t, e_t))^power (CIKG, 2025, after GraphMAE, Hou et al. 2022).

    Their ego rows give way to a token that is learnt, or, for a share `replace_rate` of them, to another
    interest's row; then r = g(W f(e)) with f two layers' mean on the whole graph, W a matrix, and g one
    layer's mean in which the masked rows are zero. As released, e_t is not detached.
    """

    def __init__(self, adjacency: Tensor, num_interests: int, dim: int, *, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.adjacency = adjacency
        self.first, self.num_interests = adjacency.shape[0] - num_interests, num_interests
        self.token_D = nn.Parameter(torch.zeros(dim))
        self.weight_DD = nn.Parameter(nn.init.xavier_uniform_(torch.empty(dim, dim), generator=generator))

    def draw(self, rate: float, replace_rate: float) -> Masked:
        """Masks a share `rate` of the interests, one at least, by the device's random numbers."""
        count = max(1, int(rate * self.num_interests))
        place_T = torch.randperm(self.num_interests, device=self.token_D.device)
        other_T = torch.randperm(self.num_interests, device=self.token_D.device)
        return Masked(place_T[:count], other_T[: int(replace_rate * count)])

    def forward(self, all_WD: Tensor, masked: Masked, power: float) -> Tensor:
        """The loss for all ego rows [W, D], interests last; a scalar in [0, 2^power]."""
        place_M = masked.place_M + self.first
        num_tokens = len(place_M) - len(masked.replacement_R)
        other_RD = all_WD.index_select(0, masked.replacement_R + self.first)
        hidden_MD = torch.cat([self.token_D.expand(num_tokens, -1), other_RD])
        code_WD = propagate(all_WD.index_copy(0, place_M, hidden_MD), self.adjacency, _ENCODER_LAYERS)
        code_WD = linear(code_WD, self.weight_DD).index_fill(0, place_M, 0.0)
        made_MD = propagate(code_WD, self.adjacency, _DECODER_LAYERS).index_select(0, place_M)
        cosine_M = cosine_similarity(made_MD, all_WD.index_select(0, place_M))
        return (1 - cosine_M).clamp(min=0).pow(power).mean()  # rounding may leave it below 0
