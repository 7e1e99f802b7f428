"""One upload on disk: `plan.json`, and for each file `<n>.part` during its upload, `<n>.complete` after it.

The folder contains the complete state of an upload, so that it continues after any crash of the server. These
functions block. Call them off the event loop, and only one at a time for each file.
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
"""Bytes that stay free for the database and the runs."""
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS}
"""Errors of file systems that do not support hard links."""


class UploadFolder:
    """The folder that receives the files of one data set."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Return whether the upload has been announced, and has neither finished nor been dropped."""
        return (self.path / _PLAN).is_file()

    def create(self, plan: Plan) -> None:
        """Announce an upload. A second call changes nothing. Raises `DiskError` if the disk is too small."""
        if self.exists():
            return
        free = shutil.disk_usage(self.path.parent).free
        if plan.size_bytes + _SPARE_BYTES > free:
            raise DiskError(
                f"the upload has {plan.size_bytes:,} bytes, but the server's disk has {free:,} free bytes",
                hint="free space on the disk of the data directory",
            )
        with disk_errors("the upload"):
            self.path.mkdir(exist_ok=True)
            write_atomic(self.path / _PLAN, canonical_json(plan.to_dict()).encode())

    def plan(self) -> Plan | None:
        """Return the announced files, None if nothing has been announced."""
        try:
            return Plan.from_dict(json.loads((self.path / _PLAN).read_bytes()))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def missing(self, plan: Plan) -> set[int]:
        """Return the numbers of the files that are not complete. Empty files need no bytes."""
        complete = {name for name in os.listdir(self.path) if name.endswith(".complete")}  # noqa: PTH208 - 10,000 names
        with disk_errors("the upload"):
            for number, file in enumerate(plan.files):
                if file.size_bytes == 0 and f"{number}.complete" not in complete:
                    self._complete(number).touch()
                    complete.add(f"{number}.complete")
        return {number for number in range(len(plan.files)) if f"{number}.complete" not in complete}

    def received(self, number: int) -> int:
        """Return the number of bytes received so far of a file that is not complete."""
        try:
            return self._part(number).stat().st_size
        except FileNotFoundError:
            return 0

    def progress(self, numbers: Sequence[int]) -> dict[int, int]:
        """Return the bytes received of each of these files, and mark the upload as in use."""
        with suppress(FileNotFoundError):
            os.utime(self.path)
        return {number: self.received(number) for number in numbers}

    def append(self, number: int, chunk: dataset_pb2.UploadChunk) -> int:
        """Append those bytes of a chunk that have not been received yet. Return the number of received bytes.

        If the disk becomes full, the bytes already written stay, because they are a correct beginning of the
        file. Raises `ConfigError` for bytes that are damaged or leave a gap, `DiskError`, and `NotFoundError`
        if the upload has been dropped.
        """
        if zlib.crc32(chunk.data) != chunk.crc32:
            raise chunk_error(
                "crc32", f"got {chunk.crc32}, but the checksum of the data is {zlib.crc32(chunk.data)}"
            )
        try:
            with disk_errors("the upload"), self._part(number).open("ab", buffering=0) as part:
                size = part.tell()
                if chunk.offset > size:
                    raise chunk_error("offset", f"leaves a gap: got {chunk.offset}, expected at most {size}")
                rest = memoryview(chunk.data)[size - chunk.offset :]
                while rest:
                    written = part.write(rest)
                    rest, size = rest[written:], size + written
                return size
        except FileNotFoundError:
            raise unknown_upload(self.path.name) from None

    def sync(self, number: int) -> None:
        """Write the received bytes of a file to the disk (fsync), and mark the upload as in use."""
        try:
            with disk_errors("the upload"):
                fsync_path(self._part(number))
                os.utime(self.path)
        except FileNotFoundError:
            return

    def finish(self, number: int, sha256: str) -> None:
        """Mark a file as complete. After a `HashMismatchError`, the file starts again from its first byte."""
        part = self._part(number)
        try:
            if file_sha256(part) != sha256:
                part.unlink()
                raise HashMismatchError(
                    "the bytes received do not have the announced hash",
                    hint="check that the file does not change during the upload, then send it again",
                )
            with disk_errors("the upload"):
                fsync_path(part)
                part.rename(self._complete(number))
                os.utime(self.path)
        except FileNotFoundError:
            raise unknown_upload(self.path.name) from None

    def commit(self, plan: Plan, store: ArtifactStore) -> None:
        """Store the complete files as an artifact. The upload stays until the artifact is stored."""
        with store.draft("source", {}, run_id="") as draft:
            for number, file in enumerate(plan.files):
                _link(self._complete(number), draft.path(f"{FOLDER}/{file.path}"))
        self.drop()
        if draft.stored.id != plan.dataset_id:  # hashed again, which detects a faulty disk
            shutil.rmtree(draft.stored.folder, ignore_errors=True)
            raise HashMismatchError("the files changed on the server's disk", hint="send them again")

    def drop(self) -> None:
        """Remove the upload. It disappears at once; its files are deleted afterwards."""
        remove_folder(self.path, self.path.parent)

    def _part(self, number: int) -> Path:
        return self.path / f"{number}.part"

    def _complete(self, number: int) -> Path:
        return self.path / f"{number}.complete"


def remove_folder(path: Path, trash: Path) -> None:
    """Remove a folder. It is first renamed into the folder `trash`, so that nobody sees a part of it."""
    renamed = trash / f"gone-{uuid.uuid4().hex}"
    try:
        path.rename(renamed)
    except FileNotFoundError:
        return
    shutil.rmtree(renamed, ignore_errors=True)


def unknown_upload(dataset_id: str) -> NotFoundError:
    """Return the error for bytes of an upload that has not been announced."""
    return NotFoundError(
        f"no upload of data set {dataset_id[:64]!r}", reason="DATASET_UNKNOWN", hint="begin the upload first"
    )


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        source.rename(target)  # if the server is killed now, the received bytes are lost


def chunk_error(field: str, text: str) -> ConfigError:
    """Return the error for a chunk that cannot be accepted."""
    return ConfigError.at(f"chunk.{field}", text, hint="restart the upload")
