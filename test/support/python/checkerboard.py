"""A data set with a known answer: even users interact with even items, odd users with odd items.

Each user has all items of their colour except one valid and one test item, which differ between users. A
model that has learnt the board ranks those two items first, because no other item of the colour is left.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lghrec_compute.data.dataset import Dataset, Part
from lghrec_compute.types import Floats


def checkerboard(num_users: int = 40, num_items: int = 40) -> Dataset:
    """Return the board with texts that name the colour of each item."""
    user_E, item_E = np.nonzero(np.add.outer(np.arange(num_users), np.arange(num_items)) % 2 == 0)
    half = num_items // 2
    slot_E = (item_E // 2 - user_E) % half  # 0 is the user's test item, 1 the valid one
    parts = [
        _part(user_E, item_E, slot_E > 1),
        _part(user_E, item_E, slot_E == 1),
        _part(user_E, item_E, slot_E == 0),
    ]
    texts = [("quiet mountain drama", "loud city comedy")[item % 2] for item in range(num_items)]
    return Dataset(
        *parts,
        user_ids=[f"u{user:03d}" for user in range(num_users)],
        item_ids=[f"i{item:03d}" for item in range(num_items)],
        item_texts={"title": texts},
        meta={
            "name": "checkerboard",
            "num_users": num_users,
            "num_items": num_items,
            "num_interactions": len(user_E),
            "num_train": len(parts[0]),
            "num_valid": len(parts[1]),
            "num_test": len(parts[2]),
            "text_fields": ["title"],
        },
    )  # fmt: skip


def without_valid(dataset: Dataset) -> Dataset:
    """Return the same data set with the valid part moved into train."""
    pairs = np.concatenate(
        [np.stack([part.user_E, part.item_E]) for part in (dataset.train, dataset.valid)], axis=1
    )
    user_E, item_E = pairs[:, np.lexsort((pairs[1], pairs[0]))]
    empty = np.zeros(0, np.int64)
    return replace(dataset, train=Part(user_E, item_E), valid=Part(empty, empty))


def colour_vectors(num_items: int = 40, dim: int = 8) -> Floats:
    """Return a semantic vector for each item, [I, C]: its colour plus a small individual part."""
    noise_IC = np.random.default_rng(0).normal(size=(num_items, dim)) * 0.1
    noise_IC[:, 0] += np.where(np.arange(num_items) % 2 == 0, 1.0, -1.0)
    return noise_IC.astype(np.float32)


def _part(user_E: np.ndarray, item_E: np.ndarray, chosen_E: np.ndarray) -> Part:
    return Part(user_E[chosen_E].astype(np.int64), item_E[chosen_E].astype(np.int64))
