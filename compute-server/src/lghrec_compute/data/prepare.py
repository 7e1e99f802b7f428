"""Puts a data set together: numbered interactions, their split, the items' texts, and the record of both.

Shapes: I items.
"""

from __future__ import annotations

import polars as pl

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.filters import Interactions
from lghrec_compute.data.raw import RawData
from lghrec_compute.data.split import check_split, split_per_user, split_sha256
from lghrec_compute.plain import Json


def split_dataset(
    interactions: Interactions, raw: RawData, *, shares: tuple[float, float, float], seed: int, about: Json
) -> Dataset:
    """Splits per user and takes the texts of the items that are left.

    `shares` of train, valid and test add up to 1. `about` is what the artifact shall tell besides its counts:
    its name, filter, split and terms. Raises `IntegrityError` if the split leaks.
    """
    parts = split_per_user(interactions, shares, seed)
    check_split(interactions, parts)
    counts = {
        "num_users": len(interactions.user_ids),
        "num_items": len(interactions.item_ids),
        "num_interactions": len(interactions),
        **{f"num_{name}": len(part) for name, part in zip(("train", "valid", "test"), parts, strict=True)},
        "split_sha256": split_sha256(interactions, parts),
        "text_fields": list(raw.text_fields),
    }
    user_ids, item_ids = interactions.user_ids.to_list(), interactions.item_ids.to_list()
    texts = item_texts(interactions.item_ids, raw)
    return Dataset(*parts, user_ids, item_ids, texts, {**about, **counts})


def item_texts(item_ids: pl.Series, raw: RawData) -> dict[str, list[str]]:
    """Texts of the items [I] by field, "" for an item that the source has no text of."""
    rows = pl.DataFrame({"item": item_ids}).join(raw.items, on="item", how="left", maintain_order="left")
    return {name: rows[f"text_{name}"].fill_null("").to_list() for name in raw.text_fields}
