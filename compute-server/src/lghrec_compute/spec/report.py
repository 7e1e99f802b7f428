"""Options of a report run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import ComparisonId, EvaluationId, ModelId

Name = Annotated[str, Field(min_length=1, max_length=128)]


class ReportEntry(Spec):
    """One trained model of a report."""

    name: Name
    """Name of the model in figures and tables."""
    model: ModelId
    """The model: `result.model` of a train result, or its id."""
    evaluation: EvaluationId | None = None
    """Evaluation of this model: `result.report` of an evaluate result, or its id. None means that the report
    has no figures of an evaluation for it."""


class ReportSweep(Spec):
    """Models that differ in one field of their specs, for a figure of its influence."""

    field: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[a-z0-9_.]+$")]
    """Path of the field in snake case, for example "policy.harmony_weight"."""
    entries: Annotated[tuple[ReportEntry, ...], Field(min_length=2)]
    """The models."""


class ReportSpec(Spec):
    """Draws figures of trained models and writes them to one page."""

    kind: Literal["report"] = Field(default="report", exclude=True)
    entries: Annotated[tuple[ReportEntry, ...], Field(min_length=1, max_length=64)]
    """The models. The page describes the first one and compares the others with it."""
    sweeps: tuple[ReportSweep, ...] = ()
    """Figures of the influence of one field."""
    comparison: ComparisonId | None = None
    """Comparison to include as a table: `result.report` of a compare result, or its id. None means that the
    page has no such table."""

    @model_validator(mode="after")
    def _names_are_distinct(self) -> ReportSpec:
        names = [entry.name for entry in self.entries]
        if len(set(names)) != len(names):
            raise field_error("entries", f"names are not distinct: got {', '.join(names)}")
        return self
