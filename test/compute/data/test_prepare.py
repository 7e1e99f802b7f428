from __future__ import annotations

import polars as pl

from lghrec_compute.data.filters import apply_filters
from lghrec_compute.data.prepare import split_dataset
from lghrec_compute.data.raw import RawData
from lghrec_compute.spec.preprocess import FilterSpec, SplitSpec


def test_cold_users_items_and_degree_groups_are_recorded() -> None:
    # train: u0 has 1, u1 has 2, u2 has 3 items, u3 none; i0 has 3 users, i1 2, i2 1, i3 none
    train = [("u0", "i0"), ("u1", "i0"), ("u1", "i1"), ("u2", "i0"), ("u2", "i1"), ("u2", "i2")]
    rows = [(*pair, 0) for pair in train] + [("u3", "i3", 2), ("u0", "i3", 2)]
    frame = pl.DataFrame(rows, schema={"user": pl.String, "item": pl.String, "part": pl.UInt8}, orient="row")
    items = pl.DataFrame({"item": ["i0", "i9"], "text_title": ["A", "never used"]})
    raw = RawData(frame, items, ("title",), len(rows))
    left = apply_filters(frame, FilterSpec(k_core=1)).interactions
    dataset = split_dataset(left, raw, SplitSpec(method="given"), about={"name": "n"})
    assert (dataset.meta["num_cold_users"], dataset.meta["num_cold_items"]) == (1, 1)
    assert (dataset.meta["num_train"], dataset.meta["num_valid"], dataset.meta["num_test"]) == (6, 0, 2)
    assert dataset.item_texts == {"title": ["A", "", "", ""]}
    # the quantiles 0.2, 0.4, 0.6, 0.8 of the degrees 1, 2, 3 are 1, 2, 2, 3: groups 0, 1 and 3
    expected = [
        {"group": 0, "num_members": 1, "min_degree": 1, "max_degree": 1},
        {"group": 1, "num_members": 1, "min_degree": 2, "max_degree": 2},
        {"group": 3, "num_members": 1, "min_degree": 3, "max_degree": 3},
    ]
    assert dataset.meta["user_groups"] == dataset.meta["item_groups"] == expected
    assert dataset.meta["name"] == "n"
