"""VGCL."""

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

_MOST_CLUSTERS = (900, 300)  # of users and of items, in the paper's largest setting
_SETTLED = 1e-3  # share of nodes that change cluster in a round: the tail of k-means is half its time


class Vgcl(Backbone):
    """A variational encoder, and contrasts of two of its samples, by node and by cluster (Yang et al. 2023).

    Mean m: the layers' without layer zero; log deviation m W + b; samples z = m + noise x deviation * normal.
    Ranking trains on the first sample and is by the mean. Four contrasts over the batch's distinct nodes of a
    type: z' of each against all z''; and, at the temperature of clusters, with all of its cluster as
    positives, -log of their mean share. The KL term stands as derived, not as released (`gaussian_kl`), and
    is divided by the batch's size. Clusters are found anew each epoch, from those of the epoch before.
    """

    step_tables = 9  # means, deviations and their exponentials, with the gradients
    cluster_V: Tensor

    def __init__(
        self,
        inputs: Inputs,
        *,
        layers: int,
        temperature: float,
        cluster_temperature: float,
        contrast_weight: float,
        cluster_weight: float,
        kl_weight: float,
        noise: float,
        user_clusters: int | None,
        item_clusters: int | None,
    ) -> None:
        super().__init__(inputs)
        self.layers, self.noise, self.kl_weight = layers, noise, kl_weight
        self.node_form, self.cluster_form = (
            Form(temperature),
            Form(cluster_temperature, positive_reduction="log_mean"),
        )
        self.node_weight, self.cluster_weight = contrast_weight, contrast_weight * cluster_weight
        dim = inputs.ego.node_VD.shape[1]
        self.deviation = nn.Linear(dim, dim)  # of the logarithm: deviations start close to 1
        nn.init.normal_(self.deviation.weight, std=0.01, generator=torch.Generator().manual_seed(inputs.seed))
        nn.init.zeros_(self.deviation.bias)
        sizes = (inputs.graph.num_users, inputs.graph.num_items)
        self.num_clusters = [
            min(asked or max(1, min(size // 10, most)), size)
            for asked, size, most in zip((user_clusters, item_clusters), sizes, _MOST_CLUSTERS, strict=True)
        ]
        # kept with the parameters: a run that goes on in mid-epoch has the clusters of its beginning
        cluster_V = (torch.arange(sum(sizes)) >= sizes[0]) * self.num_clusters[0]
        self.register_buffer("cluster_V", cluster_V.to(inputs.graph.degree_V.device))

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The means."""
        return propagate(ego_VD, self.graph.adjacency, self.layers, keep_layer_zero=False)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:
        """Clusters the means of users and of items; clusters of items are numbered after those of users."""
        if resumed:
            return
        users, items = self.num_clusters
        before_U, before_I = self.cluster_V.split([self.graph.num_users, self.graph.num_items])
        points_UD, points_ID = self.embeddings()
        random = np.random.default_rng(np.random.SeedSequence((self.inputs.seed, epoch, 3)))
        before_U.copy_(kmeans(points_UD, users, random, start_N=before_U, tolerance=_SETTLED))
        cluster_I = kmeans(points_ID, items, random, start_N=before_I - users, tolerance=_SETTLED)
        before_I.copy_(cluster_I + users)

    def losses(self, context: StepContext, step: Step) -> Step:
        """Ranking, contrasts and the KL term, all of the same samples."""
        num_rows = len(context.ids.user)
        log_deviation_VD = self.deviation(context.nodes_VD)
        samples = draw_samples(context, log_deviation_VD, noise=self.noise)
        ranking = Triple(*samples.first(torch.cat(context.ids)).split(num_rows))
        kl = self.kl_weight / num_rows * gaussian_kl(context.nodes_VD, log_deviation_VD)
        return replace(step, ranking=ranking, contrasts=self._tasks(context, samples), extra={"kl": kl})

    def _tasks(self, context: StepContext, samples: Samples) -> tuple[Contrast, ...]:
        user_N, item_N = (
            (None, None) if context.pools is None else (context.pools.user_N, context.pools.item_N)
        )
        users = self._node_task(samples, torch.unique(context.ids.user), user_N)
        items = self._node_task(samples, torch.unique(context.ids.positive), item_N)
        return users, items, self._cluster_task(samples, users, 0), self._cluster_task(samples, items, 1)

    def _node_task(self, samples: Samples, node_A: Tensor, drawn_N: Tensor | None) -> Contrast:
        """z' of each node against z'' of the batch's, or of the drawn outside its cluster."""
        second_AD = samples.second(node_A)
        if drawn_N is None:
            pool, positives = Pool(second_AD, node_A), Positives(row_of(node_A), row_of(node_A))
        else:
            excluded_BN = together(self.cluster_V, node_A, drawn_N)
            pool = Pool(samples.second(drawn_N), drawn_N, excluded_BN=excluded_BN)
            positives = Positives(row_of(node_A), vector_PD=second_AD)
        return Contrast(samples.first(node_A), node_A, pool, positives, self.node_form, self.node_weight)

    def _cluster_task(self, samples: Samples, nodes: Contrast, of_type: int) -> Contrast:
        """The same with the batch's nodes of the cluster as positives."""
        second_AD = samples.second(nodes.anchor_node_B)
        task = with_clusters(nodes, second_AD, self.cluster_V, num_clusters=self.num_clusters[of_type])
        return replace(task, form=self.cluster_form, weight=self.cluster_weight, follows=of_type)


class Samples(NamedTuple):
    """Two draws of each of `node_X`, sorted ids of the graph."""

    node_X: Tensor
    first_XD: Tensor
    second_XD: Tensor

    def first(self, node_B: Tensor) -> Tensor:
        """First draws of nodes, all of them in `node_X`, [B, D]."""
        return embedding(torch.searchsorted(self.node_X, node_B), self.first_XD)

    def second(self, node_B: Tensor) -> Tensor:
        """Second draws, [B, D]."""
        return embedding(torch.searchsorted(self.node_X, node_B), self.second_XD)


def draw_samples(context: StepContext, log_deviation_VD: Tensor, *, noise: float) -> Samples:
    """Means, the view's rows, plus noise x deviation x a normal number, twice: the device's random numbers.

    Of the batch's and the drawn nodes alone: a normal number costs as much as one of a sparse product.
    """
    drawn = () if context.pools is None else (context.pools.user_N, context.pools.item_N)
    node_X = torch.unique(torch.cat([*context.ids, *drawn]))
    mean_XD = embedding(node_X, context.nodes_VD)
    scale_XD = noise * embedding(node_X, log_deviation_VD).exp()
    normal_2XD = torch.randn((2, *mean_XD.shape), dtype=mean_XD.dtype, device=mean_XD.device)
    return Samples(node_X, *(mean_XD + scale_XD * normal_XD for normal_XD in normal_2XD))


_FEW = 32
"""Clusters below which the pairs of a batch are too many for a list, and a mask of all is smaller."""


def together(cluster_V: Tensor, node_A: Tensor, node_N: Tensor) -> Tensor:
    """True where two nodes are in one cluster, [A, N]."""
    return cluster_V[node_A][:, None] == cluster_V[node_N][None, :]


def with_clusters(task: Contrast, positive_AD: Tensor, cluster_V: Tensor, *, num_clusters: int) -> Contrast:
    """The task with the anchors of an anchor's cluster as its positives, and no other of it a negative.

    `positive_AD`: each anchor's own positive. The pool is these, or a drawn one that forbids cluster-mates.
    `num_clusters` chooses between a list of pairs and a mask; the loss is the same.
    """
    node_A, positives = task.anchor_node_B, task.positives
    same_AA = together(cluster_V, node_A, node_A)
    if num_clusters < _FEW:
        pool = replace(task.pool, excluded_BN=together(cluster_V, node_A, task.pool.node_N))
        return replace(
            task, pool=pool, positives=replace(positives, group=PositiveGroup(positive_AD, same_AA))
        )
    row_P, index_P = same_AA.nonzero(as_tuple=True)
    if positives.candidate_P is not None:
        return replace(task, positives=Positives(row_P, index_P))
    return replace(task, positives=Positives(row_P, vector_PD=embedding(index_P, positive_AD)))
