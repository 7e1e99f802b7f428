"""VGCL (Yang et al. 2023, "Generative-Contrastive Graph Learning for Recommendation").

The encoder computes a normal distribution for each node, and the two views are two samples of it. The ranking
loss is BPR on the first sample, and ranking uses the mean. The views are contrasted by node, and by clusters
of nodes, whose members are each other's positives.

    m    = mean over l = 1..L of A^l e,  log deviation = m W + b,  z = m + noise x deviation x normal(0, 1)
    loss = BPR(z') + w (n_users + n_items + v (k_users + k_items)) + u KL / B
    n    = -mean over the distinct nodes a of the batch of log p(a, a)                        (temperature t)
    k    = -mean over a of log of the mean over the nodes c of a's cluster of p(a, c)  (cluster temperature)
    p(a, c) = e^{cos(z'_a, z''_c)/t} / sum over b of e^{cos(z'_a, z''_b)/t}

with c and b the distinct nodes of a's type in the batch, and KL the divergence of the distributions from the
standard normal one. K-means finds the clusters again before each epoch, starting from the clusters of the
epoch before.

Departures from the released code: the divergence is the derived one (see `gaussian_kl`); k-means clusters the
means and not samples, and ranking uses the mean and not a sample; in a short batch the divergence is divided
by its number of rows.

Shapes: A distinct nodes of one type in the batch, B rows of the batch, D embedding size, I items, N
candidates, P pairs of one cluster, U users, V nodes, X nodes that a step samples.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.parts.inputs import Inputs, StepContext, Triple
from lghrec_compute.backbones.parts.rows import row_of
from lghrec_compute.graph import kmeans, propagate
from lghrec_compute.objectives import Contrast, Form, Pool, PositiveGroup, Positives, gaussian_kl
from lghrec_compute.objectives.gather import embedding
from lghrec_compute.spec.backbone import VgclBackbone

_MAX_CLUSTERS = (900, 300)  # of users and of items, in the largest setting of the paper
_KMEANS_TOLERANCE = 1e-3  # share of nodes that change their cluster; the last rounds are half of the time
_FEW_CLUSTERS = 32
"""Number of clusters below which a mask is smaller than the list of all pairs of a cluster."""


class Vgcl(Backbone[VgclBackbone]):
    """A variational encoder with contrasts between two samples, by node and by cluster."""

    step_tables = 9  # means, deviations and their exponentials, with the gradients
    cluster_V: Tensor

    def __init__(self, inputs: Inputs, spec: VgclBackbone) -> None:
        super().__init__(inputs, spec)
        self.node_form = Form(spec.temperature)
        self.cluster_form = Form(spec.cluster_temperature, positive_reduction="log_mean")
        dim = inputs.ego.node_VD.shape[1]
        self.deviation = nn.Linear(dim, dim)  # computes the logarithm, so deviations start close to 1
        nn.init.normal_(self.deviation.weight, std=0.01, generator=torch.Generator().manual_seed(inputs.seed))
        nn.init.zeros_(self.deviation.bias)
        sizes = (inputs.graph.num_users, inputs.graph.num_items)
        given = (spec.user_clusters, spec.item_clusters)
        self.num_clusters = [
            min(count or max(1, min(size // 10, most)), size)
            for count, size, most in zip(given, sizes, _MAX_CLUSTERS, strict=True)
        ]
        # a persistent buffer: a run that resumes within an epoch needs the clusters of the epoch's start
        cluster_V = (torch.arange(sum(sizes)) >= sizes[0]) * self.num_clusters[0]
        self.register_buffer("cluster_V", cluster_V.to(inputs.graph.degree_V.device))

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the means."""
        return propagate(ego_VD, self.graph.adjacency, self.spec.layers, keep_layer_zero=False)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:
        """Cluster the means of users and of items. Clusters of items are numbered after those of users."""
        if resumed:
            return
        users, items = self.num_clusters
        cluster_U, cluster_I = self.cluster_V.split([self.graph.num_users, self.graph.num_items])
        points_UD, points_ID = self.embeddings()
        random = np.random.default_rng(np.random.SeedSequence((self.inputs.seed, epoch, 3)))
        cluster_U.copy_(kmeans(points_UD, users, random, start_N=cluster_U, tolerance=_KMEANS_TOLERANCE))
        start_I = cluster_I - users
        cluster_I.copy_(
            kmeans(points_ID, items, random, start_N=start_I, tolerance=_KMEANS_TOLERANCE) + users
        )

    def losses(self, context: StepContext, step: Step) -> Step:
        """Compute the ranking loss, the contrasts and the divergence from the same samples."""
        num_rows = len(context.ids.user)
        log_deviation_VD = self.deviation(context.nodes_VD)
        samples = _draw_samples(context, log_deviation_VD, noise=self.spec.noise)
        ranking = Triple(*samples.first(torch.cat(context.ids)).split(num_rows))
        kl = self.spec.kl_weight / num_rows * gaussian_kl(context.nodes_VD, log_deviation_VD)
        return replace(step, ranking=ranking, contrasts=self._tasks(context, samples), extra={"kl": kl})

    def _tasks(self, context: StepContext, samples: _Samples) -> tuple[Contrast, ...]:
        pools = context.pools
        user_N, item_N = (None, None) if pools is None else (pools.user_N, pools.item_N)
        users = self._node_task(samples, torch.unique(context.ids.user), user_N)
        items = self._node_task(samples, torch.unique(context.ids.positive), item_N)
        return users, items, self._cluster_task(samples, users, 0), self._cluster_task(samples, items, 1)

    def _node_task(self, samples: _Samples, node_A: Tensor, pool_N: Tensor | None) -> Contrast:
        """z' of each node against z'' of the batch, or of the nodes of the pool outside its cluster."""
        second_AD = samples.second(node_A)
        if pool_N is None:
            pool, positives = Pool(second_AD, node_A), Positives(row_of(node_A), row_of(node_A))
        else:
            excluded_AN = _same_cluster(self.cluster_V, node_A, pool_N)
            pool = Pool(samples.second(pool_N), pool_N, excluded_BN=excluded_AN)
            positives = Positives(row_of(node_A), vector_PD=second_AD)
        weight = self.spec.contrast_weight
        return Contrast(samples.first(node_A), node_A, pool, positives, self.node_form, weight)

    def _cluster_task(self, samples: _Samples, nodes: Contrast, of_type: int) -> Contrast:
        """The same task with all nodes of the batch in the anchor's cluster as positives."""
        second_AD = samples.second(nodes.anchor_node_B)
        task = with_clusters(nodes, second_AD, self.cluster_V, num_clusters=self.num_clusters[of_type])
        weight = self.spec.contrast_weight * self.spec.cluster_weight
        return replace(task, form=self.cluster_form, weight=weight, follows=of_type)


class _Samples(NamedTuple):
    """Two samples of each of the nodes `node_X`, which are sorted."""

    node_X: Tensor
    first_XD: Tensor
    second_XD: Tensor

    def first(self, node_B: Tensor) -> Tensor:
        """Return the first samples of nodes, all of which `node_X` contains, [B, D]."""
        return embedding(torch.searchsorted(self.node_X, node_B), self.first_XD)

    def second(self, node_B: Tensor) -> Tensor:
        """Return the second samples, [B, D]."""
        return embedding(torch.searchsorted(self.node_X, node_B), self.second_XD)


def _draw_samples(context: StepContext, log_deviation_VD: Tensor, *, noise: float) -> _Samples:
    """Draw two samples of the nodes of the batch and of the pools.

    Other nodes are not sampled: a normal number costs as much as an entry of a sparse product.
    """
    pool = () if context.pools is None else (context.pools.user_N, context.pools.item_N)
    node_X = torch.unique(torch.cat([*context.ids, *pool]))
    mean_XD = embedding(node_X, context.nodes_VD)
    scale_XD = noise * embedding(node_X, log_deviation_VD).exp()
    normal_2XD = torch.randn((2, *mean_XD.shape), dtype=mean_XD.dtype, device=mean_XD.device)
    return _Samples(node_X, *(mean_XD + scale_XD * normal_XD for normal_XD in normal_2XD))


def _same_cluster(cluster_V: Tensor, node_A: Tensor, node_N: Tensor) -> Tensor:
    """Return True where two nodes are in the same cluster, [A, N]."""
    return cluster_V[node_A][:, None] == cluster_V[node_N][None, :]


def with_clusters(task: Contrast, positive_AD: Tensor, cluster_V: Tensor, *, num_clusters: int) -> Contrast:
    """Return the task with the anchors of an anchor's cluster as its positives, none of which is a negative.

    `positive_AD` is the own positive of each anchor. The pool contains these, or it already excludes the
    nodes of the anchor's cluster. With few clusters the positives are a mask, and otherwise a list of pairs;
    the loss is the same.
    """
    node_A, positives = task.anchor_node_B, task.positives
    same_AA = _same_cluster(cluster_V, node_A, node_A)
    if num_clusters < _FEW_CLUSTERS:
        pool = replace(task.pool, excluded_BN=_same_cluster(cluster_V, node_A, task.pool.node_N))
        group = PositiveGroup(positive_AD, same_AA)
        return replace(task, pool=pool, positives=replace(positives, group=group))
    row_P, index_P = same_AA.nonzero(as_tuple=True)
    if positives.candidate_P is not None:
        return replace(task, positives=Positives(row_P, index_P))
    return replace(task, positives=Positives(row_P, vector_PD=embedding(index_P, positive_AD)))
