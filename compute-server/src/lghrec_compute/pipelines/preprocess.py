"""Preprocess: a source's files in; a split data set and, if asked for, semantic ids out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.filters import Filtered, apply_filters
from lghrec_compute.data.prepare import split_dataset
from lghrec_compute.data.raw import RawData
from lghrec_compute.data.readers.recbole import read_recbole
from lghrec_compute.data.source import SourceFiles, locate
from lghrec_compute.data.store import save_dataset
from lghrec_compute.dseg.encode import ENCODERS
from lghrec_compute.dseg.providers import PROVIDERS
from lghrec_compute.dseg.quality import quality
from lghrec_compute.dseg.runner import describe_items, encode_items
from lghrec_compute.dseg.store import SemanticIds, save_semantic_ids
from lghrec_compute.dseg.transform import TRANSFORMS
from lghrec_compute.events import Log, Metric, Progress
from lghrec_compute.pipelines.context import Context
from lghrec_compute.plain import Json
from lghrec_compute.spec import PreprocessSpec, to_plain
from lghrec_compute.spec.preprocess import Semantic


def run(spec: PreprocessSpec, context: Context) -> Json:
    """Returns `lghrec.v1.PreprocessResult` as plain data.

    Both artifacts are stored at the end: a run that fails or is stopped before leaves neither. Raises
    `DataError`, `IntegrityError` or `ConfigError` as the rooms do, `RunCancelled` when asked to stop.
    """
    files = _find(spec, context)
    raw = _read(files, context)
    filtered = _filter(raw, spec, context)
    dataset = _split(raw, filtered, files, spec=spec, context=context)
    semantic_ids = _describe_and_encode(dataset, spec.semantic, context) if spec.semantic else None
    refs = _store(dataset, semantic_ids, context)
    return {**refs, "statistics": _statistics(dataset, raw, filtered)}


def _find(spec: PreprocessSpec, context: Context) -> SourceFiles:
    tick = _ticker(context, "download")
    if spec.source.builtin:
        tick(0, 1)
    files = locate(spec.source, context, tick=context.check_stop)
    if spec.source.builtin:
        tick(1, 1)
    if files.terms:
        context.emit(Log(f"terms of use: {files.terms}"))
    return files


def _read(files: SourceFiles, context: Context) -> RawData:
    tick = _ticker(context, "read")
    tick(0, 0)
    raw = read_recbole(files, context.emit)
    tick(raw.num_rows_read, raw.num_rows_read)
    return raw


def _filter(raw: RawData, spec: PreprocessSpec, context: Context) -> Filtered:
    tick = _ticker(context, "filter")
    tick(0, len(raw.interactions))
    filtered = apply_filters(raw.interactions, min_rating=spec.filter.min_rating, k_core=spec.filter.k_core)
    steps = ", ".join(f"{step.num_interactions:,} after {step.name}" for step in filtered.steps)
    context.emit(Log(f"interactions: {raw.num_rows_read:,} rows, {steps}"))
    tick(len(raw.interactions), len(raw.interactions))
    return filtered


def _split(
    raw: RawData, filtered: Filtered, files: SourceFiles, *, spec: PreprocessSpec, context: Context
) -> Dataset:
    tick = _ticker(context, "split")
    tick(0, len(filtered.interactions))
    split = spec.split
    dataset = split_dataset(
        filtered.interactions,
        raw,
        shares=(split.train, split.valid, split.test),
        seed=split.seed,
        about={
            "name": files.name,
            "terms": files.terms,
            "filter": to_plain(spec.filter),
            "split": to_plain(split),
        },
    )
    train, valid, test = (f"{len(part):,}" for part in dataset.parts)
    context.emit(Log(f"{dataset.num_users:,} users, {dataset.num_items:,} items"))
    context.emit(Log(f"split: {train} train, {valid} valid, {test} test; {dataset.meta['split_sha256']}"))
    tick(len(filtered.interactions), len(filtered.interactions))
    return dataset


def _describe_and_encode(dataset: Dataset, semantic: Semantic, context: Context) -> SemanticIds:
    texts = describe_items(
        dataset.item_texts,
        PROVIDERS[semantic.cot],
        fields=semantic.fields,
        tick=_ticker(context, "describe"),
    )
    _ticker(context, "encode")(0, 0)  # told before torch and the weights are loaded
    encoder = ENCODERS[semantic.encoder]()
    vectors_IC, rows = encode_items(
        texts, encoder, max_tokens=semantic.max_tokens, tick=_ticker(context, "encode")
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
    tick = _ticker(context, "store")
    tick(0, total)
    stored = context.announce(save_dataset(context.store, dataset, run_id=context.run_id))
    refs = {"dataset": stored.ref}
    if semantic_ids:
        named = replace(semantic_ids, meta={"dataset": stored.id, **semantic_ids.meta})
        draft = save_semantic_ids(context.store, named, run_id=context.run_id)
        refs["semantic_ids"] = context.announce(draft).ref
    context.emit(Progress("store", total, total))
    return refs


def _statistics(dataset: Dataset, raw: RawData, filtered: Filtered) -> Json:
    counts = ("num_users", "num_items", "num_interactions", "num_train", "num_valid", "num_test")
    return {
        **{name: dataset.meta[name] for name in (*counts, "split_sha256")},
        "num_rows_read": raw.num_rows_read,
        "num_duplicates": filtered.num_duplicates,
    }


def _ticker(context: Context, phase: str) -> Callable[[int, int], None]:
    """A `tick(done, total)` that tells progress with the time left, and stops the run when it is asked to."""
    start = time.monotonic()

    def tick(done: int, total: int) -> None:
        context.check_stop()
        seconds = time.monotonic() - start
        eta_ms = round(seconds / done * (total - done) * 1000) if done and total else None
        context.emit(Progress(phase, done, total, eta_ms))

    return tick
