"""The journal's format: how a worker tells the server what happens, through a file that outlives both.

A record is one line: CRC-32 of the rest (8 hexadecimal digits), a space, JSON
`{"lseq": 1, "time_ms": ..., "body": {"<case of RunEvent.body>": {...}}}`, a newline. `lseq` counts from 1
without a gap. Enum values are lower-case names without their prefix. The first record is `state_changed` to
running, the last one is `finished`. A line that is not whole yet is left for the next read.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator

from lghrec_compute.errors import IntegrityError
from lghrec_compute.json_types import Json, canonical_json

ALREADY_RUNNING = 75
"""Exit code of a worker that finds its run's folder locked by another worker."""


def frame(lseq: int, time_ms: int, body: Json) -> bytes:
    """One record as a line."""
    text = canonical_json({"lseq": lseq, "time_ms": time_ms, "body": body}).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def records(data: bytes) -> Iterator[tuple[Json, int]]:
    """Yields each whole record of `data` with the offset just after it.

    Raises `IntegrityError` for a whole line whose checksum does not match.
    """
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        line = data[start:end]
        checksum, _, text = line.partition(b" ")
        if checksum != b"%08x" % zlib.crc32(text):
            raise IntegrityError(f"journal record at byte {start} does not match its checksum")
        start = end + 1
        yield json.loads(text), start
