"""Which windows of text are encoded together. Shapes: B windows of a batch, T tokens of the longest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

BATCH_TOKENS = 4096
"""On one thread as fast as any; bounds memory at about 100 MB for MiniLM."""

WIDTH_STEP = 8
"""Widths are multiples of it: at most 32 shapes up to 256 tokens, for about 2 % of padding."""


def batches(
    lengths: Sequence[int],
    tie: Callable[[int], object],
    *,
    budget: int = BATCH_TOKENS,
    step: int = WIDTH_STEP,
    longest: int | None = None,
) -> Iterator[tuple[list[int], int]]:
    """Indices, longest first, with the width they are padded to.

    Width times windows is at most `budget`, padding counted, but a batch has at least one window. A width is
    a multiple of `step`, or `longest` if that is smaller. All batches of one width have one size, but the
    last: an accelerator sees at most `longest` / `step` + 1 shapes. Equal lengths are ordered by `tie`, so
    that batches do not depend on the order of the windows.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], tie(index)))
    start = 0
    while start < len(order):
        width = -(-max(lengths[order[start]], 1) // step) * step
        if longest is not None:
            width = min(width, longest)
        size = max(1, budget // width)
        yield order[start : start + size], width
        start += size
