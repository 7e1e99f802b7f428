"""Unpacks zip and tar archives within limits, once for each content.

An archive is rejected if it has more than 10,000 members, if it unpacks to more than 200 times its size or to
more than 64 GiB, and if a member is a link or a device, leaves the folder, or has the name of another member.
Bytes are counted while they are unpacked; the sizes that the archive states are ignored.

Unpacked files are kept in the cache for later runs. When another archive is unpacked, entries that no run has
used for 7 days are removed, and beyond 64 GiB in total also the least recently used ones. Entries used in the
last 24 hours stay, because a run may still read them. Imports only the standard library.
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
    """Return True for a name that ends in .zip, .tar, .tar.gz or .tgz."""
    return path.name.lower().endswith(_SUFFIXES)


def unpacked(path: Path, cache: Path, *, tick: Callable[[], None] = lambda: None) -> Path:
    """Return a folder with the archive's members, below `cache` by the archive's hash. It is created if it is
    missing.

    `tick` is called once per megabyte and may raise to stop. Raises `DataError` for an archive that exceeds a
    limit or cannot be read, and `DiskError` when the disk is full; then no part of it remains.
    """
    target = cache / file_sha256(path) / path.name.split(".")[0]
    if target.is_dir():
        os.utime(target.parent)  # the modification time records the last use
        return target
    temporary = cache / f".{uuid.uuid4().hex}"
    with disk_errors(f"the files of {path.name}"):
        try:
            inside = temporary / target.name
            inside.mkdir(parents=True)
            with _readable(path):
                _unpack(path, inside, tick)
            if not target.is_dir():
                temporary.replace(target.parent)
        except OSError:
            if not target.is_dir():  # otherwise another run has unpacked it meanwhile
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    _prune(cache, time.time())
    return target


def _prune(cache: Path, now: float) -> None:
    """Remove entries that were not used for a long time, and the remains of killed runs."""
    entries = sorted(((entry.stat().st_mtime, entry) for entry in cache.iterdir()), reverse=True)
    free_bytes = KEPT_BYTES
    for used, entry in entries:
        free_bytes -= sum(file.stat().st_size for file in entry.rglob("*") if file.is_file())
        age_s = now - used
        if age_s > KEPT_S or (age_s > _IN_USE_S and (free_bytes < 0 or entry.name.startswith("."))):
            removed = cache / f".{uuid.uuid4().hex}"
            with suppress(OSError):  # another run may remove it at the same time
                entry.rename(removed)  # so that no run finds a part of it
            shutil.rmtree(removed, ignore_errors=True)


def _unpack(path: Path, folder: Path, tick: Callable[[], None]) -> None:
    free_bytes = min(MAX_BYTES, MAX_RATIO * path.stat().st_size)
    seen: set[str] = set()
    for count, (name, fault, stream) in enumerate(_members(path), 1):
        if count > MAX_MEMBERS:
            raise _refusal(path, f"more than {MAX_MEMBERS:,} members")
        inside = _safe_name(name)
        if fault or inside is None or inside.casefold() in seen:
            raise _refusal(path, fault or f"member {name!r}, which leaves the folder or occurs twice")
        seen.add(inside.casefold())
        if stream is None or any(part.startswith((".", "__MACOSX")) for part in inside.split("/")):
            continue
        file = folder / inside
        file.parent.mkdir(parents=True, exist_ok=True)
        with stream, file.open("xb") as output:
            while chunk := stream.read(_CHUNK):
                tick()
                free_bytes -= len(chunk)
                if free_bytes < 0:
                    raise _refusal(path, f"more than {MAX_RATIO} times its size or {MAX_BYTES >> 30} GiB")
                output.write(chunk)


def _members(path: Path) -> Iterator[tuple[str, str, IO[bytes] | None]]:
    """Yield each member's name, its fault, and the bytes of a file (None for a folder)."""
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
    """Return the path with forward slashes, or None if it is absolute or leaves the folder."""
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
            f"{path.name} cannot be unpacked: {str(error).lower() or 'it is incomplete'}",
            hint="copy the archive again, or unpack it yourself and give the folder",
        ) from error


def _refusal(path: Path, got: str) -> DataError:
    return DataError(
        f"{path.name} is not unpacked: got {got}",
        hint=f"an archive has at most {MAX_MEMBERS:,} plain files and {MAX_RATIO} bytes per packed byte; "
        "unpack a larger one yourself",
    )
