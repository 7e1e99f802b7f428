"""Assembles a data set: numbered interactions, their split, the texts of the items, and statistics.

Shapes: I items, N users or items.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from lghrec_compute.data.dataset import Dataset, Part
from lghrec_compute.data.filters import Interactions
from lghrec_compute.data.raw import RawData
from lghrec_compute.data.split import check_split, split, split_sha256
from lghrec_compute.degree_groups import NUM_GROUPS, degree_groups
from lghrec_compute.json_types import Json
from lghrec_compute.spec.preprocess import SplitSpec
from lghrec_compute.types import Ints


def split_dataset(interactions: Interactions, raw: RawData, spec: SplitSpec, *, about: Json) -> Dataset:
    """Split the interactions, and select the texts of the remaining items.

    `about` is the part of the artifact's meta besides counts and degree groups: name, filter, split and
    terms. Raises the `DataError` of `split`, and `IntegrityError` if the split leaks.
    """
    parts = split(interactions, spec.method, (spec.train, spec.valid, spec.test), spec.seed)
    check_split(interactions, parts, cold_users=spec.method not in ("ratio_per_user", "leave_one_out"))
    user_ids, item_ids = interactions.user_ids, interactions.item_ids
    counts = {
        "num_users": len(user_ids),
        "num_items": len(item_ids),
        "num_interactions": len(interactions),
        **{f"num_{name}": len(part) for name, part in zip(("train", "valid", "test"), parts, strict=True)},
        **_degrees(parts, len(user_ids), len(item_ids)),
        "split_sha256": split_sha256(interactions, parts),
        "text_fields": list(raw.text_fields),
    }
    texts = item_texts(item_ids, raw)
    return Dataset(*parts, user_ids.to_list(), item_ids.to_list(), texts, {**about, **counts})


def item_texts(item_ids: pl.Series, raw: RawData) -> dict[str, list[str]]:
    """Return the texts of the items [I] by field, "" for an item whose text the source does not contain."""
    if not raw.text_fields:
        return {}
    rows = pl.DataFrame({"item": item_ids}).join(raw.items, on="item", how="left", maintain_order="left")
    return {name: rows[f"text_{name}"].fill_null("").to_list() for name in raw.text_fields}


def _degrees(parts: Sequence[Part], num_users: int, num_items: int) -> Json:
    """Return the numbers of users and items without a train interaction, and the degree groups of the
    others."""
    train = parts[0]
    degree_U = np.bincount(train.user_E, minlength=num_users)
    degree_I = np.bincount(train.item_E, minlength=num_items)
    return {
        "num_cold_users": int((degree_U == 0).sum()),
        "num_cold_items": int((degree_I == 0).sum()),
        "user_groups": _groups(degree_U),
        "item_groups": _groups(degree_I),
    }


def _groups(degree_N: Ints) -> list[Json]:
    """Return, for each group with members, its number, its size, and its lowest and highest train degree."""
    group_N = degree_groups(degree_N)
    return [
        {
            "group": group,
            "num_members": int(mask_N.sum()),
            "min_degree": int(degree_N[mask_N].min()),
            "max_degree": int(degree_N[mask_N].max()),
        }
        for group in range(NUM_GROUPS)
        if (mask_N := group_N == group).any()
    ]
