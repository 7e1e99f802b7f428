"""The nearest items of each item by cosine, computed exactly, as lists and as the edges of a graph.

Shapes: I items, B items of a block, E edges, C semantic id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from lghrec_compute.errors import ConfigError
from lghrec_compute.types import Bools, Doubles, Floats, Ints

MAX_ITEMS = 100_000
"""With more items no neighbors are computed: the cost grows with I^2, some minutes on one core for this
number."""

_BLOCK, _BLOCK_PAIRS = 1024, 1 << 24
"""Maximum number of items, and of cosines, of a block. With their order they need at most 300 MB."""
_SPARE = 16  # additional candidates, which are ranked again in double precision


def nearest(
    semantic_IC: Floats,
    mask_I: Bools,
    *,
    num: int = 5,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[list[tuple[int, float]]]:
    """Return for each item [I] its `num` nearest other items as (item, cosine), by cosine, then by number.

    Cosines are rounded to six digits, so that equal vectors tie. Items without text have no neighbors and are
    no neighbors. `tick(done, total)` is called before each block and may raise to stop.
    """
    found: list[list[tuple[int, float]]] = [[] for _ in range(len(semantic_IC))]
    for rows_B, others, cosines in nearest_blocks(semantic_IC, mask_I, num=num, tick=tick):
        for row, items, values in zip(rows_B, others, cosines, strict=True):
            found[row] = list(zip(items.tolist(), values.tolist(), strict=True))
    return found


def nearest_blocks(
    semantic_IC: Floats,
    mask_I: Bools,
    *,
    num: int,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[tuple[Ints, Ints, Doubles]]:
    """Yield the result of `nearest` by blocks: items [B], their nearest items [B, num or fewer], and the
    cosines."""
    with_text = np.flatnonzero(mask_I & np.any(semantic_IC != 0, axis=1))
    if not 1 < len(with_text) <= MAX_ITEMS:
        return
    unit_IC = semantic_IC[with_text].astype(np.float64)
    unit_IC /= np.linalg.norm(unit_IC, axis=1, keepdims=True)
    fast_IC = unit_IC.astype(np.float32)
    keep = min(num + _SPARE, len(with_text) - 1)
    size = max(1, min(_BLOCK, _BLOCK_PAIRS // len(with_text)))
    for start in range(0, len(with_text), size):
        tick(start, len(with_text))
        rows_B = np.arange(start, min(start + size, len(with_text)))
        cosine_BI = fast_IC[rows_B] @ fast_IC.T
        cosine_BI[np.arange(len(rows_B)), rows_B] = -np.inf
        candidates = np.argpartition(-cosine_BI, keep - 1, axis=1)[:, :keep]
        others, cosines = _best(unit_IC, rows_B, candidates, num)
        yield with_text[rows_B], with_text[others], cosines
    tick(len(with_text), len(with_text))


def item_edges(
    semantic_IC: Floats,
    mask_I: Bools,
    *,
    num: int,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Ints, Ints]:
    """Return the pairs of items of which either is among the `num` nearest of the other, in both directions,
    sorted.

    Items without text have no edges. `tick(done, total)` counts items and may raise to stop. Raises
    `ConfigError` for more than `MAX_ITEMS` items, because the search compares all pairs.
    """
    num_items = len(semantic_IC)
    if num_items > MAX_ITEMS:
        wrong = f"too many items for a graph of neighbors: got {num_items}, expected at most {MAX_ITEMS}"
        raise ConfigError.at("fusion.neighbors", wrong, hint="set it to 0")
    pairs = [np.zeros(0, dtype=np.int64)]
    for rows_B, others, _ in nearest_blocks(semantic_IC, mask_I, num=num, tick=tick):
        row, column = np.repeat(rows_B, others.shape[1]), others.ravel()
        pairs += [row * num_items + column, column * num_items + row]
    row_E, column_E = np.divmod(np.unique(np.concatenate(pairs)), num_items)
    return row_E, column_E


def _best(unit_IC: Doubles, rows_B: Ints, candidates: Ints, num: int) -> tuple[Ints, Doubles]:
    """Return the `num` best candidates of each row and their cosines, ranked in double precision."""
    exact = np.einsum("bkc,bc->bk", unit_IC[candidates], unit_IC[rows_B])
    cosines = np.clip(np.round(exact, 6), -1.0, 1.0)
    order = np.lexsort((candidates, -cosines), axis=1)[:, :num]
    return np.take_along_axis(candidates, order, axis=1), np.take_along_axis(cosines, order, axis=1)
