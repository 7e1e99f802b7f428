"""Estimates calls, tokens, time and cost of a run before it starts, and selects the items of a preview.

Shapes: I items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from lghrec_compute.dseg.llm.cache import Cache
from lghrec_compute.dseg.llm.engine import Engine, PreparedRequest
from lghrec_compute.results import SemanticEstimate
from lghrec_compute.spec.semantic import GenerationSpec
from lghrec_compute.types import Ints

LENGTH_GROUPS, DEGREE_GROUPS = 10, 5

_PER_MILLION = 1e6
_BATCH = 500


@dataclass(frozen=True)
class SampleCosts:
    """Mean costs of the texts of a preview; zeros without a preview.

    `output_tokens` per text includes its failed calls. `seconds` per text is the time of its calls divided by
    the number of concurrent calls. `num_texts` is the number of texts in the preview.
    """

    output_tokens: float = 0.0
    seconds: float = 0.0
    num_texts: int = 0


def estimate(
    prepared: Iterable[PreparedRequest],
    engine: Engine,
    cache: Cache,
    *,
    measured: SampleCosts | None = None,
) -> SemanticEstimate:
    """Return the estimate for texts that all differ.

    Input tokens count the texts that are not in the cache, with one call for each. Output tokens and seconds
    are from `measured`, or else from the cached texts of this run; without both they are 0.
    """
    count = _Count()
    for batch in _batches(prepared):
        count.add(batch, cache.output_tokens([ready.key for ready in batch]))
    calls, input_tokens = count.num_calls, count.input_tokens
    mean_cached = count.cached_tokens / max(count.num_cached, 1)
    shown = measured or SampleCosts(mean_cached, num_texts=count.num_cached)
    output_tokens = round(shown.output_tokens * calls)
    turns = max(calls, engine.spec.max_in_flight) if calls else 0  # fewer concurrent calls take no less time
    seconds = max(shown.seconds * turns, _least_seconds(engine, calls, input_tokens, output_tokens))
    return SemanticEstimate(
        num_items=calls + count.num_cached,
        num_calls=calls,
        num_cached=count.num_cached,
        input_tokens=input_tokens,
        input_tokens_exact=engine.counter.exact,
        output_tokens=output_tokens,
        seconds=round(seconds, 3),
        cost=_cost(engine.spec, input_tokens, output_tokens),
        notes=_notes(engine, shown, calls),
    )


def free_estimate(num_items: int) -> SemanticEstimate:
    """Return the estimate for a text source that calls no language model."""
    notes = (
        "no language model is called, so nothing is billed",
        "encoding the texts into vectors is not counted",
    )
    return SemanticEstimate(
        num_items, 0, 0, 0, input_tokens_exact=True, output_tokens=0, seconds=0.0, notes=notes
    )


def preview_items(lengths: Sequence[int], degrees: Sequence[int], *, num: int, seed: int) -> list[int]:
    """Return the numbers of `num` items with text, ascending, or of all items with text if there are fewer.

    Strata are deciles of the text length times fifths of the degree. The strata take turns, one item each, so
    a sample contains as many strata as possible. A length of 0 means that the item has no text.
    """
    length_I, degree_I = np.asarray(lengths, np.int64), np.asarray(degrees, np.int64)
    with_text = np.flatnonzero(length_I > 0)
    rng = np.random.default_rng(seed)
    with_text = rng.permutation(with_text)
    stratum = _group(length_I[with_text], LENGTH_GROUPS) * DEGREE_GROUPS
    stratum += _group(degree_I[with_text], DEGREE_GROUPS)
    turn = _turns(stratum)
    order = np.lexsort((rng.permutation(LENGTH_GROUPS * DEGREE_GROUPS)[stratum], turn))
    return sorted(int(item) for item in with_text[order[:num]])


@dataclass
class _Count:
    num_calls: int = 0
    num_cached: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0

    def add(self, batch: list[PreparedRequest], cached: dict[str, int]) -> None:
        """Count a batch. `cached` contains the number of output tokens by key of the cached texts."""
        for ready in batch:
            if ready.key in cached:
                self.num_cached += 1
                self.cached_tokens += cached[ready.key]
            else:
                self.num_calls += 1
                self.input_tokens += ready.request.input_tokens


def _batches(prepared: Iterable[PreparedRequest]) -> Iterator[list[PreparedRequest]]:
    rest = iter(prepared)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _least_seconds(engine: Engine, calls: int, input_tokens: int, output_tokens: int) -> float:
    """Return the seconds that the limits per minute require at least."""
    spec = engine.spec
    pairs = (
        (spec.requests_per_minute, calls),
        (spec.input_tokens_per_minute, input_tokens),
        (spec.output_tokens_per_minute, output_tokens),
    )
    return max((60.0 * amount / limit for limit, amount in pairs if limit), default=0.0)


def _cost(spec: GenerationSpec, input_tokens: int, output_tokens: int) -> float | None:
    if spec.input_price is None and spec.output_price is None:
        return None
    total = (spec.input_price or 0.0) * input_tokens + (spec.output_price or 0.0) * output_tokens
    return round(total / _PER_MILLION, 6)


def _notes(engine: Engine, shown: SampleCosts, num_calls: int) -> tuple[str, ...]:
    spec, is_endpoint = engine.spec, engine.language_model.info.family == "openai"
    notes = [
        (num_calls > 0, "input tokens do not include repeated calls"),
        (not engine.counter.exact, "input tokens are approximate: the model's tokenizer is not available"),
        (
            shown.num_texts == 0,
            "output tokens and figures that depend on them are unknown: run a preview",
        ),
        (shown.num_texts > 0, f"output tokens are the mean over {shown.num_texts:,} texts"),
        (shown.seconds == 0, "seconds include only the waits for the limits per minute: run a preview"),
        (
            0 < shown.num_texts < spec.max_in_flight and shown.seconds > 0,
            f"seconds assume {spec.max_in_flight} concurrent calls, and the preview made fewer",
        ),
        (is_endpoint, "tokens of hidden reasoning are counted only as far as a preview measured them"),
        (spec.input_price is None and spec.output_price is None, "the cost is unknown: no prices are given"),
        (is_endpoint, "the price of cached input tokens is not considered"),
        (True, "encoding the texts into vectors is not counted"),
    ]
    return tuple(note for applies, note in notes if applies)


def _group(values: Ints, num: int) -> Ints:
    """Return quantile groups. Equal values are in the same group."""
    edges = np.quantile(values, np.arange(1, num) / num) if len(values) else np.zeros(num - 1)
    return np.searchsorted(edges, values, side="left").astype(np.int64)


def _turns(stratum: Ints) -> Ints:
    """Return for each entry the number of earlier entries of its stratum."""
    seen: dict[int, int] = {}
    turns = np.zeros(len(stratum), np.int64)
    for index, name in enumerate(stratum.tolist()):
        turns[index] = seen.get(name, 0)
        seen[name] = turns[index] + 1
    return turns
