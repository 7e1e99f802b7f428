"""Reads evaluation reports for a comparison, and checks that they can be compared.

Shapes: U evaluated users.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.errors import ConfigError, IntegrityError, Violation
from lghrec_compute.evaluation.comparison import Measured
from lghrec_compute.json_types import Json
from lghrec_compute.spec.compare import CompareSpec
from lghrec_compute.types import Doubles, Ints

SHARED = ("dataset", "split_sha256", "split", "mask", "drop_unseen")
"""Fields of the summaries that must be equal in all reports."""
_TABLE = "per_user.parquet"
_KIND_HINT = "compare the reports of evaluate runs, not the models"


@dataclass(frozen=True)
class Report:
    """A report. `field` is its path in the spec, for example "entries.0.reports.1"."""

    field: str
    artifact: Artifact
    summary: Json

    @property
    def metrics(self) -> list[str]:
        """Names of the metrics that the report contains for each user."""
        return pq.read_schema(self.artifact.path(_TABLE)).names[2:]

    def users(self) -> Ints:
        """Returns the ids of the users in the report, in ascending order."""
        return pq.read_table(self.artifact.path(_TABLE), columns=["user"])["user"].to_numpy().astype(np.int64)

    def values(self, metric: str) -> Doubles:
        """Returns the value of the metric for each user, float64 [U]."""
        return pq.read_table(self.artifact.path(_TABLE), columns=[metric])[metric].to_numpy()


def load_reports(store: ArtifactStore, spec: CompareSpec) -> dict[str, list[Report]]:
    """Returns the reports of each entry, and checks their hashes.

    Raises `NotFoundError` for a report that does not exist and `IntegrityError` for changed bytes. Raises
    `ConfigError` with all violations if an artifact is of another kind, if a report has another data set,
    split, part, mask or set of users than the first one, or if a metric is missing.
    """
    reports = {
        entry.name: [
            _report(store, f"entries.{index}.reports.{number}", artifact_id)
            for number, artifact_id in enumerate(entry.reports)
        ]
        for index, entry in enumerate(spec.entries)
    }
    every = [report for some in reports.values() for report in some]
    first_users = every[0].users()
    violations = [
        violation
        for report in every
        for violation in (*_differences(report, every[0], first_users), *_missing(report, spec.metrics))
    ]
    if violations:
        raise ConfigError.of(
            violations,
            hint="evaluate all models on one data set with the same split, mask, metrics and cutoffs",
        )
    return reports


def measure(name: str, reports: list[Report], metric: str) -> Measured:
    """Returns the values of each user, averaged over the reports of an entry, and the mean of each report.

    Only one report is in memory at a time.
    """
    means: list[float] = []
    total_U = np.zeros(0)
    for report in reports:
        values_U = report.values(metric)
        means.append(float(values_U.mean()))
        total_U = total_U + values_U if len(total_U) else values_U
    return Measured(name, total_U / len(reports), np.array(means), _seeds(reports))


def _report(store: ArtifactStore, field: str, artifact_id: str) -> Report:
    try:
        artifact = store.verified(artifact_id, "evaluation")
    except ConfigError as error:
        raise ConfigError.at(field, error.message, hint=_KIND_HINT) from None
    try:
        summary = json.loads(artifact.path("summary.json").read_text())
    except ValueError as error:
        raise IntegrityError(f"{field}: summary.json of {artifact_id[:12]} cannot be read: {error}") from None
    return Report(field, artifact, summary)


def _differences(report: Report, first: Report, first_users: Ints) -> list[Violation]:
    found = [
        Violation(
            report.field,
            f"computed with another {name} than {first.field}: got {report.summary[name]!r}, expected"
            f" {first.summary[name]!r}",
        )
        for name in SHARED
        if report.summary[name] != first.summary[name]
    ]
    users = report.users()
    if not found and not np.array_equal(users, first_users):
        got = f"got {len(users):,} users, {len(np.setdiff1d(users, first_users)):,} of them different"
        text = f"contains other users than {first.field}: {got}, expected the same {len(first_users):,}"
        found.append(Violation(report.field, text))
    return found


def _missing(report: Report, metrics: tuple[str, ...]) -> list[Violation]:
    lacking = [metric for metric in metrics if metric not in report.metrics]
    if not lacking:
        return []
    got = ", ".join(report.metrics)
    text = f"{report.field} has no {', '.join(lacking)}, got {got}"
    return [Violation("metrics", text)]


def _seeds(reports: list[Report]) -> tuple[int, ...] | None:
    """Returns the training seeds of the models. None means that a seed is unknown or appears twice."""
    seeds = [report.summary.get("seed") for report in reports]
    known = tuple(seed for seed in seeds if isinstance(seed, int))
    return known if len(known) == len(set(known)) == len(seeds) else None
