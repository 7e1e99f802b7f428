"""Options of a compare run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import EvaluationId, Seed, Threads
from lghrec_compute.spec.metrics import UserMetric

Label = Annotated[str, Field(min_length=1, max_length=256)]


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


class CompareEntry(Spec):
    """Evaluations of one model, one for each seed."""

    name: Label
    """Name of the model in the tables."""
    reports: Annotated[tuple[EvaluationId, ...], Field(min_length=1, max_length=100)]
    """Evaluations with equal settings, one for each seed: `result.report` of evaluate results, or their
    ids."""

    @model_validator(mode="after")
    def _reports_differ(self) -> CompareEntry:
        if len(set(self.reports)) < len(self.reports):
            raise field_error("reports", "a report is there twice, expected one of each seed")
        return self


class CompareSpec(Spec):
    """Compares models with a baseline over the same held-out items, with confidence intervals and paired
    tests.

    All evaluations are of the same split and mask.
    """

    kind: Literal["compare"] = Field(default="compare", exclude=True)
    entries: Annotated[tuple[CompareEntry, ...], Field(min_length=2, max_length=64)]
    """The models."""
    baseline: Label | None = None
    """Name of the entry that the others are compared with. None means the first entry."""
    metrics: Annotated[
        tuple[UserMetric, ...], Field(min_length=1, max_length=64), AfterValidator(_each_once)
    ] = ("recall@20", "ndcg@20")
    """Metrics with a cutoff that all evaluations contain. Each of them has a value for each user."""
    resamples: Annotated[int, Field(ge=100, le=1_000_000)] = 10_000
    """Number of bootstrap samples, and of sign flips of the permutation test if it cannot enumerate all of
    them."""
    confidence: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    """Confidence level of the intervals."""
    seed: Seed = 0
    """Seed of the bootstrap and of the permutation test."""
    threads: Threads | None = None
    """Number of threads of the worker. None means that the server chooses it."""

    @model_validator(mode="after")
    def _names_are_clear(self) -> CompareSpec:
        names = [entry.name for entry in self.entries]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise field_error(f"entries.{index}.name", f"two entries have the same name, got {name!r}")
        if self.baseline is not None and self.baseline not in names:
            known = ", ".join(repr(name) for name in names)
            raise field_error("baseline", f"no entry of this name: got {self.baseline!r}, expected {known}")
        return self

    @property
    def baseline_entry(self) -> CompareEntry:
        """The entry that the others are compared with."""
        return next((entry for entry in self.entries if entry.name == self.baseline), self.entries[0])
