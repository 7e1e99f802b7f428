"""Format of the journal, the file through which a worker reports the events of its run to the server.

The file remains after both processes end. A record is one line: the CRC-32 of the JSON text (8 hexadecimal
digits), a space, the JSON text `{"lseq": 1, "time_ms": ..., "body": {"<case of RunEvent.body>": {...}}}`, and
a newline. `lseq` counts from 1 without a gap. Enum values are lower-case names without their prefix. The
first record has the case `state`, with the state running, and the last one has the case `finished`. A reader
skips an incomplete last line and reads it later.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator

from lghrec_compute.errors import IntegrityError
from lghrec_compute.json_types import Json, canonical_json

ALREADY_RUNNING = 75
"""Exit code of a worker if another worker has locked the folder of its run."""


def frame(lseq: int, time_ms: int, body: Json) -> bytes:
    """Return one record as a line with its checksum."""
    text = canonical_json({"lseq": lseq, "time_ms": time_ms, "body": body}).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def records(data: bytes) -> Iterator[tuple[Json, int]]:
    """Yield each complete record of `data`, with the offset of the byte after it.

    Raises `IntegrityError` for a complete line whose checksum does not match.
    """
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        line = data[start:end]
        checksum, _, text = line.partition(b" ")
        if checksum != b"%08x" % zlib.crc32(text):
            raise IntegrityError(f"journal record at byte {start} does not match its checksum")
        start = end + 1
        yield json.loads(text), start
