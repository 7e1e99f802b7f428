"""The states of a run and the edges between them. Every change of state is checked against this table.

A terminal state has no outgoing edge. A run that has started reaches CANCELLED only through STOPPING.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from lghrec_compute.events import RunState

State: TypeAlias = RunState

EDGES: Final[frozenset[tuple[State, State]]] = frozenset(
    {
        ("queued", "starting"),
        ("queued", "cancelled"),
        ("starting", "running"),
        ("starting", "stopping"),
        ("starting", "failed"),
        ("running", "stopping"),
        ("running", "succeeded"),
        ("running", "failed"),
        ("stopping", "succeeded"),  # a result that was stored before the worker noticed the stop is kept
        ("stopping", "failed"),
        ("stopping", "cancelled"),
    }
)

STATES: Final[tuple[State, ...]] = (
    "queued", "starting", "running", "stopping", "succeeded", "failed", "cancelled",
)  # fmt: skip
TERMINAL: Final[frozenset[State]] = frozenset({"succeeded", "failed", "cancelled"})
ACTIVE: Final[frozenset[State]] = frozenset({"starting", "running", "stopping"})
"""States in which a worker process may be alive."""


def sources(target: State) -> tuple[State, ...]:
    """Return the states with an edge to `target`, sorted."""
    return tuple(sorted(source for source, end in EDGES if end == target))
