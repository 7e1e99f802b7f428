"""Reads knowledge (rows of three ids: head, relation, tail) and interests (rows of two ids: user, interest).

The separator is a tab or a comma if the first line contains one, otherwise a space. There is no header. The
rules for bad rows are in `readers/parts/base.py`. Source of the layout: https://github.com/laowangzi/CIKGRec,
data/*, kg_final.txt and user_interest_clustered.txt
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.streams import lines
from lghrec_compute.data.readers.parts.table import TableLayout, WantedColumns, read_table
from lghrec_compute.data.side_information import KnownIds, SideInformation, build_interests, build_knowledge
from lghrec_compute.data.source_files import SourceFiles

ROLES = ("knowledge", "interests")
"""Roles of the files that are read here."""


def read_side_information(
    files: SourceFiles,
    raw: RawData,
    context: ReadContext,
    *,
    user_ids: Sequence[str],
    item_ids: Sequence[str],
) -> SideInformation:
    """Read the side information of a source for the users and items that remain after filtering.

    Raises `DataError` for more than 5 % bad rows, and for files that share no id with the data.
    """
    knowledge, interests = None, None
    if path := files.files.get("knowledge"):
        triples, num_rows = _ids(path, ("head", "relation", "tail"), ("head", "tail"), context)
        source = pl.concat([raw.interactions["item"], raw.items["item"]]).unique()
        items = KnownIds(pl.Series(item_ids, dtype=pl.String), source)
        knowledge = build_knowledge(triples, items, num_rows=num_rows)
    if path := files.files.get("interests"):
        rows, num_rows = _ids(path, ("user", "interest"), ("user", "interest"), context)
        users = KnownIds(pl.Series(user_ids, dtype=pl.String), raw.interactions["user"].unique())
        interests = build_interests(rows, users, num_rows=num_rows)
    return SideInformation(knowledge, interests)


def _ids(
    path: Path, names: tuple[str, ...], wanted: tuple[str, ...], context: ReadContext
) -> tuple[pl.DataFrame, int]:
    """Return the good rows of the wanted columns without surrounding white space, and the number of all
    rows."""
    first = next((line for _, line in lines(path, context)), b"")
    separator = next((one for one in ("\t", ",") if one.encode() in first), " ")
    frame, counts = read_table(path, TableLayout(names, separator), WantedColumns(wanted), context)
    return frame.select(pl.col(wanted).str.strip_chars()), counts.num_rows
