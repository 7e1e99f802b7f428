"""MovieLens in its own layouts.

100k: u.data (tab: user, item, rating, timestamp) and u.item (|, Latin-1: id, title, release date, video
release date, URL, 19 flags of genres). 1m and 10m: ratings.dat and movies.dat with "::". 20m and later:
ratings.csv (userId, movieId, rating, timestamp) and movies.csv (movieId, title, genres). movies.dat is
UTF-8, or Latin-1 where it is not. The text fields are title, release_date (100k only) and genres. Source:
the README of each set, https://grouplens.org/datasets/movielens
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, Watch
from lghrec_compute.data.readers.parts.base import Rows, read_source
from lghrec_compute.data.readers.parts.streams import lines
from lghrec_compute.data.readers.parts.table import Layout, Meaning, read_interactions, read_items
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
"""Of u.item's flags, in order, as in u.genre."""

_RATING_COLUMNS = ("userId", "movieId", "rating", "timestamp")
_MOVIE_COLUMNS = ("movieId", "title", "genres")
_ITEM_COLUMNS = ("movieId", "title", "release_date", "video_release_date", "imdb_url", *GENRES)
_RATINGS = {
    "u.data": Layout(_RATING_COLUMNS, "\t"),
    "ratings.dat": Layout(_RATING_COLUMNS, "::"),
    "ratings.csv": Layout(_RATING_COLUMNS, ",", header=1, quoted=True),
}
_MOVIES = {
    "u.item": Layout(_ITEM_COLUMNS, "|", encoding="latin-1"),
    "movies.dat": Layout(_MOVIE_COLUMNS, "::"),
    "movies.csv": Layout(_MOVIE_COLUMNS, ",", header=1, quoted=True),
}


def read(files: SourceFiles, watch: Watch) -> RawData:
    """Reads both files by the rules of `base`; a file is told by its name, another one by its ending."""
    return read_source(files, watch, _ratings, _movies)


def _ratings(path: Path, watch: Watch) -> Rows:
    return read_interactions(path, _layout(path, _RATINGS), Meaning(*_RATING_COLUMNS), watch)


def _movies(path: Path, watch: Watch) -> pl.DataFrame:
    layout = _layout(path, _MOVIES)
    if layout.separator == "::" and not _is_utf8(path, watch):
        layout = Layout(layout.names, layout.separator, encoding="latin-1")
    fields = [name for name in layout.names if name not in ("movieId", "video_release_date", "imdb_url")]
    items = read_items(path, layout, "movieId", fields, watch)
    if "genres" in layout.names:
        return items.with_columns(pl.col("text_genres").str.replace_all("|", ", ", literal=True))
    names = (pl.when(pl.col(f"text_{name}") == "1").then(pl.lit(name)) for name in GENRES)
    genres = pl.concat_str(*names, separator=", ", ignore_nulls=True).alias("text_genres")
    return items.select("item", "text_title", "text_release_date", genres)


def _layout(path: Path, layouts: dict[str, Layout]) -> Layout:
    """By the name, else by the ending: parts of a given split have names such as u1.base and u1.test."""
    name = bare_name(path)
    ending = name.rsplit(".", 1)[-1]
    found = next((layout for known, layout in layouts.items() if known.endswith("." + ending)), None)
    return layouts.get(name) or found or next(iter(layouts.values()))


def _is_utf8(path: Path, watch: Watch) -> bool:
    for _, line in lines(path, watch):
        try:
            line.decode()
        except UnicodeDecodeError:
            return False
    return True
