"""The memory of all generated texts: SQLite, by content key, shared by all runs of a data directory.

Every paid call is in `attempts`, failed ones too. Results come in groups of at most 64 or one second: a crash
loses at most that group. A lease names the one run that works on a key; the leases of a process that is gone
are free at once, those of one that hangs after 60 seconds.
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
from lghrec_compute.dseg.llm.requests import NO_USAGE, Outcome, Usage
from lghrec_compute.dseg.text.schema import Reasoning
from lghrec_compute.errors import DiskError
from lghrec_compute.machine import boot_id

LEASE_S = 60.0
GROUP_SIZE = 64
GROUP_S = 1.0

_TABLES = """
CREATE TABLE IF NOT EXISTS cot (
  key TEXT PRIMARY KEY, status TEXT NOT NULL, cot TEXT, keywords TEXT, repaired INTEGER NOT NULL,
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
    """One call that was made. `answered` False: it ended without an answer of the model."""

    key: str
    status: str
    problem: str = ""
    raw: str = ""
    usage: Usage = NO_USAGE
    latency_ms: int = 0
    answered: bool = True


class Cache:
    """One connection; not to be shared between threads."""

    def __init__(self, path: Path, engine: dict[str, str] | None = None) -> None:
        with disk_errors("the cache of generated texts"):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = json.dumps(engine or {}, sort_keys=True)
        self.owner = _owner()
        with _database_errors():
            self._db = sqlite3.connect(path, timeout=60, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")  # these rows cost money; one sync a group
            self._db.executescript(_TABLES)

    def lookup(self, keys: Sequence[str]) -> dict[str, Outcome]:
        """The texts that are there, by key. A text that failed is not: it is asked for again."""
        found: dict[str, Outcome] = {}
        for part in _parts(keys):
            marks = ",".join("?" * len(part))
            rows = self._db.execute(
                "SELECT key, cot, keywords, repaired, input_tokens, output_tokens, attempts FROM cot "
                f"WHERE status = 'ok' AND key IN ({marks})",
                part,
            )
            for key, cot, keywords, repaired, read, written, attempts in rows:
                text, usage = Reasoning(cot, keywords), Usage(read, written)
                found[key] = Outcome(key, "ok", text, bool(repaired), usage, attempts, cached=True)
        return found

    def claim(self, keys: Sequence[str]) -> dict[str, int]:
        """Leases those keys that nobody works on and nobody has finished; with the rung each one starts at.

        The rung counts answers that could not be used and were noted before a crash.
        """
        with self._transaction():
            self._free_dead_leases()
            done = self.lookup(keys)
            expires = time.time() + LEASE_S
            rows = [(key, self.owner, expires) for key in keys if key not in done]
            self._db.executemany("INSERT OR IGNORE INTO lease VALUES (?, ?, ?)", rows)
            return {key: self._rung(key) for key, *_ in rows if self._holder(key) == self.owner}

    def renew(self) -> None:
        """Keeps this run's leases for another while."""
        with self._transaction():
            self._db.execute(
                "UPDATE lease SET expires = ? WHERE owner = ?", (time.time() + LEASE_S, self.owner)
            )

    def release(self) -> None:
        """Gives all of this run's leases back."""
        with self._transaction():
            self._db.execute("DELETE FROM lease WHERE owner = ?", (self.owner,))

    def commit(self, attempts: Sequence[Attempt], outcomes: Sequence[Outcome]) -> dict[str, int]:
        """Writes a group at once; returns how many calls have been made for each text that has ended."""
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
                "INSERT OR REPLACE INTO cot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [self._row(outcome, counts[outcome.key], now) for outcome in outcomes],
            )
            keys = [(outcome.key,) for outcome in outcomes]
            self._db.executemany("UPDATE attempts SET open = 0 WHERE key = ?", keys)
            self._db.executemany("DELETE FROM lease WHERE key = ?", keys)
        return counts

    def map_items(self, dataset: str, items: Iterable[tuple[str, str]]) -> None:
        """Notes which (item, key) a data set has: found again after its rows have moved."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR IGNORE INTO item_map VALUES (?, ?, ?)",
                ((dataset, item, key) for item, key in items),
            )

    def output_tokens(self, keys: Sequence[str]) -> dict[str, int]:
        """Of the texts that are there: output tokens by key, failed calls included."""
        found: dict[str, int] = {}
        for part in _parts(keys):
            marks = ",".join("?" * len(part))
            query = (
                "SELECT key, (SELECT COALESCE(SUM(output_tokens), 0) FROM attempts WHERE key = cot.key) "
                f"FROM cot WHERE status = 'ok' AND key IN ({marks})"
            )
            found.update(self._db.execute(query, part))
        return found

    def close(self) -> None:
        """Gives leases back and closes the file."""
        self.release()
        self._db.close()

    def _row(self, outcome: Outcome, attempts: int, now: float) -> tuple[object, ...]:
        text = outcome.reasoning
        return (
            outcome.key, outcome.status, text.cot if text else None, text.keywords if text else None,
            int(outcome.repaired), outcome.usage.input, outcome.usage.output, attempts, outcome.problem,
            self._engine, now,
        )  # fmt: skip

    def _holder(self, key: str) -> str | None:
        row = self._db.execute("SELECT owner FROM lease WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def _rung(self, key: str) -> int:
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
        hint = "free space on the disk of the data directory, and see that it can be written"
        raise DiskError(f"cannot write the cache of generated texts: {error}", hint=hint) from error


def _parts(keys: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def _owner() -> str:
    started = psutil.Process().create_time()
    return json.dumps([boot_id(), os.getpid(), started, uuid.uuid4().hex])


def _is_alive(owner: str) -> bool:
    """Whether the process is there; one of another machine or another boot is judged by its lease alone."""
    boot, pid, started, _unique = json.loads(owner)
    if boot != boot_id():
        return True
    try:
        process = psutil.Process(pid)
        return process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
