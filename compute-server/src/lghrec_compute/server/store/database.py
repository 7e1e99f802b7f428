"""The connections to the database: one that writes, in one thread, and a few that read, off the event loop.

A single writer never waits for another writer, and only it checkpoints the write-ahead log. With
`synchronous=FULL`, an acknowledged run survives a power failure; a commit takes about 4 ms on a disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool, StaticPool

from lghrec_compute.errors import DiskError, IntegrityError
from lghrec_compute.server.store.migrate import migrate

P = ParamSpec("P")
T = TypeVar("T")

_READERS = 4
_DISK = (
    "SQLITE_FULL",
    "SQLITE_IOERR_WRITE",
    "SQLITE_IOERR_FSYNC",
    "SQLITE_IOERR_TRUNCATE",
    "SQLITE_IOERR_SHMSIZE",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
)
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


class Database:
    """Calls functions with a connection, each in one transaction. Raises `DiskError` if the disk is full."""

    def __init__(self, path: Path) -> None:
        """Open the file and upgrade its schema. Raises `ConfigError` for a schema of a newer server."""
        self._write_engine = _engine(path, writer=True)
        self._read_engine = _engine(path, writer=False)
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(_READERS, "store-reader")
        try:
            self._writer.submit(self._transact, self._write_engine, migrate).result()
        except BaseException:
            self.close()
            raise

    async def write(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `work(connection, ...)` in a write transaction. An exception rolls it back."""
        call = asyncio.get_running_loop().run_in_executor
        return await call(self._writer, lambda: self._transact(self._write_engine, work, *args, **kwargs))

    async def read(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call `work(connection, ...)` on a snapshot of the database."""
        call = asyncio.get_running_loop().run_in_executor
        return await call(self._readers, lambda: self._transact(self._read_engine, work, *args, **kwargs))

    def close(self) -> None:
        """Wait for running work, then close every connection."""
        self._readers.shutdown()
        self._read_engine.dispose()
        self._writer.submit(self._write_engine.dispose).result()
        self._writer.shutdown()

    @staticmethod
    def _transact(
        engine: Engine, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with _database_errors(), engine.begin() as connection:
            return work(connection, *args, **kwargs)


def _engine(path: Path, *, writer: bool) -> Engine:
    mode = "rwc" if writer else "ro"
    # A path may contain '?', '#' and '%', which have a meaning in a file URI.
    uri = f"file:{_quoted(path)}?mode={mode}"
    pool: dict[str, Any] = {"poolclass": StaticPool}
    if not writer:
        pool = {"poolclass": QueuePool, "pool_size": _READERS, "max_overflow": 0}
    engine = create_engine("sqlite://", creator=lambda: _connect(uri, writer=writer), **pool)
    # Transactions of the driver start too late and do not include DDL, so each is started here.
    begin = "BEGIN IMMEDIATE" if writer else "BEGIN"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _connect(uri: str, *, writer: bool) -> Any:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5)
    connection.execute("PRAGMA busy_timeout=5000")
    if writer:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
    else:
        connection.execute("PRAGMA query_only=ON")
    return connection


def _quoted(path: Path) -> str:
    return quote(str(path.absolute()))


@contextmanager
def _database_errors() -> Iterator[None]:
    """Convert errors of a full disk to `DiskError` and errors of a damaged file to `IntegrityError`."""
    try:
        yield
    except DBAPIError as error:
        name = getattr(error.orig, "sqlite_errorname", "")
        if name.startswith(_DAMAGED):
            raise IntegrityError(
                f"state.db cannot be read: {error.orig}",
                hint="restore a backup, or use another data directory",
            ) from error
        if not name.startswith(_DISK):
            raise
        raise DiskError(
            f"cannot write state.db: {error.orig}", hint="free space on the disk of the data directory"
        ) from error
