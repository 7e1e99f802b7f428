"""Groups of nodes by train degree as figures see them. Shape letters: types.py."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lghrec_compute.types import Ints


class Groups(NamedTuple):
    """Group of each node, and lowest and highest degree of each group, None for one that is empty."""

    group_N: Ints
    spans: list[tuple[int, int] | None]


def cut(degree_N: Ints, num_groups: int) -> Groups:
    """Groups as the policy cuts them: at quantiles of the degrees of those that have one; the others join
    the lowest."""
    some = degree_N[degree_N > 0]
    edges = np.zeros(0)
    if len(some) and num_groups > 1:
        shares = np.arange(1, num_groups) / num_groups
        edges = np.quantile(some, shares, method="inverted_cdf")
    group_N = np.searchsorted(edges, degree_N)
    members = [degree_N[group_N == group] for group in range(num_groups)]
    return Groups(group_N, [(int(each.min()), int(each.max())) if len(each) else None for each in members])


def span_label(span: tuple[int, int] | None) -> str:
    """Degrees in words: "3", "4–7", or nothing."""
    if span is None:
        return ""
    return f"{span[0]:,}" if span[0] == span[1] else f"{span[0]:,}–{span[1]:,}"
