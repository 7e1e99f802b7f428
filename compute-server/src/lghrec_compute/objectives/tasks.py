"""Contrast tasks: what a backbone yields and a policy answers. Shapes: types.py.

P counts (query, candidate) pairs that are positive; Q counts the rows of the loss, which are the anchors
themselves in nearly all tasks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from torch import Tensor
from torch.nn.functional import normalize

from lghrec_compute.objectives.gather import embedding
from lghrec_compute.objectives.pooled import Kernel, keeps_table


@dataclass(frozen=True)
class Pool:
    """Candidates that all anchors of a task share; `node_N` are their ids in the graph.

    `partner_ND` is added to the unit candidates in the denominator only: a candidate is then a pair of nodes
    with similarity cos(a, candidate) + a . partner (LightCCF). `excluded_BN` is True where a candidate is
    never a negative. `weight_N`, above 0: how often a candidate counts (SCCF).
    """

    candidate_ND: Tensor
    node_N: Tensor
    partner_ND: Tensor | None = None
    excluded_BN: Tensor | None = None
    weight_N: Tensor | None = None


@dataclass(frozen=True)
class PositiveGroup:
    """Positives as a mask over raw vectors, for a task with very many (VGCL); `member_BX`: bool, some a row.

    They are in the denominator beside the pool, where they must be forbidden.
    """

    vector_XD: Tensor
    member_BX: Tensor


@dataclass(frozen=True)
class Positives:
    """Positive pairs; a row of the loss has at least one.

    `row_P` points into the rows of the loss. The other end is a place in the pool, `candidate_P`, or, for
    positives that are no candidates, a raw vector, `vector_PD`: exactly one of the two is given. Where a
    policy may act, pair b is the main positive of anchor b. `partner_PD` is for `vector_PD` what a pool's
    partners are for its candidates. `anchor_P`: the anchor of each pair where rows are not an anchor's own.
    `group`, of a task whose rows are its anchors, takes the place of all pairs in the loss.
    """

    row_P: Tensor
    candidate_P: Tensor | None = None
    vector_PD: Tensor | None = None
    partner_PD: Tensor | None = None
    anchor_P: Tensor | None = None
    group: PositiveGroup | None = None


@dataclass(frozen=True)
class LossRows:
    """Rows of the loss that are not the anchors (NESCL): raw vectors, and the anchor each belongs to.

    `anchor_Q` None: anchors share them, and `Positives.anchor_P` says which pair is whose. A row has then one
    denominator for all, until a policy gives anchors their own.
    """

    vector_QD: Tensor
    anchor_Q: Tensor | None = None


@dataclass(frozen=True)
class Form:
    """Which of the published losses. `temperature` is the backbone's own, above 0.

    `positive_reduction`: how the positives of one anchor count,
    `mean_log` as mean of logs over all pairs, `log_mean` as log of the
    mean over each anchor's. `log`: the denominator of each row, or one `global` denominator, the weighted
    mean over all anchors and candidates (SCCF). `epsilon` is added to the share inside the log and caps the
    gradient of hopeless rows. `positive_clamp` c holds s(a,p) / temperature in [-c, c] (LightGCL).
    """

    temperature: float
    similarity: Literal["cosine", "dot"] = "cosine"
    positive_reduction: Literal["mean_log", "log_mean"] = "mean_log"
    epsilon: float = 0.0
    kernel: Kernel = "exp"
    denominator: Literal["per_anchor", "global"] = "per_anchor"
    positive_clamp: float | None = None


@dataclass(frozen=True)
class Contrast:
    """One task: anchors against a pool, raw vectors. `anchor_node_B` and `pool.node_N` are graph ids.

    `queries` None: the anchors are the rows of the loss. `follows`: place, among the step's tasks, of the one
    whose negatives and temperatures this one takes over, scaled by the ratio of their own temperatures.
    `anchor_weight_B`: how often an anchor counts in a global denominator.
    """

    anchor_BD: Tensor
    anchor_node_B: Tensor
    pool: Pool
    positives: Positives
    form: Form
    weight: float
    loss_rows: LossRows | None = None
    follows: int | None = None
    anchor_weight_B: Tensor | None = None

    @property
    def temperature(self) -> float:
        """The backbone's own."""
        return self.form.temperature

    @property
    def excluded_BN(self) -> Tensor | None:
        """True where a candidate is never a negative."""
        return self.pool.excluded_BN

    @property
    def takes_cosines(self) -> bool:
        """Whether the loss can go on from all cosines of anchors and candidates."""
        if self.form.similarity != "cosine" or self.loss_rows is not None or self.pool.partner_ND is not None:
            return False
        return keeps_table(self.anchor_BD, self.pool.candidate_ND, self.form.kernel)

    def detached(self) -> Contrast:
        """The same without a way back into the backbone: what a policy may see."""
        pool, positives, loss_rows = self.pool, self.positives, self.loss_rows
        pool = replace(pool, candidate_ND=pool.candidate_ND.detach(), partner_ND=_detached(pool.partner_ND))
        positives = replace(
            positives,
            vector_PD=_detached(positives.vector_PD),
            partner_PD=_detached(positives.partner_PD),
            group=None,  # in no policy's state
        )
        if loss_rows is not None:
            loss_rows = replace(loss_rows, vector_QD=loss_rows.vector_QD.detach())
        return replace(
            self, anchor_BD=self.anchor_BD.detach(), pool=pool, positives=positives, loss_rows=loss_rows
        )

    def positive_BD(self) -> Tensor:
        """The main positive of each anchor, a raw vector; where the rows are positives, the one of pair b."""
        num_anchors = len(self.anchor_BD)
        if self.loss_rows is not None:
            return embedding(self.positives.row_P[:num_anchors], self.loss_rows.vector_QD)
        if self.positives.vector_PD is not None:
            return self.positives.vector_PD[:num_anchors]
        assert self.positives.candidate_P is not None
        return embedding(self.positives.candidate_P[:num_anchors], self.pool.candidate_ND)

    def cosine(self) -> Tensor:
        """Cosine of each anchor and candidate, [B, N] in [-1, 1], also where the loss takes dot products."""
        return normalize(self.anchor_BD, dim=-1) @ normalize(self.pool.candidate_ND, dim=-1).T

    def positive_cosine(self) -> Tensor:
        """Cosine of each anchor's main positive and candidate, [B, N] in [-1, 1]."""
        return normalize(self.positive_BD(), dim=-1) @ normalize(self.pool.candidate_ND, dim=-1).T


def _detached(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else tensor.detach()
