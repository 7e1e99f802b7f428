"""The states of a run and the edges between them: the one table every change is checked against.

A terminal state has no way out. STOPPING lies on every way to CANCELLED but that of a run that never started.
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
        ("stopping", "succeeded"),  # a result committed before the stop was seen wins
        ("stopping", "failed"),
        ("stopping", "cancelled"),
    }
)

STATES: Final[tuple[State, ...]] = (
    "queued", "starting", "running", "stopping", "succeeded", "failed", "cancelled",
)  # fmt: skip
TERMINAL: Final[frozenset[State]] = frozenset({"succeeded", "failed", "cancelled"})
ACTIVE: Final[frozenset[State]] = frozenset({"starting", "running", "stopping"})
"""A worker process may be alive."""


def sources(target: State) -> tuple[State, ...]:
    """States with an edge to `target`, sorted."""
    return tuple(sorted(source for source, end in EDGES if end == target))
