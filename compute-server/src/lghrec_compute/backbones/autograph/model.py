"""AutoGraph. Shapes: types.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor, nn

from lghrec_compute.backbones.autograph.latent_codes import interactions, latent_codes
from lghrec_compute.backbones.autograph.metapath import Metapath
from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.parts.inputs import Inputs, StepContext
from lghrec_compute.backbones.parts.views import ViewPair, view_contrasts
from lghrec_compute.objectives import Contrast, Form
from lghrec_compute.objectives.gather import embedding
from lghrec_compute.objectives.sampled_softmax import sampled_softmax_loss

_ROWS = 4096
"""Of a batch, for the estimate of memory."""


class AutoGraph(Backbone):
    """Graph attention over users, items and latent codes of their texts (AutoGraph, 2024), for all-ranking.

    z = W [e + g], e and g side by side, g the metapath output (`Metapath`) and W one matrix a type. The loss
    is the cross-entropy of an item among `num_negatives` uniform others of train, or BPR. Beside it stands
    the structural contrast of LGHRec (eqs 56-58): e of each node of the batch, g of all nodes of its type.

    Codes are residual k-means codes, `codebooks` levels, of the items' semantic ids, and of the users' mean
    over their train items; without semantic ids, of the interactions' singular vectors (`latent_codes`).
    Other than the original: no autoencoder before k-means, one ego and one code table a type for both
    metapaths instead of two, all neighbours instead of 15, no text of users; and an interaction stays in its
    own metapath.
    """

    def __init__(
        self,
        inputs: Inputs,
        *,
        codebooks: int,
        codes: int | None,
        heads: int,
        dropout: float,
        ranking_loss: Literal["softmax", "bpr"],
        num_negatives: int,
        temperature: float,
        contrast_weight: float,
    ) -> None:
        super().__init__(inputs)
        self.dropout = dropout
        self.num_negatives = num_negatives if ranking_loss == "softmax" else 0
        self.form, self.contrast_weight = Form(temperature), contrast_weight
        dim, seed = inputs.ego.node_VD.shape[1], inputs.seed
        self.edges = interactions(inputs.graph)
        # three attentions and the joined rows with their gradients; scores of edges, and two rows of one
        # head; sampled items of a large batch
        num_numbers = inputs.graph.num_edges * (10 * heads + 2 * -(-dim // heads))
        num_numbers += 4 * _ROWS * self.num_negatives * dim
        self.step_tables = 26 + num_numbers // (inputs.graph.num_nodes * dim)
        both = latent_codes(inputs, self.edges[0], num_levels=codebooks, num_codes=codes)
        self.users, self.items = (
            Metapath(code_NH, num_codes, dim, heads=heads, seed=seed + place)
            for place, (code_NH, num_codes) in enumerate(both, 1)
        )
        generator = torch.Generator().manual_seed(seed + 3)
        # X counts an ego row and a metapath output side by side
        joins_DX = [nn.init.xavier_uniform_(torch.empty(dim, 2 * dim), generator=generator) for _ in range(2)]
        self.user_join_DX, self.item_join_DX = map(nn.Parameter, joins_DX)

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Ego rows joined with the metapath output, without dropout."""
        return self._join(ego_VD, self._paths(ego_VD, 0.0))

    def encode_training(self, ego_VD: Tensor) -> Tensor:
        """The same with dropout; the step's contrasts read the metapath output."""
        self.path_VD = self._paths(ego_VD, self.dropout)
        return self._join(ego_VD, self.path_VD)

    def structural_view(self, context: StepContext) -> Tensor:  # noqa: ARG002
        """The metapath output."""
        return self.path_VD

    def contrasts(self, context: StepContext) -> tuple[Contrast, ...]:
        """Users and items, ego row against metapath output."""
        pair = ViewPair(context.ego_VD, self.path_VD, self.form, self.contrast_weight, "all")
        return view_contrasts(self.graph, context, pair)

    def losses(self, context: StepContext, step: Step) -> Step:
        """Puts the cross-entropy in BPR's place."""
        if self.num_negatives == 0:
            return step
        negative_BMD = embedding(self._others(context.ids.positive), context.nodes_VD)
        loss = sampled_softmax_loss(context.rows.user, context.rows.positive, negative_BMD)
        return replace(step, ranking=None, extra={"ranking": loss})

    def _others(self, positive_B: Tensor) -> Tensor:
        """Negatives [B, M], uniform over all items of train but the positive one."""
        first, warm_N = self.graph.num_users, self.graph.warm_items
        index_B = positive_B - first if warm_N is None else torch.searchsorted(warm_N, positive_B)
        num_others = (self.graph.num_items if warm_N is None else len(warm_N)) - 1
        shape = (len(positive_B), self.num_negatives)
        drawn_BM = torch.randint(num_others, shape, device=positive_B.device)
        drawn_BM += drawn_BM >= index_B[:, None]
        return drawn_BM + first if warm_N is None else warm_N[drawn_BM]

    def _paths(self, ego_VD: Tensor, rate: float) -> Tensor:
        user_UD, item_ID = ego_VD[: self.graph.num_users], ego_VD[self.graph.num_users :]
        user_UF, item_IF = self.users.latent(user_UD), self.items.latent(item_ID)
        from_items, from_users = self.edges
        user_path_UD = self.users(user_UF, item_IF, from_items, rate)
        return torch.cat([user_path_UD, self.items(item_IF, user_UF, from_users, rate)])

    def _join(self, ego_VD: Tensor, path_VD: Tensor) -> Tensor:
        both_VX = torch.cat([ego_VD, path_VD], dim=1)
        user_UX, item_IX = both_VX[: self.graph.num_users], both_VX[self.graph.num_users :]
        return torch.cat([user_UX @ self.user_join_DX.T, item_IX @ self.item_join_DX.T])
