"""The formats that a source's files can have, and how each format names its files.

To add a format, add its name to `SourceFormat` and a row to `FORMATS`, a reader `data/readers/<name>.py` with
a function `read`, and a value of the enum `SourceFormat` in the proto file. The test
`test/compute/data/test_formats.py` names the place that is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

SourceFormat: TypeAlias = Literal[
    "recbole",
    "delimited",
    "jsonl",
    "parquet",
    "adjacency",
    "amazon",
    "yelp",
    "mind",
    "movielens",
    "json_maps",
]
"""Formats of raw data. `serverInfo().capabilities.formats` lists the formats that a server reads."""


@dataclass(frozen=True)
class FileFormat:
    """Patterns of file names by what a file contains. The first pattern that matches a file decides.

    A name matches also with .gz or .zst after it. `not_interactions` excludes files from `interactions`.
    `is_mapped`: the format has no column names of its own, so `source.columns` names them.
    """

    interactions: tuple[str, ...]
    items: tuple[str, ...] = ()
    train: tuple[str, ...] = ()
    valid: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    not_interactions: tuple[str, ...] = ()
    is_mapped: bool = False


TABLE_ENDINGS = ("csv", "tsv", "txt", "dat")
_ITEMS = tuple(f"items.{ending}" for ending in (*TABLE_ENDINGS, "jsonl", "json", "parquet"))


def _mapped(*endings: str) -> FileFormat:
    def named(*stems: str) -> tuple[str, ...]:
        return tuple(f"{stem}.{ending}" for stem in stems for ending in endings)

    return FileFormat(
        interactions=named("interactions", "ratings", "*"),
        items=_ITEMS,
        train=named("train"),
        valid=named("valid", "val"),
        test=named("test"),
        not_interactions=(*named("train", "valid", "val", "test", "items"), *_ITEMS),
        is_mapped=True,
    )


FORMATS: Mapping[SourceFormat, FileFormat] = {
    "recbole": FileFormat(
        interactions=("*.inter",),
        items=("*.item",),
        train=("*.train.inter",),
        valid=("*.valid.inter",),
        test=("*.test.inter",),
        not_interactions=("*.train.inter", "*.valid.inter", "*.test.inter"),
    ),
    "delimited": _mapped(*TABLE_ENDINGS),
    "jsonl": _mapped("jsonl", "ndjson", "json"),
    "parquet": _mapped("parquet"),
    "adjacency": FileFormat(
        interactions=("interactions.txt",),
        items=("item_list.txt",),
        train=("train.txt",),
        valid=("valid.txt", "val.txt"),
        test=("test.txt",),
    ),
    "amazon": FileFormat(
        interactions=("reviews_*.json", "*.jsonl", "*.json"),
        items=("meta_*.jsonl", "meta_*.json"),
        not_interactions=("meta_*",),
    ),
    "yelp": FileFormat(interactions=("*review.json",), items=("*business.json",)),
    "mind": FileFormat(interactions=("behaviors.tsv",), items=("news.tsv",)),
    "movielens": FileFormat(
        interactions=("ratings.csv", "ratings.dat", "u.data"), items=("movies.csv", "movies.dat", "u.item")
    ),
    "json_maps": FileFormat(
        interactions=("interactions.json",),
        items=("items.json",),
        train=("train.json",),
        valid=("valid.json", "val.json"),
        test=("test.json",),
    ),
}
"""The formats by the name that a spec uses."""
