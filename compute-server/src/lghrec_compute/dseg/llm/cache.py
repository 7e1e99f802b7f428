"""The cache of all generated texts: SQLite, by content key, shared by all runs of a data directory.

The table `attempts` contains every paid call, also the failed ones. Results are committed in groups of at
most 64 texts or one second, so a crash loses at most one group. A lease names the run that works on a key.
The leases of a process that has ended are free at once, those of a process that hangs after 60 seconds.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from lghrec_compute.artifacts.disk import disk_errors
from lghrec_compute.dseg.text.outcome import NO_USAGE, Outcome, Usage
from lghrec_compute.dseg.text.schema import Reasoning
from lghrec_compute.errors import DiskError
from lghrec_compute.machine import boot_id

LEASE_S = 60.0
GROUP_SIZE = 64
GROUP_S = 1.0

_TABLES = """
CREATE TABLE IF NOT EXISTS texts (
  key TEXT PRIMARY KEY, status TEXT NOT NULL, reasoning TEXT, keywords TEXT, repaired INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, attempts INTEGER NOT NULL,
  problem TEXT NOT NULL, engine TEXT NOT NULL, created REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempts (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL, status TEXT NOT NULL, problem TEXT NOT NULL, raw TEXT NOT NULL,
  input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, latency_ms INTEGER NOT NULL,
  open INTEGER NOT NULL, created REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS attempts_key ON attempts (key);
CREATE TABLE IF NOT EXISTS item_map (
  dataset TEXT NOT NULL, item TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (dataset, item, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lease (
  key TEXT PRIMARY KEY, owner TEXT NOT NULL, expires REAL NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Attempt:
    """One call. `answered` False means that it ended without an answer of the model."""

    key: str
    status: str
    problem: str = ""
    raw: str = ""
    usage: Usage = NO_USAGE
    latency_ms: int = 0
    answered: bool = True


class Cache:
    """One connection. Threads must not share it."""

    def __init__(self, path: Path, engine: dict[str, str] | None = None) -> None:
        with disk_errors("the cache of generated texts"):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = json.dumps(engine or {}, sort_keys=True)
        self.owner = _owner()
        with _database_errors():
            self._db = sqlite3.connect(path, timeout=60, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")  # these rows cost money; one sync per group
            self._db.executescript(_TABLES)

    def lookup(self, keys: Sequence[str]) -> dict[str, Outcome]:
        """Return the outcomes of the cached texts by key. A text that failed is not included, so it is
        requested again."""
        found: dict[str, Outcome] = {}
        for part in _parts(keys):
            marks = ",".join("?" * len(part))
            rows = self._db.execute(
                "SELECT key, reasoning, keywords, repaired, input_tokens, output_tokens, attempts FROM texts "
                f"WHERE status = 'ok' AND key IN ({marks})",
                part,
            )
            for key, reasoning, keywords, repaired, read, written, attempts in rows:
                text, usage = Reasoning(reasoning, keywords), Usage(read, written)
                found[key] = Outcome(key, "ok", text, bool(repaired), usage, attempts, cached=True)
        return found

    def claim(self, keys: Sequence[str]) -> dict[str, int]:
        """Lease the keys that are neither leased nor finished. Return the attempt level at which each text
        starts.

        The attempt level counts the recorded answers that were not usable, also those from before a crash.
        """
        with self._transaction():
            self._free_dead_leases()
            done = self.lookup(keys)
            expires = time.time() + LEASE_S
            rows = [(key, self.owner, expires) for key in keys if key not in done]
            self._db.executemany("INSERT OR IGNORE INTO lease VALUES (?, ?, ?)", rows)
            return {key: self._attempt_level(key) for key, *_ in rows if self._holder(key) == self.owner}

    def renew(self) -> None:
        """Extend this run's leases by 60 seconds."""
        with self._transaction():
            self._db.execute(
                "UPDATE lease SET expires = ? WHERE owner = ?", (time.time() + LEASE_S, self.owner)
            )

    def release(self) -> None:
        """Give up all leases of this run."""
        with self._transaction():
            self._db.execute("DELETE FROM lease WHERE owner = ?", (self.owner,))

    def commit(self, attempts: Sequence[Attempt], outcomes: Sequence[Outcome]) -> dict[str, int]:
        """Write a group in one transaction. Return the number of calls so far for each text that has
        ended."""
        now = time.time()
        with self._transaction():
            self._db.executemany(
                "INSERT INTO attempts (key, status, problem, raw, input_tokens, output_tokens, latency_ms, "
                "open, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (a.key, a.status, a.problem, a.raw, a.usage.input, a.usage.output, a.latency_ms,
                     int(a.answered), now)
                    for a in attempts
                ],
            )  # fmt: skip
            counts = {outcome.key: self._count(outcome.key) for outcome in outcomes}
            self._db.executemany(
                "INSERT OR REPLACE INTO texts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [self._row(outcome, counts[outcome.key], now) for outcome in outcomes],
            )
            keys = [(outcome.key,) for outcome in outcomes]
            self._db.executemany("UPDATE attempts SET open = 0 WHERE key = ?", keys)
            self._db.executemany("DELETE FROM lease WHERE key = ?", keys)
        return counts

    def map_items(self, dataset: str, items: Iterable[tuple[str, str]]) -> None:
        """Record the (item, key) pairs of a data set, so that texts are found again when the rows of the
        items change."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR IGNORE INTO item_map VALUES (?, ?, ?)",
                ((dataset, item, key) for item, key in items),
            )

    def output_tokens(self, keys: Sequence[str]) -> dict[str, int]:
        """Return the number of output tokens of each cached text by key, with those of failed calls."""
        found: dict[str, int] = {}
        for part in _parts(keys):
            marks = ",".join("?" * len(part))
            query = (
                "SELECT key, (SELECT COALESCE(SUM(output_tokens), 0) FROM attempts WHERE key = texts.key) "
                f"FROM texts WHERE status = 'ok' AND key IN ({marks})"
            )
            found.update(self._db.execute(query, part))
        return found

    def close(self) -> None:
        """Give up all leases and close the file."""
        self.release()
        self._db.close()

    def _row(self, outcome: Outcome, attempts: int, now: float) -> tuple[object, ...]:
        text = outcome.reasoning
        return (
            outcome.key, outcome.status, text.text if text else None, text.keywords if text else None,
            int(outcome.repaired), outcome.usage.input, outcome.usage.output, attempts, outcome.problem,
            self._engine, now,
        )  # fmt: skip

    def _holder(self, key: str) -> str | None:
        row = self._db.execute("SELECT owner FROM lease WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def _attempt_level(self, key: str) -> int:
        query = "SELECT COUNT(*) FROM attempts WHERE key = ? AND open = 1"
        return self._db.execute(query, (key,)).fetchone()[0]

    def _count(self, key: str) -> int:
        return self._db.execute("SELECT COUNT(*) FROM attempts WHERE key = ?", (key,)).fetchone()[0]

    def _free_dead_leases(self) -> None:
        self._db.execute("DELETE FROM lease WHERE expires < ?", (time.time(),))
        for (owner,) in self._db.execute("SELECT DISTINCT owner FROM lease").fetchall():
            if owner != self.owner and not _is_alive(owner):
                self._db.execute("DELETE FROM lease WHERE owner = ?", (owner,))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _database_errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:  # a full disk has rolled it back already
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        hint = "free space on the disk of the data directory, and check that it is writable"
        raise DiskError(f"cannot write the cache of generated texts: {error}", hint=hint) from error


def _parts(keys: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def _owner() -> str:
    started = psutil.Process().create_time()
    return json.dumps([boot_id(), os.getpid(), started, uuid.uuid4().hex])


def _is_alive(owner: str) -> bool:
    """Return whether the owner's process exists. For another machine or another boot only the lease's time
    counts."""
    boot, pid, started, _unique = json.loads(owner)
    if boot != boot_id():
        return True
    try:
        process = psutil.Process(pid)
        return process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
