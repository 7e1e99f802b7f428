"""One upload on disk: `plan.json`, and for each file `<n>.part` while it grows and `<n>.whole` after.

All that is known of an upload is here, so that it goes on after any crash of the server. These functions
block: call them off the event loop, and those of one file one at a time.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import uuid
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lghrec.v1 import dataset_pb2
from lghrec_compute.artifacts import ArtifactStore, disk_errors, write_atomic
from lghrec_compute.artifacts.disk import file_sha256, fsync_path
from lghrec_compute.errors import ConfigError, DiskError, NotFoundError
from lghrec_compute.json_types import canonical_json
from lghrec_compute.server.errors import HashMismatchError
from lghrec_compute.server.uploads.plan import FOLDER, Plan

_PLAN = "plan.json"
_SPARE_BYTES = 64 * 1024 * 1024
"""Left free for the database and the runs."""
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS}
"""What file systems without hard links say."""


class UploadFolder:
    """Where the pieces of one data set are gathered."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def is_there(self) -> bool:
        """Whether the upload has been announced and neither finished nor dropped."""
        return (self.path / _PLAN).is_file()

    def make(self, plan: Plan) -> None:
        """Announces an upload; again is no error. Raises `DiskError` if the disk cannot hold it."""
        if self.is_there():
            return
        free = shutil.disk_usage(self.path.parent).free
        if plan.size_bytes + _SPARE_BYTES > free:
            raise DiskError(
                f"the upload has {plan.size_bytes:,} bytes, the server's disk has {free:,} left",
                hint="free space on the disk of the data directory",
            )
        with disk_errors("the upload"):
            self.path.mkdir(exist_ok=True)
            write_atomic(self.path / _PLAN, canonical_json(plan.plain()).encode())

    def plan(self) -> Plan | None:
        """What was announced; None if nothing was."""
        try:
            return Plan.from_plain(json.loads((self.path / _PLAN).read_bytes()))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def missing(self, plan: Plan) -> set[int]:
        """Numbers of the files that are not whole. Empty files need no bytes."""
        there = {name for name in os.listdir(self.path) if name.endswith(".whole")}  # noqa: PTH208 - 10,000 names
        with disk_errors("the upload"):
            for number, file in enumerate(plan.files):
                if file.size_bytes == 0 and f"{number}.whole" not in there:
                    self._whole(number).touch()
                    there.add(f"{number}.whole")
        return {number for number in range(len(plan.files)) if f"{number}.whole" not in there}

    def received(self, number: int) -> int:
        """Bytes that are there of a file that is not whole."""
        try:
            return self._part(number).stat().st_size
        except FileNotFoundError:
            return 0

    def progress(self, numbers: Sequence[int]) -> dict[int, int]:
        """`received` of each of these files; the upload counts as alive."""
        with suppress(FileNotFoundError):
            os.utime(self.path)
        return {number: self.received(number) for number in numbers}

    def append(self, number: int, chunk: dataset_pb2.UploadChunk) -> int:
        """Adds the bytes that are not there yet and returns how many are there now.

        Whatever fits on a full disk stays, as it is what the file begins with. Raises `ConfigError` for bytes
        that are damaged or do not follow, `DiskError`, `NotFoundError` if the upload has been dropped.
        """
        if zlib.crc32(chunk.data) != chunk.crc32:
            raise chunk_error(
                "crc32", f"got {chunk.crc32}, expected that of the data, {zlib.crc32(chunk.data)}"
            )
        try:
            with disk_errors("the upload"), self._part(number).open("ab", buffering=0) as part:
                size = part.tell()
                if chunk.offset > size:
                    raise chunk_error(
                        "offset", f"does not follow: got {chunk.offset}, expected at most {size}"
                    )
                rest = memoryview(chunk.data)[size - chunk.offset :]
                while rest:
                    written = part.write(rest)
                    rest, size = rest[written:], size + written
                return size
        except FileNotFoundError:
            raise unknown_upload(self.path.name) from None

    def settle(self, number: int) -> None:
        """Makes what has come of a file last, and tells the sweep that the upload is alive."""
        try:
            with disk_errors("the upload"):
                fsync_path(self._part(number))
                os.utime(self.path)
        except FileNotFoundError:
            return

    def finish(self, number: int, sha256: str) -> None:
        """Declares a file whole. Raises `HashMismatchError`, after which it begins anew."""
        part = self._part(number)
        try:
            if file_sha256(part) != sha256:
                part.unlink()
                raise HashMismatchError(
                    "the bytes received do not have the announced hash",
                    hint="check that the file does not change while it is sent, then send it again",
                )
            with disk_errors("the upload"):
                fsync_path(part)
                part.rename(self._whole(number))
                os.utime(self.path)
        except FileNotFoundError:
            raise unknown_upload(self.path.name) from None

    def commit(self, plan: Plan, store: ArtifactStore) -> None:
        """Turns whole files into the artifact. A server killed meanwhile finds them here again."""
        with store.draft("source", {}, run_id="") as draft:
            for number, file in enumerate(plan.files):
                _link(self._whole(number), draft.path(f"{FOLDER}/{file.path}"))
        self.drop()
        if draft.stored.id != plan.dataset_id:  # hashed again: a disk that forgets is found out here
            shutil.rmtree(draft.stored.folder, ignore_errors=True)
            raise HashMismatchError("the files changed on the server's disk", hint="send them again")

    def drop(self) -> None:
        """Removes the upload: at once for whoever looks, then from the disk."""
        remove_folder(self.path, self.path.parent)

    def _part(self, number: int) -> Path:
        return self.path / f"{number}.part"

    def _whole(self, number: int) -> Path:
        return self.path / f"{number}.whole"


def remove_folder(path: Path, place: Path) -> None:
    """Moves a folder to `place` under another name first: nobody sees a half of it."""
    away = place / f"gone-{uuid.uuid4().hex}"
    try:
        path.rename(away)
    except FileNotFoundError:
        return
    shutil.rmtree(away, ignore_errors=True)


def unknown_upload(dataset_id: str) -> NotFoundError:
    """The error for bytes of an upload that has not begun."""
    return NotFoundError(
        f"no upload of data set {dataset_id[:64]!r}", reason="DATASET_UNKNOWN", hint="begin the upload first"
    )


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        source.rename(target)  # a server killed now loses what has come


def chunk_error(field: str, text: str) -> ConfigError:
    """The error for a chunk that cannot be taken."""
    return ConfigError.at(f"chunk.{field}", text, hint="begin the upload again")
