"""Degree groups in the form that the figures show.

Shapes: N users or items.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lghrec_compute.degree_groups import degree_groups
from lghrec_compute.types import Ints


class Groups(NamedTuple):
    """Group of each node, and the lowest and highest degree of each group. None means an empty group."""

    group_N: Ints
    spans: list[tuple[int, int] | None]


def cut(degree_N: Ints, num_groups: int) -> Groups:
    """Return the groups that a policy uses. Nodes without an interaction belong to the lowest group."""
    group_N = np.maximum(degree_groups(degree_N, num_groups), 0)
    members = [degree_N[group_N == group] for group in range(num_groups)]
    return Groups(group_N, [(int(each.min()), int(each.max())) if len(each) else None for each in members])


def span_label(span: tuple[int, int] | None) -> str:
    """Return the degrees of a group as text: "3" or "4–7", or "" for an empty group."""
    if span is None:
        return ""
    return f"{span[0]:,}" if span[0] == span[1] else f"{span[0]:,}–{span[1]:,}"
