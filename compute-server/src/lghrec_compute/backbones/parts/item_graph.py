"""A graph of items with similar texts, which extends any fusion.

The embedding of an item receives a part of the embeddings of items with similar semantic ids, so that items
with few interactions learn from others. Graphs between items from frozen features are known from LATTICE
(Zhang et al. 2021) and FREEDOM (Zhou and Shen 2023). Here the graph is applied before graph convolution, so
that every backbone can use it.

Shapes: D embedding size, I items.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lghrec_compute.graph import propagate
from lghrec_compute.graph.adjacency import symmetric_csr
from lghrec_compute.types import Ints


class WithNeighbors(nn.Module):
    """e_i + w sum over j of S_ij e_j, with e the output of `fusion`, w the weight and S = D^-1/2 B D^-1/2.

    B contains the edges, each given from both ends and sorted by row. S is not part of a checkpoint, because
    it can be computed from the semantic ids.
    """

    graph_II: Tensor

    def __init__(self, fusion: nn.Module, edges: tuple[Ints, Ints], *, num_items: int, weight: float) -> None:
        super().__init__()
        self.fusion = fusion
        graph_II = symmetric_csr(*edges, num_items, device="cpu", dtype=torch.float32)
        graph_II.values().mul_(weight)
        self.register_buffer("graph_II", graph_II, persistent=False)

    def forward(self, id_ID: Tensor) -> Tensor:
        """Return the fused embeddings of the items plus those of their neighbors, [I, D]."""
        return propagate(self.fusion(id_ID), self.graph_II, 1, reduce="sum")
