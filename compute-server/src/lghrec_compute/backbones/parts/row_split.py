"""Semantic ids by rows: the exact short cut of linear encoders on large graphs. Shapes: types.py; R rows.

A linear encoder f on a fixed graph keeps sums apart,
f([P; Q W_q + C W_c + b]) = f([P; Q W_q]) + f([0; C]) W_c + f([0; 1]) b.
The frozen f([0; C]) is computed once a run; a step then multiplies the rows of its batch by W_c instead of
all items, and the gradient of W_c reads those rows alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from lghrec_compute.backbones.parts.ego import EgoTable
from lghrec_compute.objectives.gather import embedding


@runtime_checkable
class LinearFusion(Protocol):
    """A fusion that is a sum of a linear map of the id rows, one of the semantic ids, and a constant."""

    semantic_IC: Tensor

    def id_rows(self, id_ID: Tensor) -> Tensor:
        """The first part alone, [I, D]."""
        ...

    def text_rows(self, semantic_RC: Tensor, share_R1: Tensor) -> Tensor:
        """The other two of any rows, [R, D]: the constant counts `share_R1` times."""
        ...


class RowSplit:
    """Adds what the semantic ids contribute to chosen rows.

    Holds f([0; C]), [V, C] in fp32, as much memory as V / I semantic id tables; for an encoder that is the
    identity it reads the semantic ids themselves.
    """

    def __init__(self, ego: EgoTable, encode: Callable[[Tensor], Tensor], *, identity: bool) -> None:
        assert isinstance(ego.fusion, LinearFusion)
        self._ego, self._fusion, self._identity = ego, ego.fusion, identity
        semantic_IC = ego.fusion.semantic_IC
        self._semantic_VC = semantic_IC
        self._share_V1 = semantic_IC.new_ones(len(semantic_IC), 1)
        if not identity:
            self._semantic_VC = self._propagated(semantic_IC, encode)
            self._share_V1 = self._propagated(self._share_V1, encode)

    def id_part(self) -> Tensor:
        """[P; Q W_q], [V, D]: what the step propagates."""
        node_VD, num_users = self._ego.node_VD, self._ego.num_users
        return torch.cat([node_VD[:num_users], self._fusion.id_rows(node_VD[num_users:])])

    def final_rows(self, id_RD: Tensor, node_R: Tensor) -> Tensor:
        """Final embeddings of nodes, from their part of the propagated id table."""
        if self._identity:
            return self.ego_rows(id_RD, node_R)
        text_RC, share_R1 = embedding(node_R, self._semantic_VC), embedding(node_R, self._share_V1)
        return id_RD + self._fusion.text_rows(text_RC, share_R1)

    def ego_rows(self, id_RD: Tensor, node_R: Tensor) -> Tensor:
        """Ego rows of nodes, from their part of the id table; a user's is that part alone."""
        item_R = node_R - self._ego.num_users
        share_R1 = (item_R >= 0).to(id_RD.dtype)[:, None]
        text_RC = embedding(item_R.clamp(min=0), self._fusion.semantic_IC) * share_R1
        return id_RD + self._fusion.text_rows(text_RC, share_R1)

    @torch.no_grad()
    def _propagated(self, item_IC: Tensor, encode: Callable[[Tensor], Tensor]) -> Tensor:
        """f([0; C]), some columns at a time: an encoder's tables are as wide as its input."""
        width = self._ego.node_VD.shape[1]
        zero = item_IC.new_zeros(self._ego.num_users, 1)
        parts = [
            encode(torch.cat([zero.expand(-1, columns.shape[1]), columns]))
            for columns in item_IC.split(width, 1)
        ]
        return torch.cat(parts, dim=1)
