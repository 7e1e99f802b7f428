"""Every edge of the state table, on a real database."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lghrec_compute.events import StateChanged
from lghrec_compute.server.store import Database, NewRun, events_after, get_run, submit_run
from lghrec_compute.server.store.states import ACTIVE, EDGES, STATES, TERMINAL, State, sources
from lghrec_compute.server.store.transitions import move

_numbers = itertools.count()


@pytest.fixture
def database(tmp_path: Path):
    opened = Database(tmp_path / "state.db")
    yield opened
    opened.close()


def submit(database: Database) -> str:
    run_id = f"run-{next(_numbers)}"
    new = NewRun(run_id, "train", "StartTrain", run_id, "f", {}, "d", {}, True)
    asyncio.run(database.write(submit_run, new, rerun=False, time_ms=1))
    return run_id


def bring(database: Database, state: State) -> str:
    """Return a run that has reached a state over legal edges."""
    ways: dict[State, list[State]] = {
        "queued": [],
        "starting": ["starting"],
        "running": ["starting", "running"],
        "stopping": ["starting", "stopping"],
        "succeeded": ["starting", "running", "succeeded"],
        "failed": ["starting", "failed"],
        "cancelled": ["cancelled"],
    }
    run_id = submit(database)
    for step in ways[state]:
        assert asyncio.run(database.write(move, run_id, step, time_ms=2))
    return run_id


def test_terminal_states_have_no_outgoing_edge_and_every_other_state_has_one():
    starts = {source for source, _ in EDGES}
    assert starts.isdisjoint(TERMINAL)
    assert starts == set(STATES) - TERMINAL
    assert {"starting", "running", "stopping"} == ACTIVE


def test_cancelled_is_reached_from_a_queue_or_through_stopping_only():
    assert sources("cancelled") == ("queued", "stopping")


def test_every_pair_of_states_moves_exactly_if_the_table_has_the_edge(database: Database):
    for source, target in itertools.product(STATES, STATES):
        run_id = bring(database, source)
        before = asyncio.run(database.read(get_run, run_id))
        moved = asyncio.run(database.write(move, run_id, target, time_ms=3))
        after = asyncio.run(database.read(get_run, run_id))
        assert moved == ((source, target) in EDGES), (source, target)
        assert after.state == (target if moved else source)
        assert after.head_seq == before.head_seq + moved


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(targets=st.lists(st.sampled_from(STATES), max_size=12))
def test_random_sequences_follow_the_table_and_log_without_a_gap(database: Database, targets: list[State]):
    run_id = submit(database)
    state, told = "queued", ["queued"]
    for target in targets:
        moved = asyncio.run(database.write(move, run_id, target, time_ms=3))
        assert moved == ((state, target) in EDGES)
        if moved:
            state = target
            told.append(target)
    run = asyncio.run(database.read(get_run, run_id))
    log = asyncio.run(database.read(events_after, run_id, 0, 100))
    assert run.state == state
    assert [event.seq for event in log] == list(range(1, run.head_seq + 1))
    assert [row.event for row in log] == [StateChanged(state) for state in told]
