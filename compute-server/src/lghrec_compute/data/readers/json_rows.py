"""Lines of JSON, an object each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lghrec_compute.data.raw import Watch
from lghrec_compute.data.readers.base import Tally
from lghrec_compute.data.readers.streams import text_lines


def objects(path: Path, watch: Watch, tally: Tally) -> Iterator[tuple[str, dict[str, Any]]]:
    """Objects of a file with their lines; a line that is none is counted as a bad row."""
    for number, line in text_lines(path, watch):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict):
            yield f"line {number}", row
        else:
            tally.num_rows += 1
            tally.skip(f"line {number}", f"got {line!r:.80}, expected a JSON object")
