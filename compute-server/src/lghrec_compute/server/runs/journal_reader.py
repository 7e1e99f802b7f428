"""Reads the whole records a worker has written to its journal so far, checked and cleaned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lghrec.v1 import run_pb2
from lghrec_compute.errors import IntegrityError
from lghrec_compute.journal import JOURNAL, records
from lghrec_compute.json_types import Json
from lghrec_compute.server.store import Record
from lghrec_compute.server.text import clean, clean_tail
from lghrec_compute.server.wire.convert import fill

_CHUNK = 1024 * 1024
_MAX_TRACEBACK = 64 * 1024


def read_records(run_dir: Path, offset: int) -> list[Record]:
    """Records from `offset` on, at most 1 MiB of them, up to the first `finished`.

    Raises `IntegrityError` for a journal that is shorter than what has been read of it, or whose next record
    is broken, too long or not understood. Whole records before a broken one are returned first.
    """
    data = _read(run_dir / JOURNAL, offset)
    found: list[Record] = []
    try:
        for record, end in records(data):
            found.append(_checked(record, offset + end))
            if "finished" in found[-1].body:
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
        body = _cleaned(record["body"])
        message = run_pb2.RunEvent()
        fill(message, body)
        if len(body) != 1 or message.WhichOneof("body") is None:
            raise ValueError("expected exactly one case")
        _check_end(body.get("finished"))
        return Record(int(record["lseq"]), int(record["time_ms"]), body, end)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise IntegrityError(f"journal record that ends at byte {end} is not understood: {error}") from error


def _check_end(finished: Any) -> None:
    if finished is None:
        return
    part = {"succeeded": "result", "failed": "failure", "cancelled": None}[finished["state"]]
    if part is not None and not finished.get(part):
        raise ValueError(f"a run that {finished['state']} needs a {part}")


def _cleaned(body: Json) -> Json:
    case, fields = next(iter(body.items()))
    if case == "log":
        fields = {**fields, "line": clean(fields["line"])}
    elif case == "warning":
        fields = {**fields, "message": clean(fields["message"])}
    elif case == "finished" and fields.get("failure"):
        fields = {**fields, "failure": clean_failure(fields["failure"])}
    return {**body, case: fields}


def clean_failure(failure: Json) -> Json:
    """A failure made safe to show, and small: of a long traceback the end is kept."""
    return {
        **failure,
        "message": clean(failure.get("message", "")),
        "traceback": clean_tail(failure.get("traceback", ""), _MAX_TRACEBACK),
    }
