"""Reads the complete records that a worker has written to its journal, and checks and cleans them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lghrec_compute.errors import IntegrityError
from lghrec_compute.events import Event, Failure, Finished, Log, WarningRaised, event_from_dict
from lghrec_compute.journal import records
from lghrec_compute.json_types import Json
from lghrec_compute.layout import RunDir
from lghrec_compute.server.store import Record
from lghrec_compute.server.text import clean, clean_tail

_CHUNK = 1024 * 1024
_MAX_TRACEBACK = 64 * 1024


def read_records(run_dir: RunDir, offset: int) -> list[Record]:
    """Return the records from `offset`, at most 1 MiB of them, up to the first `Finished` event.

    Complete records before a broken one are returned first. Raises `IntegrityError` if the journal is shorter
    than `offset`, or if its next record is broken, too long or not a valid event.
    """
    data = _read(run_dir.journal, offset)
    found: list[Record] = []
    try:
        for record, end in records(data):
            found.append(_checked(record, offset + end))
            if isinstance(found[-1].event, Finished):
                break
    except ValueError as error:
        if not found:
            raise IntegrityError(f"journal record after byte {offset} is not JSON: {error}") from error
    except IntegrityError:
        if not found:
            raise
    if not found and len(data) == _CHUNK:
        raise IntegrityError(f"journal record at byte {offset} is too long, expected at most {_CHUNK} bytes")
    return found


def _read(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size < offset:
                raise IntegrityError(f"journal has shrunk: got {size} bytes, expected at least {offset}")
            file.seek(offset)
            return file.read(_CHUNK)
    except FileNotFoundError:
        return b""


def _checked(record: Json, end: int) -> Record:
    try:
        event = _cleaned(event_from_dict(record["body"]))
        return Record(int(record["lseq"]), int(record["time_ms"]), event, end)
    except (KeyError, TypeError, ValueError) as error:
        raise IntegrityError(f"journal record before byte {end} is not a valid event: {error}") from error


def _cleaned(event: Event) -> Event:
    match event:
        case Log(line=line):
            return replace(event, line=clean(line))
        case WarningRaised(message=message):
            return replace(event, message=clean(message))
        case Finished(failure=Failure() as failure):
            return replace(event, failure=clean_failure(failure))
        case _:
            return event


def clean_failure(failure: Failure) -> Failure:
    """Remove control characters, and keep only the end of a long traceback."""
    traceback = clean_tail(failure.traceback, _MAX_TRACEBACK)
    return replace(failure, message=clean(failure.message), traceback=traceback)
