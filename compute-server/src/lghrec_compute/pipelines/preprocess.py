"""The preprocess service. It creates a split data set from a source, and semantic ids if requested."""

from __future__ import annotations

from dataclasses import replace

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.store import save_dataset
from lghrec_compute.events import Progress
from lghrec_compute.pipelines import semantic
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.describe import estimate_texts, preview_texts
from lghrec_compute.pipelines.prepare_data import prepare
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.results import PreprocessResult
from lghrec_compute.spec import PreprocessSpec


def run(spec: PreprocessSpec, context: RunContext) -> PreprocessResult:
    """Prepares a data set and semantic ids, and stores them.

    Both artifacts are stored at the end, so a run that fails or stops earlier stores neither. The stages
    `estimate` and `preview` store no artifact. Raises `DataError`, `IntegrityError` or `ConfigError` for a
    source or a spec that cannot be used, `CallError` if the endpoint of a language model rejects a request,
    and `RunCancelled` after a request to stop.
    """
    dataset, statistics = prepare(spec, context)
    wanted = spec.semantic
    if wanted and wanted.stage == "estimate":
        return PreprocessResult(statistics=statistics, estimate=estimate_texts(dataset, wanted, context))
    if wanted and wanted.stage == "preview":
        return replace(preview_texts(dataset, wanted, context), statistics=statistics)
    semantic_ids = semantic.compute_semantic_ids(dataset, wanted, context) if wanted else None
    return replace(_store(dataset, semantic_ids, context), statistics=statistics)


def _store(
    dataset: Dataset, computed: semantic.SemanticIdsResult | None, context: RunContext
) -> PreprocessResult:
    total = 2 if computed else 1
    ticker(context, "store")(0, total)
    stored = context.announce(save_dataset(context.store, dataset, run_id=context.run_id))
    result = PreprocessResult(dataset=stored.ref)
    if computed:
        ids = semantic.store(computed, dataset, dataset_id=stored.id, context=context)
        result = replace(result, semantic_ids=ids.ref, quality=computed.quality)
    context.emit(Progress("store", total, total))
    return result
