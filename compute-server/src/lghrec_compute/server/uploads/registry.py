"""Unfinished uploads and their locks, on the event loop.

Two clients may send one data set at the same time. Both send the same bytes, so each file grows to the last
byte that either of them has sent. A section that writes continues when its caller is disconnected, because
its lock must not be released while its thread still works.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import defaultdict, deque
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from lghrec.v1 import dataset_pb2
from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.errors import ConfigError, NotFoundError
from lghrec_compute.server.logs import log
from lghrec_compute.server.uploads.folder import UploadFolder, unknown_upload
from lghrec_compute.server.uploads.plan import Plan, is_id

T = TypeVar("T")

STALE_S = 7 * 86_400
_SWEEP_S = 3600.0
_MAX_CACHED = 16
"""Number of uploads whose plans stay in memory between two calls. A plan has up to 4 MB."""


class Upload:
    """One unfinished data set."""

    def __init__(self, folder: UploadFolder) -> None:
        self.folder = folder
        self.lock = asyncio.Lock()
        """Held while the upload begins, is stored or is dropped."""
        self.file_locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.plan: Plan | None = None
        self.missing: set[int] = set()
        self.is_dropped = False

    @property
    def is_complete(self) -> bool:
        """Whether every file is complete."""
        return not self.missing and not self.is_dropped


class Uploads:
    """All unfinished uploads of the data directory."""

    def __init__(self, folder: Path, store: ArtifactStore) -> None:
        self._folder = folder
        self._store = store
        self._live: WeakValueDictionary[str, Upload] = WeakValueDictionary()
        self._recent: deque[Upload] = deque(maxlen=_MAX_CACHED)
        self._tasks: set[asyncio.Task[Any]] = set()
        # The hash of a large file takes seconds: hashes have their own pool and do not block the shared one.
        self._pool = ThreadPoolExecutor(2, "uploads")

    async def stored(self, dataset_id: str) -> Artifact | None:
        """Return the artifact of a data set, None if it is not complete."""
        return await asyncio.to_thread(self._stored, dataset_id)

    async def has_begun(self, dataset_id: str) -> bool:
        """Return whether an upload is unfinished. Raises `NotFoundError` for an invalid id."""
        return await asyncio.to_thread(self._upload(dataset_id).folder.exists)

    async def begin(self, plan: Plan) -> dict[int, int]:
        """Begin or resume an upload. Return the bytes received of each incomplete file, by its number.

        The result is empty if the data set is complete. Raises `DiskError`.
        """
        return await self._shielded(self._begin(plan))

    async def open(self, dataset_id: str) -> Upload | None:
        """Return an upload that has begun, None if the data set is complete. Raises `NotFoundError`."""
        upload = self._upload(dataset_id)
        async with upload.lock:
            if upload.is_dropped:
                raise unknown_upload(dataset_id)
            if upload.plan is None:
                plan = await asyncio.to_thread(upload.folder.plan)
                if plan is None and await self.stored(dataset_id):
                    return None
                if plan is None:
                    raise unknown_upload(dataset_id)
                upload.missing = await asyncio.to_thread(upload.folder.missing, plan)
                upload.plan = plan
        return upload

    async def append(self, upload: Upload, number: int, chunk: dataset_pb2.UploadChunk) -> int:
        """Append a chunk to a file. Return the number of received bytes.

        The last chunk of a file completes it, and the last file completes the data set.

        Raises `ConfigError`, `DiskError`, `HashMismatchError`, `NotFoundError`.
        """
        return await self._shielded(self._append(upload, number, chunk))

    async def received(self, upload: Upload, number: int) -> int:
        """Return the number of bytes received so far of a file that is not complete."""
        return await asyncio.to_thread(upload.folder.received, number)

    async def sync(self, upload: Upload, number: int) -> None:
        """Write the received bytes of a file to the disk, so that they survive a power failure."""
        if number in upload.missing:
            await asyncio.to_thread(upload.folder.sync, number)

    async def drop(self, dataset_id: str) -> None:
        """Remove an upload and its bytes. An unknown upload is no error."""
        await self._shielded(self._drop(dataset_id))

    async def keep_clean(self) -> None:
        """Remove uploads that have not been used for 7 days, now and every hour."""
        while True:
            try:
                await self.sweep()
            except Exception as error:
                log.error("cannot remove stale uploads", exc_info=error)
            await asyncio.sleep(_SWEEP_S)

    async def sweep(self) -> None:
        """Remove stale uploads, and files that a killed server left partly removed or partly stored."""
        stale = await asyncio.to_thread(_untouched, self._folder)
        drafts = await asyncio.to_thread(_untouched, self._store.drafts)
        for path in stale:
            if is_id(path.name):
                log.info("removing a stale upload", dataset_id=path.name)
                await self.drop(path.name)
            else:
                await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
        for path in drafts:
            await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)

    async def close(self) -> None:
        """Wait for sections that write. Hashes that have not started are computed after the next start."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _begin(self, plan: Plan) -> dict[int, int]:
        upload = self._upload(plan.dataset_id)
        async with upload.lock:
            if upload.is_dropped:  # while this call waited for the lock
                return await self._begin(plan)
            if upload.plan is None:
                if await self.stored(plan.dataset_id):
                    return {}
                await asyncio.to_thread(upload.folder.create, plan)
                upload.missing = await asyncio.to_thread(upload.folder.missing, plan)
                upload.plan = plan
        if not upload.missing:
            await self._commit(upload)
        return await asyncio.to_thread(upload.folder.progress, sorted(upload.missing))

    async def _append(self, upload: Upload, number: int, chunk: dataset_pb2.UploadChunk) -> int:
        plan = upload.plan
        assert plan is not None, "an upload is opened before bytes are appended"
        file = plan.files[number]
        async with upload.file_locks[number]:
            if upload.is_dropped:
                raise unknown_upload(plan.dataset_id)
            if number in upload.missing:
                try:
                    received = await asyncio.to_thread(upload.folder.append, number, chunk)
                    if received < file.size_bytes:
                        return received
                    await self._run(upload.folder.finish, number, file.sha256)
                except NotFoundError:  # removed by hand
                    self._give_up(upload)
                    raise
                upload.missing.discard(number)
        if not upload.missing:
            await self._commit(upload)
        return file.size_bytes

    async def _commit(self, upload: Upload) -> None:
        async with upload.lock:
            if upload.is_dropped or upload.plan is None:
                return
            if self._live.get(upload.folder.path.name) is not upload:
                return  # another call has stored it
            try:
                await self._run(upload.folder.commit, upload.plan, self._store)
            except Exception:
                self._give_up(upload)
                raise
            self._forget(upload)
            log.info("data set stored", dataset_id=upload.plan.dataset_id)

    async def _drop(self, dataset_id: str) -> None:
        upload = self._upload(dataset_id)
        async with upload.lock:
            if not upload.is_dropped:
                upload.is_dropped = True
                try:
                    await asyncio.to_thread(upload.folder.drop)
                finally:
                    # Only now: a new object of this data set must not read the folder before it is removed.
                    self._forget(upload)
                return
        # This upload was dropped while the call waited for the lock. There may be a new one.
        await self._drop(dataset_id)

    def _upload(self, dataset_id: str) -> Upload:
        """Return the one object of a data set, which exists as long as any caller holds it."""
        if not is_id(dataset_id):  # the id becomes the name of a folder
            raise unknown_upload(dataset_id)
        upload = self._live.get(dataset_id)
        if upload is None:
            upload = self._live[dataset_id] = Upload(UploadFolder(self._folder / dataset_id))
            self._recent.append(upload)
        return upload

    def _give_up(self, upload: Upload) -> None:
        upload.is_dropped = True
        self._forget(upload)

    def _forget(self, upload: Upload) -> None:
        """Forget the state in memory, so that the next call reads the disk again."""
        if self._live.get(upload.folder.path.name) is upload:
            del self._live[upload.folder.path.name]
        with suppress(ValueError):
            self._recent.remove(upload)

    def _stored(self, dataset_id: str) -> Artifact | None:
        try:
            return self._store.get(dataset_id, "source")
        except (NotFoundError, ConfigError):
            return None

    async def _run(self, work: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)

    async def _shielded(self, section: Coroutine[Any, Any, T]) -> T:
        task = asyncio.get_running_loop().create_task(section)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # If the caller has been disconnected, its next call meets the same error again.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(task)


def _untouched(folder: Path) -> list[Path]:
    before = time() - STALE_S
    found: list[Path] = []
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                found.append(path)
    return found
