"""Preprocess: a source's files in; a split data set and, if asked for, semantic ids out."""

from __future__ import annotations

from dataclasses import replace

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.store import save_dataset
from lghrec_compute.dseg.encode import ENCODERS
from lghrec_compute.dseg.providers import PROVIDERS
from lghrec_compute.dseg.quality import quality
from lghrec_compute.dseg.runner import describe_items, encode_items
from lghrec_compute.dseg.store import SemanticIds, save_semantic_ids
from lghrec_compute.dseg.transform import TRANSFORMS
from lghrec_compute.events import Log, Metric, Progress
from lghrec_compute.pipelines.context import Context
from lghrec_compute.pipelines.prepare_data import prepare
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.plain import Json
from lghrec_compute.spec import PreprocessSpec, to_plain
from lghrec_compute.spec.preprocess import Semantic


def run(spec: PreprocessSpec, context: Context) -> Json:
    """Returns `lghrec.v1.PreprocessResult` as plain data.

    Both artifacts are stored at the end: a run that fails or is stopped before leaves neither. Raises
    `DataError`, `IntegrityError` or `ConfigError` as the rooms do, `RunCancelled` when asked to stop.
    """
    dataset, statistics = prepare(spec, context)
    semantic_ids = _describe_and_encode(dataset, spec.semantic, context) if spec.semantic else None
    refs = _store(dataset, semantic_ids, context)
    return {**refs, "statistics": statistics}


def _describe_and_encode(dataset: Dataset, semantic: Semantic, context: Context) -> SemanticIds:
    texts = describe_items(
        dataset.item_texts,
        PROVIDERS[semantic.cot],
        fields=semantic.fields,
        tick=ticker(context, "describe"),
    )
    ticker(context, "encode")(0, 0)  # told before torch and the weights are loaded
    encoder = ENCODERS[semantic.encoder]()
    vectors_IC, rows = encode_items(
        texts, encoder, max_tokens=semantic.max_tokens, tick=ticker(context, "encode")
    )
    mask_I = texts.mask()
    meta = {
        **to_plain(semantic),
        "encoder_sha256": encoder.sha256,
        "dim": encoder.dim,
        "num_items": dataset.num_items,
        "num_missing": int((~mask_I).sum()),
        "num_truncated": sum("truncated" in row.flags for row in rows),
    }
    ids = SemanticIds(TRANSFORMS[semantic.transform](vectors_IC, mask_I), mask_I, rows, meta)
    _tell_quality(ids, context)
    return ids


def _tell_quality(ids: SemanticIds, context: Context) -> None:
    figures = quality(ids)
    for name, value in figures.items():
        context.emit(Metric(f"semantic/{name}", value, step=1))
    shown = ", ".join(f"{name} {value:.3g}" for name, value in figures.items())
    missing, truncated = ids.meta["num_missing"], ids.meta["num_truncated"]
    context.emit(Log(f"semantic ids: {missing:,} items without text, {truncated:,} texts cut; {shown}"))


def _store(dataset: Dataset, semantic_ids: SemanticIds | None, context: Context) -> Json:
    total = 2 if semantic_ids else 1
    tick = ticker(context, "store")
    tick(0, total)
    stored = context.announce(save_dataset(context.store, dataset, run_id=context.run_id))
    refs = {"dataset": stored.ref}
    if semantic_ids:
        named = replace(semantic_ids, meta={"dataset": stored.id, **semantic_ids.meta})
        draft = save_semantic_ids(context.store, named, run_id=context.run_id)
        refs["semantic_ids"] = context.announce(draft).ref
    context.emit(Progress("store", total, total))
    return refs
