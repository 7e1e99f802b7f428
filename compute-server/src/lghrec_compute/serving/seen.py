"""The items that each user has seen, in any part of the data set.

Shapes: B users of a request, E interactions.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from lghrec_compute.types import Int32s, Ints


@dataclass(frozen=True)
class SeenItems:
    """The items of user u are `items_E[offsets[u]:offsets[u + 1]]`."""

    offsets: Ints
    items_E: Int32s

    def pairs(self, users_B: Ints) -> tuple[Ints, Ints]:
        """Return the row in `users_B` and the item of each interaction of these users."""
        starts, sizes = self.offsets[users_B], self.offsets[users_B + 1] - self.offsets[users_B]
        row_E = np.repeat(np.arange(len(users_B)), sizes)
        index_E = np.arange(len(row_E)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return row_E, self.items_E[np.repeat(starts, sizes) + index_E].astype(np.int64)


def read_seen(path: Path, num_users: int) -> SeenItems:
    """Read interactions.parquet of a data set."""
    table = pq.read_table(path, columns=["user", "item"])
    user_E, item_E = table["user"].to_numpy(), table["item"].to_numpy()
    sizes = np.bincount(user_E, minlength=num_users)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    return SeenItems(offsets, item_E[np.argsort(user_E, kind="stable")])
