"""Which items a preview shows: long and short texts, popular and rare items. Shapes: I items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lghrec_compute.types import Ints

LENGTH_GROUPS, DEGREE_GROUPS = 10, 5


def preview_items(lengths: Sequence[int], degrees: Sequence[int], *, num: int, seed: int) -> list[int]:
    """Numbers of `num` items with text, or of all if there are fewer, in ascending order.

    Strata are deciles of the text's length times fifths of the degree; each gives one item in turn, so a
    sample shows as many strata as it can. `lengths` 0 means no text.
    """
    length_I, degree_I = np.asarray(lengths, np.int64), np.asarray(degrees, np.int64)
    with_text = np.flatnonzero(length_I > 0)
    rng = np.random.default_rng(seed)
    with_text = rng.permutation(with_text)
    stratum = _group(length_I[with_text], LENGTH_GROUPS) * DEGREE_GROUPS
    stratum += _group(degree_I[with_text], DEGREE_GROUPS)
    turn = _turns(stratum)
    order = np.lexsort((rng.permutation(LENGTH_GROUPS * DEGREE_GROUPS)[stratum], turn))
    return sorted(int(item) for item in with_text[order[:num]])


def _group(values: Ints, num: int) -> Ints:
    """Quantile groups; equal values are in one."""
    edges = np.quantile(values, np.arange(1, num) / num) if len(values) else np.zeros(num - 1)
    return np.searchsorted(edges, values, side="left").astype(np.int64)


def _turns(stratum: Ints) -> Ints:
    """For each entry, how many of its stratum come before it."""
    seen: dict[int, int] = {}
    turns = np.zeros(len(stratum), np.int64)
    for place, name in enumerate(stratum.tolist()):
        turns[place] = seen.get(name, 0)
        seen[name] = turns[place] + 1
    return turns
