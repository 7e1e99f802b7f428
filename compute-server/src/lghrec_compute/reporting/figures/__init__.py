"""The figures of a report, one per file. Each figure collects its values and draws them at a given width."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lghrec_compute.reporting.drawing import Drawing
from lghrec_compute.reporting.figures.activity import activity
from lghrec_compute.reporting.figures.density import item_density
from lghrec_compute.reporting.figures.differences import differences
from lghrec_compute.reporting.figures.learning import learning
from lghrec_compute.reporting.figures.negatives import kind_shares, similarity
from lghrec_compute.reporting.figures.policy_lines import health, rewards
from lghrec_compute.reporting.figures.sweep import sweeps
from lghrec_compute.reporting.figures.temperature import temperature
from lghrec_compute.reporting.figures.variance import variance
from lghrec_compute.reporting.stored import Stored

_ALWAYS: tuple[Callable[[Stored], Drawing], ...] = (
    learning,
    activity,
    variance,
    temperature,
    kind_shares,
    similarity,
    rewards,
    health,
    item_density,
)


def count(stored: Stored) -> int:
    """Return the number of drawings that `drawings` returns."""
    return len(_ALWAYS) + len(stored.sweeps) + (stored.comparison is not None)


def drawings(stored: Stored) -> Iterator[Drawing]:
    """Yield all figures of a report, in the order of the page."""
    compared = differences(stored)
    if compared is not None:
        yield compared
    for prepare in _ALWAYS:
        yield prepare(stored)
    yield from sweeps(stored)


__all__ = ["count", "drawings"]
