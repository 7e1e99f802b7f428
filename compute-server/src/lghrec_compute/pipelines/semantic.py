"""Semantic ids of a prepared data set: describe, encode, store; or an estimate; or a preview."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lghrec_compute.artifacts import Artifact
from lghrec_compute.cards import write_cards
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.dseg.card import Maker, item_cards
from lghrec_compute.dseg.encode import ENCODERS
from lghrec_compute.dseg.engine import LANGUAGE_MODELS, Engine, open_engine
from lghrec_compute.dseg.estimate import UNPAID, Measured, Prices, estimate
from lghrec_compute.dseg.grounding import grounded_share, quote_spans
from lghrec_compute.dseg.neighbors import nearest
from lghrec_compute.dseg.prompt import ItemText
from lghrec_compute.dseg.providers import PROVIDERS
from lghrec_compute.dseg.quality import figure_lines, quality, result_quality
from lghrec_compute.dseg.runner import (
    ItemTexts,
    describe_items,
    distinct,
    encode_items,
    join_outcomes,
    read_items,
)
from lghrec_compute.dseg.sample import preview_items
from lghrec_compute.dseg.session import Session, open_session
from lghrec_compute.dseg.store import SemanticIds, save_semantic_ids
from lghrec_compute.dseg.text_quality import Tally, text_figures
from lghrec_compute.dseg.transform import TRANSFORMS
from lghrec_compute.events import Log, Metric, Progress, Warn
from lghrec_compute.pipelines.context import Context
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.plain import Json
from lghrec_compute.spec import to_plain
from lghrec_compute.spec.semantic import Generation, Semantic

_TELL_S = 1.0
_OPERATION = frozenset({"generation", "stage", "encoder_path"})  # how it is run is no part of what comes out


@dataclass(frozen=True)
class Described:
    """The texts of all items, and what made them."""

    texts: ItemTexts
    maker: Maker
    generation: Json


@dataclass(frozen=True)
class Made:
    """Semantic ids, and what their artifact and the run's result tell of them."""

    described: Described
    ids: SemanticIds
    neighbors: list[list[tuple[int, float]]]
    quality: Json


def make(dataset: Dataset, semantic: Semantic, context: Context) -> Made:
    """Describes, encodes and measures; stores nothing."""
    described = describe(dataset, semantic, context)
    ids = encode(described, dataset, semantic, context)
    neighbors = nearest(ids.semantic_IC, ids.mask_I, tick=ticker(context, "neighbors"))
    return Made(described, ids, neighbors, tell_quality(described, ids, context))


def describe(dataset: Dataset, semantic: Semantic, context: Context) -> Described:
    """A text for each item: from its own words, or from a language model, cached and paid for once.

    Raises as `read_items` and `open_engine` do, `CallError` when an endpoint refuses, `RunCancelled`.
    """
    if semantic.cot not in LANGUAGE_MODELS:
        provider = PROVIDERS[semantic.cot]
        tick = ticker(context, "describe")
        texts = describe_items(dataset.item_texts, provider, fields=semantic.fields, tick=tick)
        return Described(texts, Maker(semantic.cot, semantic.encoder), {})
    items = read_items(dataset.item_texts, semantic.fields)
    engine = open_engine(semantic.cot, semantic.generation, context.data_dir)
    with open_session(engine, distinct(items), context.data_dir) as session:
        texts, _seconds = _generate(session, items, context)
        pairs = zip(dataset.item_ids, items, strict=True)
        keys = [(name, session.prepared[item].key) for name, item in pairs if item.fields]
        session.cache.map_items(str(dataset.meta.get("split_sha256", "")), keys)
    return Described(texts, _maker(engine, semantic), _generation_meta(engine))


def encode(described: Described, dataset: Dataset, semantic: Semantic, context: Context) -> SemanticIds:
    """Vectors of the texts, transformed; `meta` holds everything that decides them."""
    tick = ticker(context, "encode")
    tick(0, 0)  # told before torch and the weights are loaded
    encoder = ENCODERS[semantic.encoder]()
    vectors_IC, rows = encode_items(described.texts, encoder, max_tokens=semantic.max_tokens, tick=tick)
    mask_I = described.texts.mask()
    wanted = {name: value for name, value in to_plain(semantic).items() if name not in _OPERATION}
    meta = {
        **wanted,
        **described.generation,
        "encoder_sha256": encoder.sha256,
        "dim": encoder.dim,
        "num_items": dataset.num_items,
        "num_missing": int((~mask_I).sum()),
        "num_truncated": sum("truncated" in row.flags for row in rows),
    }
    return SemanticIds(TRANSFORMS[semantic.transform](vectors_IC, mask_I), mask_I, rows, meta)


def tell_quality(described: Described, ids: SemanticIds, context: Context) -> Json:
    """Tells every figure, and returns `lghrec.v1.SemanticQuality`."""
    vectors, texts = quality(ids), text_figures(described.texts)
    for name, value in vectors.items():
        context.emit(Metric(f"semantic/{name}", value, step=1))
    for name, figure in texts.items():
        context.emit(Metric(f"semantic/{name}", figure.value, step=1))
    for line in figure_lines(described.texts):
        context.emit(Log(line))
    missing, cut = ids.meta["num_missing"], ids.meta["num_truncated"]
    shown = ", ".join(f"{name} {value:.3g}" for name, value in vectors.items())
    context.emit(Log(f"semantic ids: {missing:,} items without text, {cut:,} texts cut; {shown}"))
    if texts["fallback"].count:
        message = f"{texts['fallback'].count:,} items have their own words in place of a reasoning text"
        context.emit(Warn("texts_fell_back", f"{message}; run again to try them once more"))
    return result_quality(texts, vectors, cut)


def store(made: Made, dataset: Dataset, *, dataset_id: str, context: Context) -> Artifact:
    """Commits the artifact with a card for each item."""
    described, ids = made.described, made.ids
    cards = item_cards(
        dataset.item_ids, described.texts, ids.rows, neighbors=made.neighbors, maker=described.maker
    )
    draft = save_semantic_ids(
        context.store,
        replace(ids, meta={"dataset": dataset_id, **ids.meta}),
        run_id=context.run_id,
        write_more=lambda folder: write_cards(folder, cards),
    )
    return context.announce(draft)


def estimate_texts(dataset: Dataset, semantic: Semantic, context: Context) -> Json:
    """Result fields of the stage `estimate`; nothing is generated."""
    items = read_items(dataset.item_texts, semantic.fields)
    if semantic.cot not in LANGUAGE_MODELS:
        return {"estimate": {**UNPAID, "num_items": len(distinct(items))}}
    engine = open_engine(semantic.cot, semantic.generation, context.data_dir)
    with open_session(engine, distinct(items), context.data_dir) as session:
        return {"estimate": _estimate(session, semantic.generation, None)}


def preview_texts(dataset: Dataset, semantic: Semantic, context: Context) -> Json:
    """Result fields of the stage `preview`: a sample of items, their texts, and an estimate from them."""
    items = read_items(dataset.item_texts, semantic.fields)
    degrees = np.bincount(dataset.train.item_E, minlength=dataset.num_items)
    lengths = [len(item.text) for item in items]
    chosen = preview_items(
        lengths, degrees.tolist(), num=semantic.generation.preview_items, seed=semantic.generation.seed
    )
    sample = [items[number] for number in chosen]
    names = [dataset.item_ids[number] for number in chosen]
    if semantic.cot not in LANGUAGE_MODELS:
        columns = {name: [values[number] for number in chosen] for name, values in dataset.item_texts.items()}
        texts = describe_items(columns, PROVIDERS[semantic.cot], fields=semantic.fields)
        told = {**UNPAID, "num_items": len(distinct(items))}
    else:
        engine = open_engine(semantic.cot, semantic.generation, context.data_dir)
        with open_session(engine, distinct(items), context.data_dir) as session:
            texts, seconds = _generate(session, sample, context)
            told = _estimate(session, semantic.generation, _measured(session, texts, seconds))
    figures = result_quality(text_figures(texts), {}, 0)
    return {"estimate": told, "preview": _previews(names, texts), "quality": figures}


def _generate(session: Session, items: Sequence[ItemText], context: Context) -> tuple[ItemTexts, float]:
    start, last = time.monotonic(), 0.0

    def watch(tally: Tally, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _TELL_S and tally.num < total:
            return
        last, paid = now, tally.num - tally.cached
        rate = paid / (now - start) if paid else 0.0
        eta_ms = round((total - tally.num) / rate * 1000) if rate else None
        context.emit(Progress("describe", tally.num, total, eta_ms))
        for name, value in (("items_per_second", rate), ("valid", tally.valid), ("grounded", tally.grounded)):
            context.emit(Metric(f"semantic/{name}", value, step=tally.num))

    wanted = distinct(items)
    context.emit(Progress("describe", 0, len(wanted)))
    outcomes, seconds = session.generate(wanted, is_stopped=context.stop.is_set, watch=watch)
    return join_outcomes(items, session.prepared, outcomes), seconds


def _estimate(session: Session, generation: Generation, measured: Measured | None) -> Json:
    prices = Prices(generation.input_price, generation.output_price)
    prepared = list(session.prepared.values())
    return estimate(prepared, session.engine, session.cache, prices=prices, measured=measured)


def _measured(session: Session, texts: ItemTexts, seconds: float) -> Measured | None:
    outcomes = [source.outcome for source in texts.sources if source.outcome]
    keys = list({outcome.key for outcome in outcomes})
    num_paid = len({outcome.key for outcome in outcomes if not outcome.cached})
    num, mean = session.cache.mean_output_tokens(keys)
    return Measured(mean, seconds / num_paid if num_paid else 0.0, num) if num else None


def _previews(names: Sequence[str], texts: ItemTexts) -> list[Json]:
    return [
        {
            "item": name,
            "text": source.description,
            "cot": source.reasoning.cot if source.reasoning else "",
            "keywords": source.reasoning.keyword_list if source.reasoning else [],
            "status": source.status,
            "grounded": _is_grounded(source.reasoning.cot if source.reasoning else "", source.description),
        }
        for name, source in zip(names, texts.sources, strict=True)
    ]


def _is_grounded(cot: str, description: str) -> bool:
    """Every quote, and at least one, is in the item's text word for word."""
    return grounded_share(quote_spans(cot, description)) == 1.0


def _maker(engine: Engine, semantic: Semantic) -> Maker:
    info = engine.generator.info
    return Maker(semantic.cot, semantic.encoder, info.model, info.revision, engine.template.id)


def _generation_meta(engine: Engine) -> Json:
    """What the texts were made by, without addresses and limits."""
    info, decoding = engine.generator.info, engine.decoding
    return {
        "generation": {
            "endpoint": info.endpoint,
            "model": info.model,
            "model_revision": info.revision,
            "prompt": engine.template.id,
            "temperature": decoding.temperature,
            "top_p": decoding.top_p,
            "max_output_tokens": decoding.max_tokens,
            "seed": decoding.seed,
        }
    }
