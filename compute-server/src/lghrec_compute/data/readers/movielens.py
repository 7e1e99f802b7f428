"""MovieLens in its original layouts.

100k: u.data (tab: user, item, rating, timestamp) and u.item (|, Latin-1: id, title, release date, video
release date, URL, 19 genre flags). 1m and 10m: ratings.dat and movies.dat with "::". 20m and later:
ratings.csv (userId, movieId, rating, timestamp) and movies.csv (movieId, title, genres). movies.dat is read
as UTF-8, or as Latin-1 if it is not UTF-8. The text fields are title, release_date (100k only) and genres.
Source: the README of each set, https://grouplens.org/datasets/movielens
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.base import FileRows, read_source
from lghrec_compute.data.readers.parts.streams import lines
from lghrec_compute.data.readers.parts.table import (
    InteractionColumns,
    TableLayout,
    read_interactions,
    read_items,
)
from lghrec_compute.data.source_files import SourceFiles, bare_name

GENRES = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama"),
    *(
        "Fantasy",
        "Film-Noir",
        "Horror",
        "Musical",
        "Mystery",
        "Romance",
        "Sci-Fi",
        "Thriller",
        "War",
        "Western",
    ),
)
"""Genre flags of u.item in order, as in u.genre."""

_RATING_COLUMNS = ("userId", "movieId", "rating", "timestamp")
_MOVIE_COLUMNS = ("movieId", "title", "genres")
_ITEM_COLUMNS = ("movieId", "title", "release_date", "video_release_date", "imdb_url", *GENRES)
_RATINGS = {
    "u.data": TableLayout(_RATING_COLUMNS, "\t"),
    "ratings.dat": TableLayout(_RATING_COLUMNS, "::"),
    "ratings.csv": TableLayout(_RATING_COLUMNS, ",", header=1, quoted=True),
}
_MOVIES = {
    "u.item": TableLayout(_ITEM_COLUMNS, "|", encoding="latin-1"),
    "movies.dat": TableLayout(_MOVIE_COLUMNS, "::"),
    "movies.csv": TableLayout(_MOVIE_COLUMNS, ",", header=1, quoted=True),
}


def read(files: SourceFiles, context: ReadContext) -> RawData:
    """Read both files by the rules of `parts/base.py`. The name of a file selects its layout, or else the
    name's ending."""
    return read_source(files, context, _ratings, _movies)


def _ratings(path: Path, context: ReadContext) -> FileRows:
    return read_interactions(path, _layout(path, _RATINGS), InteractionColumns(*_RATING_COLUMNS), context)


def _movies(path: Path, context: ReadContext) -> pl.DataFrame:
    layout = _layout(path, _MOVIES)
    if layout.separator == "::" and not _is_utf8(path, context):
        layout = TableLayout(layout.names, layout.separator, encoding="latin-1")
    fields = [name for name in layout.names if name not in ("movieId", "video_release_date", "imdb_url")]
    items = read_items(path, layout, "movieId", fields, context)
    if "genres" in layout.names:
        return items.with_columns(pl.col("text_genres").str.replace_all("|", ", ", literal=True))
    names = (pl.when(pl.col(f"text_{name}") == "1").then(pl.lit(name)) for name in GENRES)
    genres = pl.concat_str(*names, separator=", ", ignore_nulls=True).alias("text_genres")
    return items.select("item", "text_title", "text_release_date", genres)


def _layout(path: Path, layouts: dict[str, TableLayout]) -> TableLayout:
    """Select by the name, else by its ending, because parts of a given split have names such as u1.base and
    u1.test."""
    name = bare_name(path)
    ending = name.rsplit(".", 1)[-1]
    found = next((layout for known, layout in layouts.items() if known.endswith("." + ending)), None)
    return layouts.get(name) or found or next(iter(layouts.values()))


def _is_utf8(path: Path, context: ReadContext) -> bool:
    for _, line in lines(path, context):
        try:
            line.decode()
        except UnicodeDecodeError:
            return False
    return True
