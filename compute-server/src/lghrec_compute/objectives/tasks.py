"""Contrast tasks: a backbone returns them, and a policy selects negatives and temperatures for them.

All vectors are raw embeddings; the loss normalizes them if it uses the cosine. The rows of the loss are the
anchors in nearly all tasks.

Shapes: B anchors, D embedding size, N candidates, P positive pairs, Q rows of the loss, X group vectors.
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
    """Candidates that all anchors of a task share. `node_N` are their node ids in the graph.

    `partner_ND` is added to the unit vectors of the candidates, in the denominator only. A candidate is then
    a pair of nodes with the similarity cos(a, candidate) + a . partner (LightCCF). `excluded_BN` is True if a
    candidate is never a negative of the anchor; None excludes nothing. `weight_N`, above 0, is the number of
    times that a candidate counts (SCCF); None means once.
    """

    candidate_ND: Tensor
    node_N: Tensor
    partner_ND: Tensor | None = None
    excluded_BN: Tensor | None = None
    weight_N: Tensor | None = None


@dataclass(frozen=True)
class PositiveGroup:
    """Positives as a mask over vectors, for a task with very many positives (VGCL).

    `member_BX` is bool, and each anchor has at least one member. The members are added to the denominator, so
    the pool must exclude them.
    """

    vector_XD: Tensor
    member_BX: Tensor


@dataclass(frozen=True)
class Positives:
    """Positive pairs. Each row of the loss has at least one.

    One end of a pair is the row `row_P` of the loss. The other end is either the index `candidate_P` of a
    candidate, or the vector `vector_PD` of a node that is no candidate. If a policy can act on the task, pair
    b is the main positive of anchor b. `partner_PD` has the same meaning for `vector_PD` as the partners of
    the pool for its candidates. `anchor_P` is the anchor of each pair, if anchors share rows of the loss.
    `group` replaces all pairs in the loss of a task whose rows are its anchors.
    """

    row_P: Tensor
    candidate_P: Tensor | None = None
    vector_PD: Tensor | None = None
    partner_PD: Tensor | None = None
    anchor_P: Tensor | None = None
    group: PositiveGroup | None = None


@dataclass(frozen=True)
class LossRows:
    """Rows of the loss that are not the anchors (NESCL), and the anchor that each row belongs to.

    `anchor_Q` None means that anchors share the rows, and `Positives.anchor_P` assigns the pairs to anchors.
    A row then has one denominator for all its anchors, until a policy gives each anchor its own negatives.
    """

    vector_QD: Tensor
    anchor_Q: Tensor | None = None


@dataclass(frozen=True)
class Form:
    """Form of the published loss.

    `temperature`: temperature of the backbone, above 0. `similarity`: cosine, or dot product (LightGCL).
    `positive_reduction`: `mean_log` is the mean over all pairs of the log-probability, and `log_mean` the
    mean over anchors of the logarithm of the mean probability of their positives. `epsilon`: number added to
    the probability inside the logarithm, which bounds the gradient of improbable rows (LightCCF). `kernel`:
    k(s) = e^{s/t}, or e^{s/t} + e^{s^2/t} (SCCF). `denominator`: one per anchor, or one `global` denominator,
    the weighted mean over all anchors and candidates (SCCF). `positive_clamp` c bounds s(a,p)/t to [-c, c],
    beyond which a pair has no gradient (LightGCL); None does not bound it.
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
    """One task: anchors against a pool of candidates. `anchor_node_B` are the node ids of the anchors.

    `weight`: weight of the task in the loss. `loss_rows` None means that the anchors are the rows of the
    loss. `follows`: index among the tasks of the step of another task with the same anchors, whose negatives
    and temperatures this task uses; temperatures are scaled by the ratio of the two tasks' own temperatures.
    `anchor_weight_B`: number of times that an anchor counts in a global denominator.
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
        """Temperature of the backbone."""
        return self.form.temperature

    @property
    def excluded_BN(self) -> Tensor | None:
        """True where a candidate is never a negative."""
        return self.pool.excluded_BN

    @property
    def takes_cosines(self) -> bool:
        """Whether `info_nce` can reuse the cosines of all anchors and candidates."""
        if self.form.similarity != "cosine" or self.loss_rows is not None or self.pool.partner_ND is not None:
            return False
        return keeps_table(self.anchor_BD, self.pool.candidate_ND, self.form.kernel)

    def detached(self) -> Contrast:
        """Return the task without gradients and without its positive group, as a policy reads it."""
        pool, positives, loss_rows = self.pool, self.positives, self.loss_rows
        pool = replace(pool, candidate_ND=pool.candidate_ND.detach(), partner_ND=_detached(pool.partner_ND))
        positives = replace(
            positives,
            vector_PD=_detached(positives.vector_PD),
            partner_PD=_detached(positives.partner_PD),
            group=None,
        )
        if loss_rows is not None:
            loss_rows = replace(loss_rows, vector_QD=loss_rows.vector_QD.detach())
        return replace(
            self, anchor_BD=self.anchor_BD.detach(), pool=pool, positives=positives, loss_rows=loss_rows
        )

    def positive_BD(self) -> Tensor:
        """Return the main positive of each anchor. If the rows of the loss are positives, it is that of pair
        b."""
        num_anchors = len(self.anchor_BD)
        if self.loss_rows is not None:
            return embedding(self.positives.row_P[:num_anchors], self.loss_rows.vector_QD)
        if self.positives.vector_PD is not None:
            return self.positives.vector_PD[:num_anchors]
        assert self.positives.candidate_P is not None
        return embedding(self.positives.candidate_P[:num_anchors], self.pool.candidate_ND)

    def cosine(self) -> Tensor:
        """Return the cosine of each anchor and candidate, [B, N], also if the loss uses dot products."""
        return normalize(self.anchor_BD, dim=-1) @ normalize(self.pool.candidate_ND, dim=-1).T

    def positive_cosine(self) -> Tensor:
        """Return the cosine of each anchor's main positive and each candidate, [B, N]."""
        return normalize(self.positive_BD(), dim=-1) @ normalize(self.pool.candidate_ND, dim=-1).T


def _detached(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else tensor.detach()
