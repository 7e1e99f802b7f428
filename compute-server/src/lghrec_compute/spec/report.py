"""What a report may ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import ArtifactId

Name = Annotated[str, Field(min_length=1, max_length=128)]


class ReportEntry(Spec):
    """One trained model under a name, with its evaluation if there is one."""

    name: Name
    model: ArtifactId
    evaluation: ArtifactId | None = None


class ReportSweep(Spec):
    """Models that differ in one field of their specs, for the figure of its influence."""

    field: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[a-z0-9_.]+$")]
    """Its path, for example `policy.harmony_weight`."""
    entries: Annotated[tuple[ReportEntry, ...], Field(min_length=2)]


class ReportSpec(Spec):
    """A page of figures drawn from what runs have stored; the first entry is what the page is about."""

    kind: Literal["report"] = Field(default="report", exclude=True)
    entries: Annotated[tuple[ReportEntry, ...], Field(min_length=1, max_length=64)]
    sweeps: tuple[ReportSweep, ...] = ()
    comparison: ArtifactId | None = None
    """A comparison to print on the page."""

    @model_validator(mode="after")
    def _names_are_distinct(self) -> ReportSpec:
        names = [entry.name for entry in self.entries]
        if len(set(names)) != len(names):
            raise field_error("entries", f"names are not distinct: got {', '.join(names)}")
        return self
