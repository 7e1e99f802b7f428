"""The pool as anchors see it, and what the policy makes of it. Shapes: types.py; R some of the anchors."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from lghrec_compute.policy.knots import Places, places
from lghrec_compute.policy.network import Heads, candidate_logits
from lghrec_compute.policy.options import Options
from lghrec_compute.policy.view import Cosines, View


class Sight(NamedTuple):
    """Cosines with all candidates and, if a network reads them, where they lie between knots."""

    cosines: Cosines
    places: tuple[Places, ...]

    def first(self, count: int) -> Sight:
        """The same of the first anchors only."""
        row_R = slice(count)
        return Sight(self.cosines.rows(row_R), tuple(at.rows(row_R) for at in self.places))


class Rows(NamedTuple):
    """What some anchors choose from: the logit of each candidate, and what is forbidden."""

    logit_RN: Tensor
    forbidden_RN: Tensor | None

    def without(self, near_RN: Tensor) -> Rows:
        """The same with more candidates forbidden."""
        forbidden_RN = self.forbidden_RN
        return Rows(self.logit_RN, near_RN if forbidden_RN is None else near_RN | forbidden_RN)


class Scene(NamedTuple):
    """A task, and what the network says of its anchors."""

    view: View
    heads: Heads
    options: Options

    @property
    def needs_sight(self) -> bool:
        """Whether any choice depends on cosines."""
        return self.options.chooses or self.options.max_positive_similarity_quantile is not None

    def look(self, row_R: Tensor | slice, out_RN: Tensor | None = None) -> Sight:
        """One product over the pairs of these anchors, or two; their own cosines go to `out_RN` if given."""
        of_positives = self.options.looks_at_positive
        cosines = self.view.cosines(row_R, of_positives=of_positives, out_RN=out_RN)
        if not self.options.chooses:
            return Sight(cosines, ())
        return Sight(cosines, tuple(places(part_RN) for part_RN in cosines.present()))

    def rows(self, row_R: Tensor | slice, sight: Sight | None, near: Tensor | None) -> Rows:
        """What these anchors choose from; where the policy does not choose, all candidates are alike.

        `near`: candidates are forbidden whose cosine with the positive is above it. `sight` may be None where
        none is needed.
        """
        rows = Rows(self._logits(row_R, sight), self.view.forbidden(row_R))
        if near is None:
            return rows
        assert sight is not None
        assert sight.cosines.positive_RN is not None
        return rows.without(sight.cosines.positive_RN > near)

    def _logits(self, row_R: Tensor | slice, sight: Sight | None) -> Tensor:
        if sight is not None and sight.places:
            return candidate_logits(self.heads.rows(row_R), sight.places, self.view.unit_ND)
        num_rows = len(self.view.node_B[row_R])
        return self.view.unit_ND.new_zeros(()).expand(num_rows, self.view.num_candidates)
