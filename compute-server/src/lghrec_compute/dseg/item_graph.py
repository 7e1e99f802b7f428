"""Which items read alike, as the edges of a graph. Shapes: I items, E edges, C semantic id."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lghrec_compute.dseg.neighbors import MAX_ITEMS, nearest_blocks
from lghrec_compute.errors import ConfigError
from lghrec_compute.types import Bools, Floats, Ints


def item_edges(
    semantic_IC: Floats,
    mask_I: Bools,
    *,
    num: int,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Ints, Ints]:
    """Pairs of which either item is among the other's `num` nearest by cosine: each from both ends, by row.

    An item without text is in none. `tick(done, total)` counts items and may raise to stop. Raises
    `ConfigError` above `MAX_ITEMS` items: the search compares all pairs.
    """
    num_items = len(semantic_IC)
    if num_items > MAX_ITEMS:
        wrong = f"too many items to find neighbours of: got {num_items}, expected at most {MAX_ITEMS}"
        raise ConfigError.at("fusion.neighbors", wrong, hint="leave it at 0")
    pairs = [np.zeros(0, dtype=np.int64)]
    for rows_B, others, _ in nearest_blocks(semantic_IC, mask_I, num=num, tick=tick):
        row, column = np.repeat(rows_B, others.shape[1]), others.ravel()
        pairs += [row * num_items + column, column * num_items + row]
    row_E, column_E = np.divmod(np.unique(np.concatenate(pairs)), num_items)
    return row_E, column_E
