"""When training has stopped getting better."""

from __future__ import annotations

from dataclasses import dataclass, field

from lghrec_compute.json_types import Json


@dataclass
class EarlyStop:
    """Remembers the best value of a metric, higher is better, and when it came. Epochs count from 1."""

    patience: int
    best_value: float | None = None
    best_epoch: int = 0
    best_metrics: dict[str, float] = field(default_factory=dict)
    stale: int = 0
    """Evaluations since the best one."""

    def update(self, epoch: int, value: float, metrics: dict[str, float]) -> bool:
        """Takes one evaluation in; True if its value is better than all before; equal is not."""
        if self.best_value is not None and value <= self.best_value:
            self.stale += 1
            return False
        self.best_value, self.best_epoch, self.best_metrics, self.stale = value, epoch, metrics, 0
        return True

    @property
    def exhausted(self) -> bool:
        """True after `patience` evaluations in a row that were not better."""
        return self.stale >= self.patience

    def state(self) -> Json:
        """All but the patience, as plain data."""
        return {
            "best_value": self.best_value,
            "best_epoch": self.best_epoch,
            "best_metrics": dict(self.best_metrics),
            "stale": self.stale,
        }

    def load(self, state: Json) -> None:
        """Takes back what `state` gave."""
        self.best_value, self.best_epoch = state["best_value"], state["best_epoch"]
        self.best_metrics, self.stale = dict(state["best_metrics"]), state["stale"]
