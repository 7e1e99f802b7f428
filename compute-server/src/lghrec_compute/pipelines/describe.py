"""Generates the texts of a prepared data set's items, estimates their cost, or generates a sample."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.dseg.llm.engine import LANGUAGE_MODELS, Engine, open_engine, prepare
from lghrec_compute.dseg.llm.estimate import SampleCosts, estimate, free_estimate, preview_items
from lghrec_compute.dseg.llm.session import Session, open_session
from lghrec_compute.dseg.quality import result_quality
from lghrec_compute.dseg.text.card import Provenance
from lghrec_compute.dseg.text.grounding import grounded_share, quote_spans
from lghrec_compute.dseg.text.item_texts import ItemTexts, describe_items, distinct, join_outcomes, read_items
from lghrec_compute.dseg.text.prompt import ItemText
from lghrec_compute.dseg.text.providers import PROVIDERS
from lghrec_compute.dseg.text.quality import OutcomeCounts, text_figures
from lghrec_compute.events import Metric, Progress
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.results import ItemPreview, PreprocessResult, SemanticEstimate
from lghrec_compute.spec.semantic import SemanticSpec

_REPORT_INTERVAL_S = 1.0


@dataclass(frozen=True)
class Described:
    """The texts of all items.

    `provenance` describes their source. `generation` contains the settings of the language model, and is
    empty without a language model.
    """

    texts: ItemTexts
    provenance: Provenance
    generation: Json


def describe(dataset: Dataset, semantic: SemanticSpec, context: RunContext) -> Described:
    """Returns a text for each item, from the data set or from a language model.

    Generated texts are cached, so each text is paid for once. Raises the errors of `read_items` and
    `open_engine`, `CallError` if an endpoint rejects a request, and `RunCancelled`.
    """
    if semantic.text_source not in LANGUAGE_MODELS:
        provider = PROVIDERS[semantic.text_source]
        tick = ticker(context, "describe")
        texts = describe_items(dataset.item_texts, provider, fields=semantic.fields, tick=tick)
        return Described(texts, Provenance(semantic.text_source, semantic.encoder), {})
    items = read_items(dataset.item_texts, semantic.fields)
    engine = open_engine(semantic.text_source, semantic.generation, context.data_dir)
    with open_session(engine, context.data_dir) as session:
        texts, _calls_s = _generate(session, items, context)
        pairs = zip(dataset.item_ids, texts.reasonings, strict=True)
        keys = ((name, source.outcome.key) for name, source in pairs if source.outcome)
        session.cache.map_items(str(dataset.meta.get("split_sha256", "")), keys)
    return Described(texts, _provenance(engine, semantic), _generation_meta(engine))


def estimate_texts(dataset: Dataset, semantic: SemanticSpec, context: RunContext) -> SemanticEstimate:
    """Returns the result of the stage `estimate`. It generates no text."""
    items = read_items(dataset.item_texts, semantic.fields)
    if semantic.text_source not in LANGUAGE_MODELS:
        return free_estimate(len(distinct(items)))
    engine = open_engine(semantic.text_source, semantic.generation, context.data_dir)
    with open_session(engine, context.data_dir) as session:
        return _estimate(session, items, measured=None)


def preview_texts(dataset: Dataset, semantic: SemanticSpec, context: RunContext) -> PreprocessResult:
    """Returns the result of the stage `preview`: texts of a sample of items, and an estimate from them."""
    items = read_items(dataset.item_texts, semantic.fields)
    degrees = np.bincount(dataset.train.item_E, minlength=dataset.num_items)
    lengths = [len(item.text) for item in items]
    chosen = preview_items(
        lengths, degrees.tolist(), num=semantic.generation.preview_items, seed=semantic.generation.seed
    )
    sample = [items[number] for number in chosen]
    names = [dataset.item_ids[number] for number in chosen]
    if semantic.text_source not in LANGUAGE_MODELS:
        columns = {name: [values[number] for number in chosen] for name, values in dataset.item_texts.items()}
        texts = describe_items(columns, PROVIDERS[semantic.text_source], fields=semantic.fields)
        expected = free_estimate(len(distinct(items)))
    else:
        engine = open_engine(semantic.text_source, semantic.generation, context.data_dir)
        with open_session(engine, context.data_dir) as session:
            texts, calls_s = _generate(session, sample, context)
            measured = _measured(session, texts, calls_s)
            expected = _estimate(session, items, measured=measured)
    figures = result_quality(text_figures(texts), {}, 0)
    return PreprocessResult(estimate=expected, preview=_previews(names, texts), quality=figures)


def _generate(session: Session, items: Sequence[ItemText], context: RunContext) -> tuple[ItemTexts, float]:
    start, last = time.monotonic(), 0.0

    def report(counts: OutcomeCounts, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _REPORT_INTERVAL_S and counts.num < total:
            return
        last, paid = now, counts.num - counts.cached
        rate = paid / (now - start) if paid else 0.0
        eta_ms = round((total - counts.num) / rate * 1000) if rate else None
        context.emit(Progress("describe", counts.num, total, eta_ms))
        for name, value in (
            ("items_per_second", rate),
            ("valid", counts.valid),
            ("grounded", counts.grounded),
        ):
            context.emit(Metric(f"semantic/{name}", value, step=counts.num))

    wanted = distinct(items)
    context.emit(Progress("describe", 0, len(wanted)))
    outcomes, calls_s = session.generate(wanted, is_stopped=context.stop.is_set, on_progress=report)
    return join_outcomes(items, outcomes), calls_s


def _estimate(
    session: Session, items: Sequence[ItemText], *, measured: SampleCosts | None
) -> SemanticEstimate:
    prepared = prepare(distinct(items), session.engine)
    return estimate(prepared, session.engine, session.cache, measured=measured)


def _measured(session: Session, texts: ItemTexts, calls_s: float) -> SampleCosts | None:
    outcomes = [source.outcome for source in texts.reasonings if source.outcome]
    num_paid = len({outcome.key for outcome in outcomes if not outcome.cached})
    tokens = session.cache.output_tokens(list({outcome.key for outcome in outcomes})).values()
    mean = sum(tokens) / max(len(tokens), 1)
    seconds = calls_s / num_paid / session.engine.spec.max_in_flight if num_paid else 0.0
    return SampleCosts(mean, seconds, len(tokens)) if tokens else None


def _previews(names: Sequence[str], texts: ItemTexts) -> tuple[ItemPreview, ...]:
    return tuple(
        ItemPreview(
            item=name,
            text=source.description,
            reasoning=source.reasoning.text if source.reasoning else "",
            keywords=tuple(source.reasoning.keyword_list) if source.reasoning else (),
            status=source.status,
            grounded=_is_grounded(source.reasoning.text if source.reasoning else "", source.description),
        )
        for name, source in zip(names, texts.reasonings, strict=True)
    )


def _is_grounded(reasoning: str, description: str) -> bool:
    """Returns whether the text has at least one quote, and the item's text contains every quote exactly."""
    return grounded_share(quote_spans(reasoning, description)) == 1.0


def _provenance(engine: Engine, semantic: SemanticSpec) -> Provenance:
    info = engine.language_model.info
    return Provenance(semantic.text_source, semantic.encoder, info.model, info.revision, engine.template.id)


def _generation_meta(engine: Engine) -> Json:
    """Returns the model and the decoding settings of the texts, without addresses and limits."""
    info, decoding = engine.language_model.info, engine.decoding
    return {
        "generation": {
            "endpoint": info.endpoint,
            "model": info.model,
            "model_revision": info.revision,
            "prompt": engine.template.id,
            "temperature": decoding.temperature,
            "top_p": decoding.top_p,
            "repetition_penalty": decoding.repetition_penalty,
            "max_output_tokens": decoding.max_tokens,
            "seed": decoding.seed,
        }
    }
