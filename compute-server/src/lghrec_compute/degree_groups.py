"""Groups of users, or of items, by train degree: the same in data sets, evaluation, reports and policies.

The groups are cut at quantiles of the train degrees of all nodes that have one. Group 0 has the fewest
interactions. Equal degrees share a group, so groups can differ in size or be empty.

Shapes: N users or items.
"""

from __future__ import annotations

import numpy as np

from lghrec_compute.types import Doubles, Floats, Ints

NUM_GROUPS = 5
"""Number of groups in data sets and evaluation. LGHRec uses five levels of activity (section 3.2)."""
COLD = -1
"""Group number of a node without a train interaction."""


def degree_groups(degree_N: Ints | Floats | Doubles, num_groups: int = NUM_GROUPS) -> Ints:
    """Return the group of each node: 0 to `num_groups` - 1 by ascending degree, or `COLD` for degree 0.

    The upper edge of group g is the smallest degree that at least (g + 1) / `num_groups` of the nodes do not
    exceed. The positions are computed with integers, so that rounding cannot move an edge.
    """
    sorted_degree = np.sort(degree_N[degree_N > 0])
    if not len(sorted_degree):
        return np.full(len(degree_N), COLD, np.int64)
    rank = -(-len(sorted_degree) * np.arange(1, num_groups) // num_groups)
    group_N = np.searchsorted(sorted_degree[rank - 1], degree_N)
    return np.where(degree_N > 0, group_N, COLD)
