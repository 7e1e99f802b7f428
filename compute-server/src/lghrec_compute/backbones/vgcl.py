"""VGCL. Shapes: types.py; here A counts the distinct nodes of one type in a batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.clusters import together, with_clusters
from lghrec_compute.backbones.inputs import Inputs, Triple, View
from lghrec_compute.backbones.rows import row_of
from lghrec_compute.backbones.samples import Samples, draw_samples
from lghrec_compute.graph import kmeans, propagate
from lghrec_compute.objectives import Contrast, Form, Pool, Positives, gaussian_kl

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

    def losses(self, view: View, step: Step) -> Step:
        """Ranking, contrasts and the KL term, all of the same samples."""
        num_rows = len(view.ids.user)
        log_deviation_VD = self.deviation(view.nodes_VD)
        samples = draw_samples(view, log_deviation_VD, noise=self.noise)
        ranking = Triple(*samples.first(torch.cat(view.ids)).split(num_rows))
        kl = self.kl_weight / num_rows * gaussian_kl(view.nodes_VD, log_deviation_VD)
        return replace(step, ranking=ranking, contrasts=self._tasks(view, samples), extra={"kl": kl})

    def _tasks(self, view: View, samples: Samples) -> tuple[Contrast, ...]:
        user_N, item_N = (None, None) if view.draw is None else (view.draw.user_N, view.draw.item_N)
        users = self._node_task(samples, torch.unique(view.ids.user), user_N)
        items = self._node_task(samples, torch.unique(view.ids.positive), item_N)
        return users, items, self._cluster_task(samples, users, 0), self._cluster_task(samples, items, 1)

    def _node_task(self, samples: Samples, node_A: Tensor, drawn_N: Tensor | None) -> Contrast:
        """z' of each node against z'' of the batch's, or of the drawn outside its cluster."""
        second_AD = samples.second(node_A)
        if drawn_N is None:
            pool, positives = Pool(second_AD, node_A), Positives(row_of(node_A), row_of(node_A))
        else:
            forbidden_BN = together(self.cluster_V, node_A, drawn_N)
            pool = Pool(samples.second(drawn_N), drawn_N, forbidden_BN=forbidden_BN)
            positives = Positives(row_of(node_A), vector_PD=second_AD)
        return Contrast(samples.first(node_A), node_A, pool, positives, self.node_form, self.node_weight)

    def _cluster_task(self, samples: Samples, nodes: Contrast, of_type: int) -> Contrast:
        """The same with the batch's nodes of the cluster as positives."""
        second_AD = samples.second(nodes.anchor_node_B)
        task = with_clusters(nodes, second_AD, self.cluster_V, num_clusters=self.num_clusters[of_type])
        return replace(task, form=self.cluster_form, weight=self.cluster_weight, follows=of_type)
