"""Computes semantic ids of a prepared data set, measures their quality and stores them with item cards."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lghrec_compute.artifacts import Artifact
from lghrec_compute.cards import write_cards
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.dseg.neighbors import nearest
from lghrec_compute.dseg.quality import figure_lines, quality, result_quality
from lghrec_compute.dseg.store import SemanticIds, save_semantic_ids
from lghrec_compute.dseg.text.card import item_cards
from lghrec_compute.dseg.text.quality import text_figures
from lghrec_compute.events import Log, Metric, WarningRaised
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.describe import Described, describe
from lghrec_compute.pipelines.encode import encode
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.results import SemanticQuality
from lghrec_compute.spec.semantic import SemanticSpec


@dataclass(frozen=True)
class SemanticIdsResult:
    """Semantic ids with the texts, neighbors and quality figures for their artifact and the run's result."""

    described: Described
    ids: SemanticIds
    neighbors: list[list[tuple[int, float]]]
    quality: SemanticQuality


def compute_semantic_ids(dataset: Dataset, semantic: SemanticSpec, context: RunContext) -> SemanticIdsResult:
    """Generates and encodes the texts, and measures the quality. Stores nothing."""
    described = describe(dataset, semantic, context)
    ids = encode(described, dataset, semantic, context)
    neighbors = nearest(ids.semantic_IC, ids.mask_I, tick=ticker(context, "neighbors"))
    return SemanticIdsResult(described, ids, neighbors, report_quality(described, ids, context))


def report_quality(described: Described, ids: SemanticIds, context: RunContext) -> SemanticQuality:
    """Emits every figure, and returns the figures of the run's result."""
    vectors, texts = quality(ids), text_figures(described.texts)
    for name, value in vectors.items():
        context.emit(Metric(f"semantic/{name}", value, step=1))
    for name, figure in texts.items():
        context.emit(Metric(f"semantic/{name}", figure.value, step=1))
    for line in figure_lines(described.texts):
        context.emit(Log(line))
    missing, cut = ids.meta["num_missing"], ids.meta["num_truncated"]
    shown = ", ".join(f"{name} {value:.3g}" for name, value in vectors.items())
    context.emit(Log(f"semantic ids: {missing:,} items without text, {cut:,} truncated texts; {shown}"))
    if texts["fallback"].count:
        message = (
            f"{texts['fallback'].count:,} items have the text of the data set instead of a reasoning text"
        )
        context.emit(WarningRaised("texts_fell_back", f"{message}; start the run again to generate them"))
    return result_quality(texts, vectors, cut)


def store(result: SemanticIdsResult, dataset: Dataset, *, dataset_id: str, context: RunContext) -> Artifact:
    """Stores the artifact with a card for each item."""
    described, ids = result.described, result.ids
    cards = item_cards(
        dataset.item_ids,
        described.texts,
        ids.rows,
        neighbors=result.neighbors,
        provenance=described.provenance,
    )
    draft = save_semantic_ids(
        context.store,
        replace(ids, meta={"dataset": dataset_id, **ids.meta}),
        run_id=context.run_id,
        write_more=lambda folder: write_cards(folder, cards),
    )
    return context.announce(draft)
