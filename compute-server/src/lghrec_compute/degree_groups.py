"""Groups of users or items by train degree, the same in data sets, evaluation and training.

Groups are cut at quantiles of the train degree of all that have one; group 0 has the fewest interactions.
Equal degrees share a group, so groups can differ in size or be empty. Shape letters: N users or items.
"""

from __future__ import annotations

import numpy as np

from lghrec_compute.types import Ints

NUM_GROUPS = 5
COLD = -1


def degree_groups(degree_N: Ints) -> Ints:
    """Group of each, 0 to `NUM_GROUPS` - 1 by ascending degree, `COLD` for degree 0."""
    some = degree_N[degree_N > 0]
    if not len(some):
        return np.full(len(degree_N), COLD, np.int64)
    shares = np.arange(1, NUM_GROUPS) / NUM_GROUPS
    edges = np.quantile(some, shares, method="inverted_cdf")
    return np.where(degree_N > 0, np.searchsorted(edges, degree_N), COLD)
