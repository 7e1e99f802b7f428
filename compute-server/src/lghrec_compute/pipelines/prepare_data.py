"""The data steps of preprocess: they find, read, filter and split the interactions of a source."""

from __future__ import annotations

from dataclasses import replace

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.filters import Filtered, apply_filters
from lghrec_compute.data.generate import generate
from lghrec_compute.data.prepare import split_dataset
from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers import reader_of
from lghrec_compute.data.side_files import ROLES as SIDE
from lghrec_compute.data.side_files import read_side_information
from lghrec_compute.data.source import locate
from lghrec_compute.data.source_files import GENERATOR, SourceFiles
from lghrec_compute.events import Log, WarningRaised
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.results import DatasetStatistics
from lghrec_compute.spec import PreprocessSpec, spec_to_dict
from lghrec_compute.spec.preprocess import FilterSpec


def prepare(spec: PreprocessSpec, context: RunContext) -> tuple[Dataset, DatasetStatistics]:
    """Finds, reads, filters and splits the source of a spec. Stores nothing.

    Returns the data set, and the statistics of its preparation. Raises the errors of the package `data`
    (`DataError`, `IntegrityError`, `ConfigError`), and `RunCancelled` after a request to stop.
    """
    files = _find(spec, context)
    raw = _read(files, context)
    filtered = _filter(raw, spec.filter, context)
    dataset = _split(raw, filtered, files, spec=spec, context=context)
    if any(role in files.files for role in SIDE):
        dataset = _with_side(dataset, raw, files, context)
    return dataset, _statistics(dataset, raw, filtered)


def _find(spec: PreprocessSpec, context: RunContext) -> SourceFiles:
    tick = ticker(context, "download")
    if spec.source.builtin:
        tick(0, 1)
    files = locate(spec.source, context, tick=context.check_stop)
    if spec.source.builtin:
        tick(1, 1)
    if files.terms:
        context.emit(Log(f"terms of use: {files.terms}"))
    return files


def _read(files: SourceFiles, context: RunContext) -> RawData:
    tick = ticker(context, "read")
    tick(0, 0)
    read = generate if files.format == GENERATOR else reader_of(files.format)
    raw = read(files, ReadContext(context.emit, tick))
    tick(raw.num_rows_read, raw.num_rows_read)
    return raw


def _filter(raw: RawData, spec: FilterSpec, context: RunContext) -> Filtered:
    tick = ticker(context, "filter")
    tick(0, len(raw.interactions))
    filtered = apply_filters(raw.interactions, spec)
    steps = ", ".join(f"{step.num_interactions:,} after {step.name}" for step in filtered.steps)
    context.emit(Log(f"interactions: {raw.num_rows_read:,} rows, {steps}"))
    if filtered.num_overlaps:
        pairs = f"{filtered.num_overlaps:,} pairs of the given split"
        message = f"{pairs} are in two parts, and the earlier part keeps them"
        context.emit(WarningRaised("split_overlap", message))
    tick(len(raw.interactions), len(raw.interactions))
    return filtered


def _split(
    raw: RawData, filtered: Filtered, files: SourceFiles, *, spec: PreprocessSpec, context: RunContext
) -> Dataset:
    tick = ticker(context, "split")
    tick(0, len(filtered.interactions))
    dataset = split_dataset(
        filtered.interactions,
        raw,
        spec.split,
        about={
            "name": files.name,
            "terms": files.terms,
            "filter": spec_to_dict(spec.filter),
            "split": spec_to_dict(spec.split),
        },
    )
    train, valid, test = (f"{len(part):,}" for part in dataset.parts)
    context.emit(Log(f"{dataset.num_users:,} users, {dataset.num_items:,} items"))
    context.emit(Log(f"split: {train} train, {valid} valid, {test} test; {dataset.meta['split_sha256']}"))
    tick(len(filtered.interactions), len(filtered.interactions))
    return dataset


def _with_side(dataset: Dataset, raw: RawData, files: SourceFiles, context: RunContext) -> Dataset:
    """Adds the side information of the source, and logs its counts."""
    watch = ReadContext(context.emit, ticker(context, "read"))
    side = read_side_information(files, raw, watch, user_ids=dataset.user_ids, item_ids=dataset.item_ids)
    for name, counts in side.meta.items():
        shown = ", ".join(f"{value:,} {what.removeprefix('num_')}" for what, value in counts.items())
        context.emit(Log(f"{name}: {shown}"))
    return replace(dataset, side_information=side, meta={**dataset.meta, **side.meta})


def _statistics(dataset: Dataset, raw: RawData, filtered: Filtered) -> DatasetStatistics:
    meta, side = dataset.meta, dataset.side_information
    return DatasetStatistics(
        num_users=dataset.num_users,
        num_items=dataset.num_items,
        num_interactions=meta["num_interactions"],
        num_train=len(dataset.train),
        num_valid=len(dataset.valid),
        num_test=len(dataset.test),
        num_rows_read=raw.num_rows_read,
        num_duplicates=filtered.num_duplicates,
        split_sha256=meta["split_sha256"],
        num_cold_users=meta["num_cold_users"],
        num_cold_items=meta["num_cold_items"],
        filters=filtered.steps,
        knowledge=side.knowledge.counts if side.knowledge else None,
        interests=side.interests.counts if side.interests else None,
    )
