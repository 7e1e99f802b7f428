"""The ego table: the embedding of each node before graph convolution.

Shapes: D embedding size, I items, U users, V nodes (users, then items).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class EgoTable(nn.Module):
    """Id embeddings of users and items, optionally fused with the semantic ids of the items.

    `fusion` maps the id embeddings of the items to fused embeddings, [I, D] -> [I, D], and contains the
    frozen semantic ids. The embeddings start Xavier-uniform, for users and items separately. They depend on
    `seed` only, so they are equal on every device, and equal with and without fusion.
    """

    def __init__(
        self, num_users: int, num_items: int, dim: int, *, seed: int, fusion: nn.Module | None = None
    ) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        user_UD = nn.init.xavier_uniform_(torch.empty(num_users, dim), generator=generator)
        item_ID = nn.init.xavier_uniform_(torch.empty(num_items, dim), generator=generator)
        self.num_users = num_users
        # one parameter for both types: two would be copied into one table at each step
        self.node_VD = nn.Parameter(torch.cat([user_UD, item_ID]))
        self.fusion = fusion

    def forward(self) -> Tensor:
        """Return the embeddings of all nodes, users first, [V, D]."""
        if self.fusion is None:
            return self.node_VD
        user_UD, item_ID = self.node_VD[: self.num_users], self.node_VD[self.num_users :]
        return torch.cat([user_UD, self.fusion(item_ID)])
