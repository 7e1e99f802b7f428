"""A graph of items that read alike, under any fusion. Shapes: types.py.

Items with few interactions take part of their vector from those of the same topic, as with item-item graphs
of frozen features (LATTICE, Zhang et al. 2021; FREEDOM, Zhou and Shen 2023). Here it stands before any
propagation, so that every backbone has it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lghrec_compute.graph import propagate
from lghrec_compute.graph.adjacency import symmetric_csr
from lghrec_compute.types import Ints


class WithNeighbors(nn.Module):
    """e_i + w sum over j of S_ij e_j, with e the rows that `fusion` gives and S = D^-1/2 B D^-1/2.

    B has the edges, each given from both ends and sorted by row. S is a buffer and in no checkpoint: it
    follows from the semantic ids.
    """

    graph_II: Tensor

    def __init__(self, fusion: nn.Module, edges: tuple[Ints, Ints], *, num_items: int, weight: float) -> None:
        super().__init__()
        self.fusion = fusion
        graph_II = symmetric_csr(*edges, num_items, device="cpu", dtype=torch.float32)
        graph_II.values().mul_(weight)
        self.register_buffer("graph_II", graph_II, persistent=False)

    def forward(self, id_ID: Tensor) -> Tensor:
        """Fused item rows and their neighbours', [I, D]."""
        return propagate(self.fusion(id_ID), self.graph_II, 1, reduce="sum")
