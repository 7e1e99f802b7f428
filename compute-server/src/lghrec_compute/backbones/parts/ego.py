"""The ego table, where semantic ids enter: one row a node before any propagation. Shapes: types.py."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class EgoTable(nn.Module):
    """Id embeddings of users and items.

    An optional `fusion` maps the item rows to fused ones, [I, D] -> [I, D], and holds the frozen semantic ids
    itself. Rows start Xavier-uniform, users and items apart, from `seed` alone: the same on every device, and
    the same with and without fusion.
    """

    def __init__(
        self, num_users: int, num_items: int, dim: int, *, seed: int, fusion: nn.Module | None = None
    ) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        user_UD = nn.init.xavier_uniform_(torch.empty(num_users, dim), generator=generator)
        item_ID = nn.init.xavier_uniform_(torch.empty(num_items, dim), generator=generator)
        self.num_users = num_users
        self.node_VD = nn.Parameter(
            torch.cat([user_UD, item_ID])
        )  # one parameter: no copy a step to join two
        self.fusion = fusion

    def forward(self) -> Tensor:
        """All ego rows, users first, [V, D]."""
        if self.fusion is None:
            return self.node_VD
        user_UD, item_ID = self.node_VD[: self.num_users], self.node_VD[self.num_users :]
        return torch.cat([user_UD, self.fusion(item_ID)])
