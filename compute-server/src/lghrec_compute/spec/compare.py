"""What a compare run may ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import ArtifactId, Seed, Threads
from lghrec_compute.spec.metrics import check_user_metric

Label = Annotated[str, Field(min_length=1, max_length=256)]
MetricName = Annotated[str, AfterValidator(check_user_metric)]


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


class CompareEntry(Spec):
    """One of the things compared, under the name it has in the tables."""

    name: Label
    reports: Annotated[tuple[ArtifactId, ...], Field(min_length=1, max_length=100)]
    """Evaluation artifacts, one a seed, all under the same settings."""

    @model_validator(mode="after")
    def _reports_differ(self) -> CompareEntry:
        if len(set(self.reports)) < len(self.reports):
            raise field_error("reports", "a report is there twice, expected one of each seed")
        return self


class CompareSpec(Spec):
    """Differences from a baseline over the same held-out items, with their uncertainty."""

    kind: Literal["compare"] = Field(default="compare", exclude=True)
    entries: Annotated[tuple[CompareEntry, ...], Field(min_length=2, max_length=64)]
    baseline: Label | None = None
    """Name of an entry; None takes the first."""
    metrics: Annotated[
        tuple[MetricName, ...], Field(min_length=1, max_length=64), AfterValidator(_each_once)
    ] = ("recall@20", "ndcg@20")
    """Metrics that have a value of each user, with a cutoff that every report has."""
    resamples: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    """Draws of the bootstrap and, where not all can be enumerated, of the permutation test."""
    confidence: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    """Of the interval."""
    seed: Seed = 0
    threads: Threads | None = None

    @model_validator(mode="after")
    def _names_are_clear(self) -> CompareSpec:
        names = [entry.name for entry in self.entries]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise field_error(f"entries.{place}.name", f"two entries have the same name, got {name!r}")
        if self.baseline is not None and self.baseline not in names:
            known = ", ".join(repr(name) for name in names)
            raise field_error("baseline", f"no entry of this name: got {self.baseline!r}, expected {known}")
        return self

    @property
    def baseline_entry(self) -> CompareEntry:
        """The entry that the others are compared with."""
        return next((entry for entry in self.entries if entry.name == self.baseline), self.entries[0])
