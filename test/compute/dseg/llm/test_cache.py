from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lghrec_compute.dseg.llm import cache as cache_module
from lghrec_compute.dseg.llm.cache import Attempt, Cache
from lghrec_compute.dseg.text.outcome import Outcome, Usage
from lghrec_compute.dseg.text.schema import Reasoning
from lghrec_compute.errors import DiskError

OK = Outcome("k1", "ok", Reasoning("because ä😀", "a, b"), True, Usage(10, 5))


def test_a_text_is_read_back_unchanged_with_the_number_of_its_calls(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "a" / "c.sqlite")
    attempts = [
        Attempt("k1", "error", "timeout", answered=False),
        Attempt("k1", "invalid", "not JSON", "{", Usage(10, 1)),
        Attempt("k1", "ok", usage=Usage(10, 5)),
    ]
    assert cache.commit(attempts, [OK]) == {"k1": 3}
    expected = Outcome("k1", "ok", OK.reasoning, True, Usage(10, 5), attempts=3, cached=True)
    assert cache.lookup(["k0", "k1"]) == {"k1": expected}
    assert cache.output_tokens(["k0", "k1"]) == {"k1": 6}


def test_a_failed_text_is_not_found_and_starts_at_the_first_attempt_level(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.sqlite")
    cache.commit([Attempt("k1", "invalid"), Attempt("k2", "invalid")], [Outcome("k1", "invalid")])
    assert cache.lookup(["k1"]) == {}
    # k2 has no result because of a crash, so its attempt level continues
    assert cache.claim(["k1", "k2", "k3"]) == {"k1": 0, "k2": 1, "k3": 0}


def test_a_key_is_leased_to_one_owner(tmp_path: Path) -> None:
    first, second = Cache(tmp_path / "c.sqlite"), Cache(tmp_path / "c.sqlite")
    assert first.claim(["k1", "k2"]) == {"k1": 0, "k2": 0}
    assert second.claim(["k2", "k3"]) == {"k3": 0}
    first.commit([], [OK])
    assert second.claim(["k1", "k2"]) == {}  # one is finished, and the other is leased by the first
    first.close()
    assert second.claim(["k2"]) == {"k2": 0}


def test_leases_of_a_process_that_is_gone_are_free_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lghrec_compute.dseg.llm.cache import Cache; "
        "print(Cache(Path(sys.argv[1])).claim(['k1']))"
    )
    path = tmp_path / "c.sqlite"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'k1': 0}"
    assert Cache(path).claim(["k1"]) == {"k1": 0}


def test_leases_run_out_unless_they_are_renewed(tmp_path: Path) -> None:
    first, second = Cache(tmp_path / "c.sqlite"), Cache(tmp_path / "c.sqlite")
    first.claim(["k1"])
    with sqlite3.connect(tmp_path / "c.sqlite") as other:
        other.execute("UPDATE lease SET expires = ?", (time.time() - 1,))
    first.renew()
    assert second.claim(["k1"]) == {}
    with sqlite3.connect(tmp_path / "c.sqlite") as other:
        other.execute("UPDATE lease SET expires = ?", (time.time() - 1,))
    assert second.claim(["k1"]) == {"k1": 0}


def test_for_an_owner_of_another_boot_only_the_lease_counts(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    cache = Cache(path)
    with sqlite3.connect(path) as other:
        owner = json.dumps(["another boot", os.getpid(), 0.0, "x"])
        other.execute("INSERT INTO lease VALUES ('k1', ?, ?)", (owner, time.time() + 60))
    assert cache.claim(["k1"]) == {}


def test_items_are_mapped_to_keys(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    cache = Cache(path)
    for _ in range(2):
        cache.map_items("d", [("i1", "k1"), ("i2", "k1")])
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT * FROM item_map").fetchall() == [("d", "i1", "k1"), ("d", "i2", "k1")]


def test_a_group_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c.sqlite")
    cache._db.execute("PRAGMA max_page_count = 12")
    big = Reasoning("x" * 1200, "y" * 200)
    group = [Outcome(f"k{number}", "ok", big) for number in range(200)]
    with pytest.raises(
        DiskError, match="cannot write the cache of generated texts: database or disk is full"
    ):
        cache.commit([], group)
    cache._db.execute("PRAGMA max_page_count = 100000")
    assert cache.lookup([outcome.key for outcome in group]) == {}
    cache.commit([], group)
    assert len(cache.lookup([outcome.key for outcome in group])) == 200


def test_a_cache_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"not a database, and long enough to be looked at " * 100)
    with pytest.raises(DiskError, match="cannot write the cache of generated texts"):
        Cache(tmp_path / "c.sqlite")


def test_group_bounds_are_those_promised() -> None:
    assert (cache_module.GROUP_SIZE, cache_module.GROUP_S) == (64, 1.0)
