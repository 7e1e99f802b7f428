"""Random numbers for whole matrices of pairs. Shapes: types.py; R some of the anchors."""

from __future__ import annotations

import torch
from torch import Tensor

_BANK = 1 << 18
_ROWS_APART = 8
_TINY = 1e-30


class Noise:
    """Rows of N numbers each: uniform in (0, 1), or standard Gumbel, -log(-log u).

    Where all rows together are no more than a bank, 262,144 numbers or, if that is more, eight rows, each
    number is drawn for itself. Beyond that rows are windows, each from a place of its own by chance, into one
    bank: within a row all are independent, so that what is drawn by it has its exact distribution; two rows
    may overlap, shifted.
    Drawing and two logarithms a pair would be a third of the time of choosing.
    """

    def __init__(
        self,
        num_rows: int,
        num_candidates: int,
        generator: torch.Generator,
        *,
        like: Tensor,
        gumbel: bool = True,
    ) -> None:
        self._generator, self._like = generator, like
        self._num_candidates, self._gumbel = num_candidates, gumbel
        size = max(_BANK, _ROWS_APART * num_candidates)
        self._bank: Tensor | None = None
        if num_rows * num_candidates > size:
            self._bank = self._drawn(size)

    def rows(self, num_rows: int) -> Tensor:
        """The next so many rows, [R, N]; the caller's own to change."""
        if self._bank is None:
            return self._drawn(num_rows, self._num_candidates)
        window_XN = self._bank.unfold(0, self._num_candidates, 1)
        place_R = torch.randint(
            len(window_XN), (num_rows,), generator=self._generator, device=self._bank.device
        )
        return window_XN.index_select(0, place_R)

    def _drawn(self, *shape: int) -> Tensor:
        # a lower end far below the generator's step: it keeps 0 away from logarithms, and does nothing else
        value = self._like.new_empty(shape).uniform_(_TINY, 1.0, generator=self._generator)
        return value.log_().neg_().log_().neg_() if self._gumbel else value
