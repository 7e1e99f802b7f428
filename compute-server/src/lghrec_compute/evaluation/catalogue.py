"""What lists are made of: how popular the listed items are, and how many of all items are ever listed.

Definitions are those of `spec/metrics.py`. A list that is shorter than the cutoff, as candidates ran out,
counts with the items it has; an empty one has 0 of everything. Shape letters: U users, I items, K cutoff.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lghrec_compute.spec.metrics import LIST_METRICS, WHOLE_METRICS
from lghrec_compute.types import Bools, Doubles, Ints

_HEAD = 5
"""One in so many items is in the head."""


@dataclass(frozen=True)
class Catalogue:
    """All items: `count_I`, the train interactions of each, with any of `num_users` users."""

    count_I: Ints
    num_users: int

    def of_items(self, name: str) -> Doubles:
        """Return the value of each item for one of `LIST_METRICS`, fp64 [I]."""
        return LIST_FUNCTIONS[name](self).astype(np.float64)

    @property
    def tail_I(self) -> Bools:
        """Is an item outside the head, the fifth of all items (rounded up) with the most train interactions.

        Of equally popular items those with the higher ids are in the head.
        """
        order_I = np.argsort(self.count_I, kind="stable")
        tail_I = np.zeros(len(order_I), np.bool_)
        tail_I[order_I[: len(order_I) * (_HEAD - 1) // _HEAD]] = True
        return tail_I


LIST_FUNCTIONS: dict[str, Callable[[Catalogue], Bools | Ints | Doubles]] = {
    "novelty": lambda catalogue: np.log2(catalogue.num_users / np.maximum(catalogue.count_I, 1)),
    "average_popularity": lambda catalogue: catalogue.count_I,
    "tail_share": lambda catalogue: catalogue.tail_I,
}
"""Value of each item, by the name of the metric in `LIST_METRICS`."""


def list_metrics(
    items_UK: Ints, cutoffs: Sequence[int], catalogue: Catalogue, names: Sequence[str] = LIST_METRICS
) -> dict[str, Doubles]:
    """fp64 [U] for each "<metric>@<cutoff>" of `LIST_METRICS`; -1 in a list is no item."""
    values: dict[str, Doubles] = {}
    real_UK = items_UK >= 0
    length_UK = np.maximum(np.cumsum(real_UK, axis=1), 1)
    for name in names:
        sums_UK = np.cumsum(np.where(real_UK, catalogue.of_items(name)[items_UK], 0.0), axis=1)
        values |= {f"{name}@{k}": sums_UK[:, k - 1] / length_UK[:, k - 1] for k in cutoffs}
    return values


def whole_metrics(
    items_UK: Ints, cutoffs: Sequence[int], num_items: int, names: Sequence[str] = WHOLE_METRICS
) -> dict[str, float]:
    """Each "<metric>@<cutoff>" of `WHOLE_METRICS` over all lists and all `num_items` items."""
    return {
        f"{name}@{k}": WHOLE_FUNCTIONS[name](places_I)
        for name in names
        for k, places_I in _places(items_UK, cutoffs, num_items)
    }


def coverage(places_I: Ints) -> float:
    """Share of items with a place in a list; `places_I` counts the places of each item."""
    return float((places_I > 0).mean())


def gini(places_I: Ints) -> float:
    """Gini coefficient of the places of all items, sum of (2i - I - 1) p_i / (I sum of p), with p ascending.

    0 if every item has as many places, 1 - 1/I if one item has them all, and 0 if there are none.
    """
    count, total = len(places_I), int(places_I.sum())
    if not total:
        return 0.0
    weights_I = 2.0 * np.arange(1, count + 1) - count - 1
    return float(weights_I @ np.sort(places_I) / (count * total))


WHOLE_FUNCTIONS: dict[str, Callable[[Ints], float]] = {"coverage": coverage, "gini": gini}
"""Function of each metric in `WHOLE_METRICS`."""


def _places(items_UK: Ints, cutoffs: Sequence[int], num_items: int) -> Iterator[tuple[int, Ints]]:
    for cutoff in cutoffs:
        listed = items_UK[:, :cutoff]
        yield cutoff, np.bincount(listed[listed >= 0], minlength=num_items)
