"""Early stopping."""

from __future__ import annotations

from dataclasses import dataclass, field

from lghrec_compute.json_types import Json


@dataclass
class EarlyStop:
    """The best value of a metric so far and its epoch. Higher values are better, and epochs start at 1.

    `stale` is the number of evaluations since the best one.
    """

    patience: int
    best_value: float | None = None
    best_epoch: int = 0
    best_metrics: dict[str, float] = field(default_factory=dict)
    stale: int = 0

    def update(self, epoch: int, value: float, metrics: dict[str, float]) -> bool:
        """Add one evaluation. Returns True if its value is better than all values before, and not only
        equal."""
        if self.best_value is not None and value <= self.best_value:
            self.stale += 1
            return False
        self.best_value, self.best_epoch, self.best_metrics, self.stale = value, epoch, metrics, 0
        return True

    @property
    def exhausted(self) -> bool:
        """True after `patience` consecutive evaluations without a better value."""
        return self.stale >= self.patience

    def state(self) -> Json:
        """Return the state as plain data, without the patience."""
        return {
            "best_value": self.best_value,
            "best_epoch": self.best_epoch,
            "best_metrics": dict(self.best_metrics),
            "stale": self.stale,
        }

    def load(self, state: Json) -> None:
        """Restore what `state` returned."""
        self.best_value, self.best_epoch = state["best_value"], state["best_epoch"]
        self.best_metrics, self.stale = dict(state["best_metrics"]), state["stale"]
