"""What is done to the encoder's vectors before they are stored. Shapes: I items, C semantic id."""

from __future__ import annotations

from collections.abc import Callable

from lghrec_compute.types import Bools, Floats


def none(vectors_IC: Floats, mask_I: Bools) -> Floats:
    """The vectors as they are; rows of items without text are zero."""
    return vectors_IC * mask_I[:, None]


TRANSFORMS: dict[str, Callable[[Floats, Bools], Floats]] = {"none": none}
"""By the name a spec uses."""
