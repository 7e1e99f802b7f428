"""Metrics of the listed items: their popularity, and the share of all items that at least one list contains.

`spec/metrics.py` defines the metrics. A list is shorter than the cutoff if there are not enough candidates.
The metrics of a short list use the items that it contains, and the value of an empty list is 0.

Shapes: I items, K longest cutoff, U users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lghrec_compute.spec.metrics import LIST_METRICS, WHOLE_METRICS
from lghrec_compute.types import Bools, Doubles, Ints

_HEAD = 5
"""The head contains one item out of this number of items."""


@dataclass(frozen=True)
class Catalogue:
    """All items, with the number of train interactions of each (`count_I`), and the number of users."""

    count_I: Ints
    num_users: int

    def of_items(self, name: str) -> Doubles:
        """Return the value of each item for one of `LIST_METRICS`, fp64 [I]."""
        return LIST_FUNCTIONS[name](self).astype(np.float64)

    @property
    def tail_I(self) -> Bools:
        """True for items outside the head, which is the fifth of all items with the most train interactions.

        The size of the head is rounded up. Among equally popular items, those with higher ids are in the head
        first.
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
"""Function that returns the value of each item, by the name of the metric in `LIST_METRICS`."""


def list_metrics(
    items_UK: Ints, cutoffs: Sequence[int], catalogue: Catalogue, names: Sequence[str] = LIST_METRICS
) -> dict[str, Doubles]:
    """Return fp64 [U] for each "<metric>@<cutoff>" of `LIST_METRICS`. -1 in a list is no item."""
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
    """Return each "<metric>@<cutoff>" of `WHOLE_METRICS` over all lists and all `num_items` items."""
    return {
        f"{name}@{k}": WHOLE_FUNCTIONS[name](listed_I)
        for name in names
        for k, listed_I in _listed(items_UK, cutoffs, num_items)
    }


def coverage(listed_I: Ints) -> float:
    """Return the share of items in at least one list. `listed_I` is the number of lists with each item."""
    return float((listed_I > 0).mean())


def gini(listed_I: Ints) -> float:
    """Return the Gini coefficient sum of (2i - I - 1) p_i / (I sum of p), with p = `listed_I` in ascending
    order.

    It is 0 if all items are in the same number of lists, 1 - 1/I if all lists contain the same single item,
    and 0 if all lists are empty.
    """
    count, total = len(listed_I), int(listed_I.sum())
    if not total:
        return 0.0
    weights_I = 2.0 * np.arange(1, count + 1) - count - 1
    return float(weights_I @ np.sort(listed_I) / (count * total))


WHOLE_FUNCTIONS: dict[str, Callable[[Ints], float]] = {"coverage": coverage, "gini": gini}
"""Function of each metric in `WHOLE_METRICS`."""


def _listed(items_UK: Ints, cutoffs: Sequence[int], num_items: int) -> Iterator[tuple[int, Ints]]:
    for cutoff in cutoffs:
        listed = items_UK[:, :cutoff]
        yield cutoff, np.bincount(listed[listed >= 0], minlength=num_items)
