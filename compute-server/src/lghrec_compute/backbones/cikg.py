"""CIKG. Shapes: types.py; W counts all nodes: users, items, entities, interests."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor, nn

from lghrec_compute.backbones.base import Backbone, Step
from lghrec_compute.backbones.hybrid import build_hybrid
from lghrec_compute.backbones.inputs import Inputs, View
from lghrec_compute.backbones.reconstruction import Reconstruction
from lghrec_compute.backbones.views import Between, view_contrasts
from lghrec_compute.graph import propagate, propagate_noisily
from lghrec_compute.objectives import Contrast, Form


class Cikg(Backbone):
    """LightGCN on interactions, item knowledge and users' interests in one graph (CIKG, 2025), as released.

    z = layers' mean on the whole graph, with self loops. Beside BPR:
    reconstruction of masked interests (`Reconstruction`), of which a share
    min(max, min (max / min)^(epoch / mask_epochs)), epochs from 0, is masked anew each step; and for the
    users of the batch, and its items, -log e^{cos(v1_a, v_a)/t} / sum over k of e^{cos(v1_a, v_k)/t}, with
    v1: noisy layers' mean on the whole graph without self loops (`hybrid`, what the released code does) or on
        the interactions (`cf`, what the paper says);
    v:  of users on users and interests, k all users; of items on items and entities, k whatever is no user;
        both with self loops and without interactions, cold nodes among them.
    The paper's code has BPR at 1.5 to 1.8, which the weights here are to be read against, and on one data set
    a loss on relations, which is left out. Without knowledge v are the ego rows. Drawn candidates are users
    and items alone.
    """

    def __init__(
        self,
        inputs: Inputs,
        *,
        layers: int,
        temperature: float,
        contrast_weight: float,
        noise: float,
        reconstruction_weight: float,
        mask_rate_min: float,
        mask_rate_max: float,
        mask_epochs: int,
        replace_rate: float,
        reconstruction_power: float,
        cf_view: Literal["hybrid", "cf"],
    ) -> None:
        super().__init__(inputs)
        self.layers, self.noise = layers, noise
        self.form, self.contrast_weight = Form(temperature), contrast_weight
        self.reconstruction_weight, self.power = reconstruction_weight, reconstruction_power
        self.rates, self.mask_epochs = (mask_rate_min, mask_rate_max), mask_epochs
        self.mask_rate, self.replace_rate = mask_rate_min, replace_rate
        self.hybrid = hybrid = build_hybrid(inputs.graph, inputs.knowledge, cf_view)
        num_more = hybrid.num_entities + hybrid.num_interests
        dim = inputs.ego.node_VD.shape[1]
        self.step_tables = hybrid.step_tables(inputs.graph.num_nodes, dim)
        # to a contrast all that is no user is of the items' type, and none of it is cold
        num_items = inputs.graph.num_items + num_more
        self.types = replace(inputs.graph, num_items=num_items, warm_users=None, warm_items=None)
        self.more_WD = None
        if num_more:
            generator = torch.Generator().manual_seed(inputs.seed + 1)  # the ego table has the seed itself
            self.more_WD = nn.Parameter(torch.empty(num_more, dim))
            nn.init.xavier_uniform_(self.more_WD, generator=generator)
        self.reconstruction = None
        if hybrid.num_interests and reconstruction_weight > 0:
            seed = inputs.seed + 2
            self.reconstruction = Reconstruction(hybrid.full, hybrid.num_interests, dim, seed=seed)

    def on_epoch(self, epoch: int, *, resumed: bool) -> None:  # noqa: ARG002
        """Masks more from epoch to epoch."""
        low, high = self.rates
        self.mask_rate = min(high, low * (high / low) ** ((epoch - 1) / self.mask_epochs))

    def encode(self, ego_VD: Tensor) -> Tensor:
        """The layers' mean on the whole graph, of users and items."""
        return propagate(self._all(ego_VD), self.hybrid.full, self.layers)[: self.graph.num_nodes]

    def contrasts(self, view: View) -> tuple[Contrast, ...]:
        """Users against their interests, items against their knowledge."""
        all_WD, num_users = self._all(view.ego_VD), self.graph.num_users
        user_UD, thing_XD, interest_TD = self._types(all_WD)
        liked_UD = propagate(torch.cat([user_UD, interest_TD]), self.hybrid.interests, self.layers)[
            :num_users
        ]
        known_XD = propagate(thing_XD, self.hybrid.things, self.layers)
        key_WD = torch.cat([liked_UD, known_XD, interest_TD])
        between = Between(self._collaborative(all_WD), key_WD, self.form, self.contrast_weight, "all")
        return view_contrasts(self.types, view, between)

    def losses(self, view: View, step: Step) -> Step:
        """Adds the reconstruction."""
        if self.reconstruction is None:
            return step
        masked = self.reconstruction.draw(self.mask_rate, self.replace_rate)
        loss = self.reconstruction(self._all(view.ego_VD), masked, self.power)
        return replace(step, extra={"reconstruction": self.reconstruction_weight * loss})

    def _collaborative(self, all_WD: Tensor) -> Tensor:
        """v1, of users and items at least."""
        start_WD = all_WD[: self.hybrid.cf.shape[0]]
        clean_WD = propagate(start_WD, self.hybrid.cf, self.layers)
        if self.noise == 0:
            return clean_WD
        return propagate_noisily(start_WD, self.hybrid.cf, self.layers, noise=self.noise, clean_VD=clean_WD)

    def _all(self, ego_VD: Tensor) -> Tensor:
        return ego_VD if self.more_WD is None else torch.cat([ego_VD, self.more_WD])

    def _types(self, all_WD: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Rows of users, of items and entities, of interests."""
        num_things = self.graph.num_items + self.hybrid.num_entities
        return all_WD.split([self.graph.num_users, num_things, self.hybrid.num_interests])  # pyright: ignore[reportReturnType]
