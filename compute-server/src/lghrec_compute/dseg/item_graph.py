"""A graph of items that read alike, under any fusion. Shapes: I items, D embedding, C semantic id.

Items with few interactions take part of their vector from those of the same topic, as with item-item graphs
of frozen features (LATTICE, Zhang et al. 2021; FREEDOM, Zhou and Shen 2023). Here it stands before any
propagation, so that every backbone has it.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from lghrec_compute.dseg.neighbors import MAX_ITEMS, nearest_blocks
from lghrec_compute.errors import ConfigError, Violation
from lghrec_compute.graph.adjacency import symmetric_csr
from lghrec_compute.graph.propagate import propagate
from lghrec_compute.types import Bools, Floats


class WithNeighbors(nn.Module):
    """e_i + w sum over j of S_ij e_j, with e the rows that `fusion` gives and S a normalised item graph.

    S is a buffer and in no checkpoint: it follows from the semantic ids.
    """

    graph_II: Tensor

    def __init__(self, fusion: nn.Module, graph_II: Tensor, *, weight: float) -> None:
        """`graph_II`: symmetric sparse CSR; it is scaled by `weight` in place."""
        super().__init__()
        self.fusion = fusion
        graph_II.values().mul_(weight)
        self.register_buffer("graph_II", graph_II, persistent=False)

    def forward(self, id_ID: Tensor) -> Tensor:
        """Fused item rows and their neighbours', [I, D]."""
        return propagate(self.fusion(id_ID), self.graph_II, 1, reduce="sum")


def item_graph(semantic_IC: Floats, mask_I: Bools, *, num: int) -> Tensor:
    """D^-1/2 B D^-1/2 with B_ij = 1 where either item is among the other's `num` nearest by cosine, [I, I].

    An item without text has no neighbour. Raises `ConfigError` above `MAX_ITEMS` items: the search compares
    all pairs.
    """
    if len(semantic_IC) > MAX_ITEMS:
        wrong = f"too many items to find neighbours of: got {len(semantic_IC)}, expected at most {MAX_ITEMS}"
        raise ConfigError(wrong, violations=(Violation("fusion.neighbors", wrong),), hint="leave it at 0")
    num_items = len(semantic_IC)
    pairs = [np.zeros(0, dtype=np.int64)]
    for rows_B, others, _ in nearest_blocks(semantic_IC, mask_I, num=num):
        row, column = np.repeat(rows_B, others.shape[1]), others.ravel()
        pairs += [row * num_items + column, column * num_items + row]
    row_E, column_E = np.divmod(np.unique(np.concatenate(pairs)), num_items)
    return symmetric_csr(row_E, column_E, num_items, device="cpu", dtype=torch.float32)
