"""An exact shortcut for semantic ids under linear encoders on large graphs.

A linear encoder f on a fixed graph is additive over the parts of the ego table:

f([P; Q W_q + C W_c + b]) = f([P; Q W_q]) + f([0; C]) W_c + f([0; 1]) b

with P and Q the id embeddings of users and items, C the frozen semantic ids, and W_q, W_c and b the weights
of the fusion. f([0; C]) is computed once per run. A step then multiplies only the rows of its batch by W_c,
and not all items, and the gradient of W_c reads only these rows.

Shapes: C size of a semantic id, D embedding size, I items, R rows, V nodes (users, then items).
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
    """A fusion that is the sum of a linear map of the id embeddings, one of the semantic ids, and a
    constant."""

    semantic_IC: Tensor

    def id_rows(self, id_ID: Tensor) -> Tensor:
        """Return the linear map of the id embeddings, [I, D]."""
        ...

    def text_rows(self, semantic_RC: Tensor, share_R1: Tensor) -> Tensor:
        """Return the sum of the two other terms for any rows, [R, D]; `share_R1` multiplies the constant."""
        ...


class RowSplit:
    """Adds the contribution of the semantic ids to selected rows.

    It stores f([0; C]), which has the shape [V, C] in fp32. With `identity` the encoder is the identity, and
    the semantic ids are read directly.
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
        """Return [P; Q W_q], [V, D], which the step propagates."""
        node_VD, num_users = self._ego.node_VD, self._ego.num_users
        return torch.cat([node_VD[:num_users], self._fusion.id_rows(node_VD[num_users:])])

    def final_rows(self, id_RD: Tensor, node_R: Tensor) -> Tensor:
        """Return the final embeddings of nodes, given their rows of the propagated id part."""
        if self._identity:
            return self.ego_rows(id_RD, node_R)
        text_RC, share_R1 = embedding(node_R, self._semantic_VC), embedding(node_R, self._share_V1)
        return id_RD + self._fusion.text_rows(text_RC, share_R1)

    def ego_rows(self, id_RD: Tensor, node_R: Tensor) -> Tensor:
        """Return the ego embeddings of nodes, given their rows of the id part. Users have the id part
        only."""
        item_R = node_R - self._ego.num_users
        share_R1 = (item_R >= 0).to(id_RD.dtype)[:, None]
        text_RC = embedding(item_R.clamp(min=0), self._fusion.semantic_IC) * share_R1
        return id_RD + self._fusion.text_rows(text_RC, share_R1)

    @torch.no_grad()
    def _propagated(self, item_IC: Tensor, encode: Callable[[Tensor], Tensor]) -> Tensor:
        """Return f([0; C]), computed D columns at a time to bound the memory of the encoder."""
        width = self._ego.node_VD.shape[1]
        zero = item_IC.new_zeros(self._ego.num_users, 1)
        parts = [
            encode(torch.cat([zero.expand(-1, columns.shape[1]), columns]))
            for columns in item_IC.split(width, 1)
        ]
        return torch.cat(parts, dim=1)
