"""Unpacks zip and tar archives within limits, once for each content.

An archive is refused for more than 10,000 members, for more than 200 bytes unpacked for one packed, for more
than 64 GiB, and for a member that is a link or a device, leaves the folder, or has another one's name. Bytes
are counted as they come, whatever the archive says of itself. What was unpacked is kept for the next run;
when another archive is unpacked, what no run has asked for in 7 days goes, and beyond 64 GiB in all also what
was asked for longest ago, but nothing of the last day, as a run may still read it. Imports nothing but the
standard library.
"""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import time
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO

from lghrec_compute.artifacts import disk_errors
from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.errors import DataError

MAX_MEMBERS = 10_000
MAX_RATIO = 200
MAX_BYTES = 64 << 30
KEPT_BYTES = 64 << 30
KEPT_S = 7 * 86_400
_IN_USE_S = 86_400
_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
_CHUNK = 1 << 20


def is_archive(path: Path) -> bool:
    """By its name: .zip, .tar, .tar.gz or .tgz."""
    return path.name.lower().endswith(_SUFFIXES)


def unpacked(path: Path, cache: Path, *, tick: Callable[[], None] = lambda: None) -> Path:
    """A folder with the archive's members, under `cache` by the archive's hash; made if it is not there.

    `tick` is called every megabyte and may raise to stop. Raises `DataError` for an archive outside the
    limits or one that cannot be read, `DiskError` when the disk is full; then nothing of it is left.
    """
    target = cache / file_sha256(path) / path.name.split(".")[0]
    if target.is_dir():
        os.utime(target.parent)  # its time is that of its last use
        return target
    temporary = cache / f".{uuid.uuid4().hex}"
    with disk_errors(f"what {path.name} holds"):
        try:
            inside = temporary / target.name
            inside.mkdir(parents=True)
            with _readable(path):
                _unpack(path, inside, tick)
            if not target.is_dir():
                temporary.replace(target.parent)
        except OSError:
            if not target.is_dir():  # else another run was quicker
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    _prune(cache, time.time())
    return target


def _prune(cache: Path, now: float) -> None:
    """Removes what has not been used for long, left-overs of killed runs among it."""
    entries = sorted(((entry.stat().st_mtime, entry) for entry in cache.iterdir()), reverse=True)
    room = KEPT_BYTES
    for used, entry in entries:
        room -= sum(file.stat().st_size for file in entry.rglob("*") if file.is_file())
        age_s = now - used
        if age_s > KEPT_S or (age_s > _IN_USE_S and (room < 0 or entry.name.startswith("."))):
            gone = cache / f".{uuid.uuid4().hex}"
            with suppress(OSError):  # another run may be at it
                entry.rename(gone)  # so that nobody finds a part of it
            shutil.rmtree(gone, ignore_errors=True)


def _unpack(path: Path, folder: Path, tick: Callable[[], None]) -> None:
    room = min(MAX_BYTES, MAX_RATIO * path.stat().st_size)
    seen: set[str] = set()
    for count, (name, fault, stream) in enumerate(_members(path), 1):
        if count > MAX_MEMBERS:
            raise _refusal(path, f"more than {MAX_MEMBERS:,} members")
        inside = _safe_name(name)
        if fault or inside is None or inside.casefold() in seen:
            raise _refusal(path, fault or f"member {name!r}, which leaves the folder or is there twice")
        seen.add(inside.casefold())
        if stream is None or any(part.startswith((".", "__MACOSX")) for part in inside.split("/")):
            continue
        file = folder / inside
        file.parent.mkdir(parents=True, exist_ok=True)
        with stream, file.open("xb") as output:
            while chunk := stream.read(_CHUNK):
                tick()
                room -= len(chunk)
                if room < 0:
                    raise _refusal(path, f"more than {MAX_RATIO} times its size or {MAX_BYTES >> 30} GiB")
                output.write(chunk)


def _members(path: Path) -> Iterator[tuple[str, str, IO[bytes] | None]]:
    """Name, what is wrong with it, and the bytes of a file (None for a folder)."""
    if path.name.lower().endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                kind = stat.S_IFMT(info.external_attr >> 16)
                fault = "" if kind in (0, stat.S_IFREG, stat.S_IFDIR) else f"member {info.filename!r}, a link"
                if info.flag_bits & 1:
                    fault = f"member {info.filename!r}, which is encrypted"
                yield info.filename, fault, None if fault or info.is_dir() else archive.open(info)
    else:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                fault = (
                    "" if member.isfile() or member.isdir() else f"member {member.name!r}, a link or device"
                )
                yield member.name, fault, archive.extractfile(member) if member.isfile() else None


def _safe_name(name: str) -> str | None:
    """The path with forward slashes; None if it is absolute or goes up."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0] or "\0" in name:
        return None if name not in (".", "./") else "."
    return path.as_posix()


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, NotImplementedError) as error:
        raise DataError(
            f"{path.name} cannot be unpacked: {str(error).lower() or 'it ends in the middle'}",
            hint="copy the archive again, or unpack it and give the folder",
        ) from error


def _refusal(path: Path, got: str) -> DataError:
    return DataError(
        f"{path.name} is not unpacked: got {got}",
        hint=f"at most {MAX_MEMBERS:,} plain files, {MAX_RATIO} bytes for one packed; unpack it by hand",
    )
