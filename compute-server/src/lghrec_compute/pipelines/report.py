"""The report service. It draws a page of figures from stored models and evaluations.

The report is an artifact with report.html, which loads no other file, and figures/<name>.png and .svg. It is
drawn only from stored artifacts. If an artifact is missing, the page states which figures are left out.
"""

from __future__ import annotations

import json

from lghrec_compute.artifacts import Artifact
from lghrec_compute.errors import ConfigError, NotFoundError
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.reporting.figures import count, drawings
from lghrec_compute.reporting.page import page
from lghrec_compute.reporting.render import render
from lghrec_compute.reporting.stored import Entry, Stored, Sweep
from lghrec_compute.results import ReportResult
from lghrec_compute.spec import ReportSpec, spec_to_dict
from lghrec_compute.spec.report import ReportEntry


def run(spec: ReportSpec, context: RunContext) -> ReportResult:
    """Draws the entries, the sweeps and the comparison of `spec`. Equal stored results give equal bytes.

    Raises `NotFoundError` for a model, an evaluation or a comparison that does not exist, `ConfigError` for
    an artifact of another kind or an evaluation of another model, `IntegrityError` for changed bytes, and
    `RunCancelled` after a request to stop.
    """
    tick = ticker(context, "load")
    tick(0, 1)
    stored = _load(spec, context)
    tick(1, 1)

    tick, total = ticker(context, "draw"), count(stored)
    sections = []
    names: list[str] = []
    with context.store.draft("report", spec_to_dict(spec), run_id=context.run_id) as draft:
        tick(0, total)
        for done, drawing in enumerate(drawings(stored), start=1):
            rendered = render(drawing)
            sections.append(rendered.section)
            if rendered.png is not None and rendered.svg is not None:
                draft.path(f"figures/{drawing.name}.png").write_bytes(rendered.png)
                draft.path(f"figures/{drawing.name}.svg").write_text(rendered.svg)
                names.append(drawing.name)
            tick(done, total)
        draft.path("report.html").write_text(page(stored, sections, comparison_id=spec.comparison))
    return ReportResult(context.announce(draft).ref)


def _load(spec: ReportSpec, context: RunContext) -> Stored:
    entries = tuple(_entry(entry, f"entries.{index}", context) for index, entry in enumerate(spec.entries))
    sweeps = tuple(
        Sweep(
            sweep.field,
            tuple(
                _entry(entry, f"sweeps.{index}.entries.{number}", context)
                for number, entry in enumerate(sweep.entries)
            ),
        )
        for index, sweep in enumerate(spec.sweeps)
    )
    comparison = None
    if spec.comparison is not None:
        artifact = context.store.verified(spec.comparison, "comparison")
        comparison = json.loads(artifact.path("comparison.json").read_bytes())
    return Stored(entries, sweeps, comparison)


def _entry(spec: ReportEntry, field: str, context: RunContext) -> Entry:
    context.check_stop()
    model = context.store.verified(spec.model, "model")
    evaluation = None
    if spec.evaluation is not None:
        evaluation = context.store.verified(spec.evaluation, "evaluation")
        _check_belongs(evaluation, model, f"{field}.evaluation")
    try:
        dataset = context.store.verified(model.meta["dataset"], "dataset")
    except NotFoundError:
        dataset = None  # deleted; the page leaves out the figures that need it
    return Entry(spec.name, model, evaluation, dataset)


def _check_belongs(evaluation: Artifact, model: Artifact, field: str) -> None:
    of = evaluation.meta.get("model")
    if of != model.id:
        got = f"model {of[:12]}" if of else "another tool's predictions"
        wrong = (
            f"the evaluation is of another model: got an evaluation of {got}, expected one of {model.id[:12]}"
        )
        raise ConfigError.at(field, wrong, hint="evaluate the model of the entry")
