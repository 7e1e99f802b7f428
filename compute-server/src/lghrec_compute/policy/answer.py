"""What HGPO answers a task, filled in some anchors at a time. Shapes: types.py; R some of the anchors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from lghrec_compute.policy.base import Handover, Selection
from lghrec_compute.policy.choice import draw_mask, mask_of, soft_weights
from lghrec_compute.policy.noise import Noise
from lghrec_compute.policy.options import Options
from lghrec_compute.policy.scene import Rows, Scene
from lghrec_compute.policy.select import rescaling, tiles
from lghrec_compute.policy.view import View


class Answer:
    """Negatives and log weights of all anchors, M for each; and cosines, if they are to be handed over.

    Besides those only one matrix of all pairs is ever whole: a mask, or, soft, the log weights.
    """

    def __init__(self, view: View, count: int, options: Options) -> None:
        self._count, self._soft = count, options.weighting == "soft"
        num_anchors, like = view.num_anchors, view.unit_ND
        shape = (num_anchors, view.num_candidates)
        self._negative_BN = None if self._soft else torch.empty(shape, dtype=torch.bool, device=like.device)
        self._log_weight_BN: Tensor | None = None
        if self._soft or options.rescale_negatives:
            self._log_weight_BN = like.new_empty(shape if self._soft else (num_anchors, 1))
        self._cosine_BN: Tensor | None = None

    def draw_all(self, scene: Scene, near: Tensor | None, noise: Noise | None, *, hand_over: bool) -> None:
        """Chooses for all anchors, rows side by side; `noise` None: the likeliest."""
        view = scene.view
        if hand_over and scene.needs_sight:
            self._cosine_BN = view.unit_ND.new_empty(view.num_anchors, view.num_candidates)
        for tile in tiles(view.num_anchors, view.num_candidates, view.unit_ND.device):
            out_RN = None if self._cosine_BN is None else self._cosine_BN[tile]
            rows = scene.rows(tile, scene.look(tile, out_RN) if scene.needs_sight else None, near)
            self._put(tile, rows, None if self._soft else draw_mask(rows, self._count, noise))

    def take(self, row_R: Tensor, rows: Rows, index_RM: Tensor) -> None:
        """Writes what was chosen for some anchors before."""
        self._put(row_R, rows, None if self._soft else mask_of(rows, index_RM))

    def selection(self, temperature_B: Tensor | None, record: Mapping[str, Any]) -> Selection:
        """All of it, with temperatures and what is to be learned from."""
        handover = Handover(self._cosine_BN)
        return Selection(self._negative_BN, temperature_B, self._log_weight_BN, record, handover)

    def _put(self, row_R: Tensor | slice, rows: Rows, negative_RN: Tensor | None) -> None:
        if negative_RN is None:
            assert self._log_weight_BN is not None
            self._log_weight_BN[row_R] = soft_weights(rows, self._count)
            return
        assert self._negative_BN is not None
        self._negative_BN[row_R] = negative_RN
        if self._log_weight_BN is not None:
            self._log_weight_BN[row_R] = rescaling(negative_RN, rows.forbidden_RN)
