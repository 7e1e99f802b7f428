"""Reads the whole records a worker has written to its journal so far, checked and cleaned."""

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
    """Records from `offset` on, at most 1 MiB of them, up to the first `finished`.

    Raises `IntegrityError` for a journal that is shorter than what has been read of it, or whose next record
    is broken, too long or not understood. Whole records before a broken one are returned first.
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
            raise IntegrityError(f"journal record after byte {offset} is no JSON: {error}") from error
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
        raise IntegrityError(f"journal record that ends at byte {end} is not understood: {error}") from error


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
    """Removes control characters, and keeps the end of a long traceback only."""
    traceback = clean_tail(failure.traceback, _MAX_TRACEBACK)
    return replace(failure, message=clean(failure.message), traceback=traceback)
