"""The compare service. It computes differences from a baseline and their uncertainty from evaluation reports.

The comparison is an artifact with comparison.json, which contains the rows and their settings, and with
comparison.md and comparison.tex, which contain the rows as tables.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from lghrec_compute.evaluation.comparison import Sampling, compare, corrected
from lghrec_compute.events import Log
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.compare_reports import SHARED, Report, load_reports, measure
from lghrec_compute.pipelines.compare_tables import latex, markdown
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.results import CompareResult, CompareRow
from lghrec_compute.spec import spec_to_dict
from lghrec_compute.spec.compare import CompareSpec


def run(spec: CompareSpec, context: RunContext) -> CompareResult:
    """Compares entries with the baseline, over users and seeds, and stores the comparison.

    Raises `ConfigError` for reports that cannot be compared, and the errors of `load_reports`.
    """
    tick = ticker(context, "load")
    tick(0, 1)
    reports = load_reports(context.store, spec)
    tick(1, 1)
    rows = corrected(_rows(spec, reports, context))
    ordered = [row for entry in spec.entries for row in rows if row.name == entry.name]

    settings = _settings(spec, reports)
    with context.store.draft("comparison", settings, run_id=context.run_id) as draft:
        text = json.dumps({**settings, "rows": [asdict(row) for row in ordered]}, indent=2, allow_nan=False)
        draft.path("comparison.json").write_text(text + "\n")
        draft.path("comparison.md").write_text(markdown(ordered, spec))
        draft.path("comparison.tex").write_text(latex(ordered, spec))
    return CompareResult(context.announce(draft).ref, tuple(ordered))


def _rows(spec: CompareSpec, reports: dict[str, list[Report]], context: RunContext) -> list[CompareRow]:
    """Computes one metric after the other, so that memory contains one value per user and entry."""
    baseline = spec.baseline_entry.name
    tick = ticker(context, "compare")
    draws = 2 * spec.resamples
    rows: list[CompareRow] = []
    for number, metric in enumerate(spec.metrics):

        def on_done(done: int, before: int = number * draws) -> None:
            tick(before + done, len(spec.metrics) * draws)

        on_done(0)
        base, *others = (
            measure(name, reports[name], metric)
            for name in (baseline, *(name for name in reports if name != baseline))
        )
        sampling = Sampling(spec.confidence, spec.resamples, spec.seed, on_done)
        rows += compare(base, others, metric=metric, sampling=sampling)
    context.emit(
        Log(f"computed {len(rows)} rows over {rows[0].num_users:,} users, with {baseline} as the baseline")
    )
    return rows


def _settings(spec: CompareSpec, reports: dict[str, list[Report]]) -> Json:
    summary = next(iter(reports.values()))[0].summary
    shared = {name: summary[name] for name in SHARED}
    plain = spec_to_dict(spec)
    plain.pop("threads", None)  # the number of threads changes no figure
    return {**shared, **plain, "baseline": spec.baseline_entry.name}
