"""The losses of an epoch, stored on the device.

Shapes: P parts of the loss, S steps of the epoch.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from lghrec_compute.errors import NonFiniteError


class LossLog:
    """A table with one row per step and one column per part of the loss.

    Adding a row does not wait for the device. Reading waits once: at the end of the epoch and at each
    `check`. With a row per step, and not a running sum, an error can name the step.
    """

    def __init__(self, num_steps: int, device: torch.device | str = "cpu") -> None:
        self._num_steps, self._device = num_steps, device
        self.names: tuple[str, ...] = ()
        self.values_SP = torch.zeros(num_steps, 0, device=device)
        self.num_added = 0

    def add(self, parts: Mapping[str, Tensor]) -> None:
        """Add the scalars of the next step. Every step of an epoch has the same parts."""
        if not self.names:
            self.names = tuple(parts)
            self.values_SP = torch.zeros(self._num_steps, len(parts), device=self._device)
        assert tuple(parts) == self.names, (tuple(parts), self.names)
        row_P = torch.stack([value.detach() for value in parts.values()])
        self.values_SP[self.num_added] = row_P.to(self.values_SP.dtype)
        self.num_added += 1

    def check(self, epoch: int) -> None:
        """Raise `NonFiniteError` with the first step, counted from 1, and its first part that is not
        finite."""
        values_SP = self.values_SP[: self.num_added]
        bad = (~torch.isfinite(values_SP)).nonzero().tolist()
        if bad:
            step, part = bad[0]
            raise NonFiniteError(
                f"{self.names[part]} is {values_SP[step, part].item()} in epoch {epoch}, step {step + 1}",
                hint="lower the learning rate or the contrast weight, or raise the temperature",
            )

    def means(self) -> dict[str, float]:
        """Return the mean of each part over the steps so far."""
        means_P = self.values_SP[: self.num_added].double().mean(dim=0).tolist()
        return dict(zip(self.names, means_P, strict=True))

    def load(self, names: list[str], values_SP: Tensor) -> None:
        """Restore the first rows of an epoch."""
        for row_P in values_SP:
            self.add(dict(zip(names, row_P, strict=True)))
