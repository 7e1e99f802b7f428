"""One file a format; each yields `RawData`. The rules for bad input are in `base`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lghrec_compute.data.raw import RawData, Watch
from lghrec_compute.data.readers.adjacency import read_adjacency
from lghrec_compute.data.readers.amazon import read_amazon
from lghrec_compute.data.readers.delimited import read_delimited
from lghrec_compute.data.readers.json_maps import read_json_maps
from lghrec_compute.data.readers.jsonl import read_jsonl
from lghrec_compute.data.readers.mind import read_mind
from lghrec_compute.data.readers.movielens import read_movielens
from lghrec_compute.data.readers.parquet import read_parquet
from lghrec_compute.data.readers.recbole import read_recbole
from lghrec_compute.data.readers.yelp import read_yelp
from lghrec_compute.data.request import SourceFiles

READERS: Mapping[str, Callable[[SourceFiles, Watch], RawData]] = {
    "recbole": read_recbole,
    "delimited": read_delimited,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "adjacency": read_adjacency,
    "amazon": read_amazon,
    "yelp": read_yelp,
    "mind": read_mind,
    "movielens": read_movielens,
    "json_maps": read_json_maps,
}
"""Reader of each format; `generate` stands in for one where the format is `generator`."""
