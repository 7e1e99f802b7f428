"""Item cards of a semantic ids artifact: written once, and read one at a time without loading the others.

cards.jsonl: one card per line, sorted by the UTF-8 bytes of the external id. cards.index: the offset of each
line, unsigned 64-bit little-endian, then the size of the file. Equal cards give equal bytes. Reading one card
reads log2(items) lines. It imports neither torch nor numpy, because the server uses it, too.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from lghrec_compute.errors import IntegrityError, NotFoundError
from lghrec_compute.json_types import Json, canonical_json

CARDS_FILE, INDEX_FILE = "cards.jsonl", "cards.index"

_OFFSET = struct.Struct("<Q")


def write_cards(folder: Path, cards: Iterable[Json]) -> None:
    """Write both files. Cards are `lghrec.v1.ItemCard` as plain data, sorted by the bytes of `item`."""
    previous, offset = b"", 0
    with (folder / CARDS_FILE).open("wb") as lines, (folder / INDEX_FILE).open("wb") as index:
        for card in cards:
            name = card["item"].encode()
            assert offset == 0 or name > previous, "cards are sorted and each item has one"
            line = canonical_json(card).encode() + b"\n"
            lines.write(line)
            index.write(_OFFSET.pack(offset))
            previous, offset = name, offset + len(line)
        index.write(_OFFSET.pack(offset))


def read_card(folder: Path, item: str) -> Json:
    """Return the card of the item with this external id.

    Raises `NotFoundError` if the artifact has no cards or the item has none, and `IntegrityError` if the
    files do not fit together.
    """
    wanted = item.encode("utf-8", "surrogatepass")
    try:
        with (folder / CARDS_FILE).open("rb") as lines, (folder / INDEX_FILE).open("rb") as index:
            card = _search(lines, index, wanted)
    except FileNotFoundError:
        raise NotFoundError(
            "these semantic ids have no item cards", reason="ITEM_UNKNOWN", hint="create them again"
        ) from None
    if card is None:
        raise NotFoundError(
            f"no item {item!r} in these semantic ids", reason="ITEM_UNKNOWN", hint="give its external id"
        )
    return card


def _search(lines: BinaryIO, index: BinaryIO, wanted: bytes) -> Json | None:
    low, high = 0, index.seek(0, 2) // _OFFSET.size - 1
    while low < high:
        middle = (low + high) // 2
        card = _line(lines, index, middle)
        name = card["item"].encode("utf-8", "surrogatepass")
        if name == wanted:
            return card
        low, high = (middle + 1, high) if name < wanted else (low, middle)
    return None


def _line(lines: BinaryIO, index: BinaryIO, number: int) -> Json:
    index.seek(number * _OFFSET.size)
    start, end = struct.unpack("<QQ", index.read(2 * _OFFSET.size))
    lines.seek(start)
    try:
        card = json.loads(lines.read(end - start))
        assert isinstance(card["item"], str)
    except (ValueError, LookupError, TypeError, AssertionError):
        raise IntegrityError(f"card {number} cannot be read: {CARDS_FILE} and {INDEX_FILE} differ") from None
    return card
