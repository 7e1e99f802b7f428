"""What a run would take, before it is paid for, and the items that a preview shows. Shapes: I items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from lghrec_compute.dseg.llm.cache import Cache
from lghrec_compute.dseg.llm.engine import Engine, Prepared
from lghrec_compute.results import SemanticEstimate
from lghrec_compute.types import Ints

LENGTH_GROUPS, DEGREE_GROUPS = 10, 5

_PER_MILLION = 1e6
_BATCH = 500


@dataclass(frozen=True)
class Prices:
    """In the user's own currency for a million tokens; None: not given."""

    input: float | None = None
    output: float | None = None


@dataclass(frozen=True)
class Measured:
    """What a sample has shown; zeros before there is one."""

    output_tokens: float = 0.0
    """Of a text on average, its failed calls included."""
    seconds: float = 0.0
    """Of a text on average: those of its calls, over the calls that are made at once."""
    num_texts: int = 0


def estimate(
    prepared: Iterable[Prepared],
    engine: Engine,
    cache: Cache,
    *,
    prices: Prices,
    measured: Measured | None = None,
) -> SemanticEstimate:
    """The estimate for texts that are all different.

    Input tokens are those of the texts that are not in the cache, one call each. Output tokens and seconds
    are from `measured`, or from texts of this run that are in the cache; 0 without either.
    """  # fmt: skip
    count = _Count()
    for batch in _batches(prepared):
        count.add(batch, cache.output_tokens([ready.key for ready in batch]))
    calls, input_tokens = count.num_calls, count.input_tokens
    mean_cached = count.cached_tokens / max(count.num_cached, 1)
    shown = measured or Measured(mean_cached, num_texts=count.num_cached)
    output_tokens = round(shown.output_tokens * calls)
    turns = max(calls, engine.limits.in_flight) if calls else 0  # one call takes a whole turn, too
    seconds = max(shown.seconds * turns, _least_seconds(engine, calls, input_tokens, output_tokens))
    return SemanticEstimate(
        num_items=calls + count.num_cached,
        num_calls=calls,
        num_cached=count.num_cached,
        input_tokens=input_tokens,
        input_tokens_exact=engine.counter.exact,
        output_tokens=output_tokens,
        seconds=round(seconds, 3),
        cost=_cost(prices, input_tokens, output_tokens),
        notes=_notes(engine, shown, prices, calls),
    )


def free_estimate(num_items: int) -> SemanticEstimate:
    """The estimate for a provider that copies texts and calls no language model."""
    notes = (
        "no language model is used: nothing is billed",
        "encoding the texts into vectors is not counted",
    )
    return SemanticEstimate(
        num_items, 0, 0, 0, input_tokens_exact=True, output_tokens=0, seconds=0.0, notes=notes
    )


def preview_items(lengths: Sequence[int], degrees: Sequence[int], *, num: int, seed: int) -> list[int]:
    """Numbers of `num` items with text, or of all if there are fewer, in ascending order.

    Strata are deciles of the text's length times fifths of the degree; each gives one item in turn, so a
    sample shows as many strata as it can. `lengths` 0 means no text.
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

    def add(self, batch: list[Prepared], cached: dict[str, int]) -> None:
        """`cached`: output tokens by key of the texts that are there."""
        for ready in batch:
            if ready.key in cached:
                self.num_cached += 1
                self.cached_tokens += cached[ready.key]
            else:
                self.num_calls += 1
                self.input_tokens += ready.request.input_tokens


def _batches(prepared: Iterable[Prepared]) -> Iterator[list[Prepared]]:
    rest = iter(prepared)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _least_seconds(engine: Engine, calls: int, input_tokens: int, output_tokens: int) -> float:
    """What the limits a minute alone take."""
    limits = engine.limits
    pairs = (
        (limits.requests_per_minute, calls),
        (limits.input_tokens_per_minute, input_tokens),
        (limits.output_tokens_per_minute, output_tokens),
    )
    return max((60.0 * amount / limit for limit, amount in pairs if limit), default=0.0)


def _cost(prices: Prices, input_tokens: int, output_tokens: int) -> float | None:
    if prices.input is None and prices.output is None:
        return None
    total = (prices.input or 0.0) * input_tokens + (prices.output or 0.0) * output_tokens
    return round(total / _PER_MILLION, 6)


def _notes(engine: Engine, shown: Measured, prices: Prices, num_calls: int) -> tuple[str, ...]:
    notes = [
        (num_calls > 0, "calls that fail and are made again are not counted in the input"),
        (not engine.counter.exact, "input tokens are a guess: the model's tokenizer is not at hand"),
        (shown.num_texts == 0, "output tokens, and what depends on them, are not known: make a preview"),
        (shown.num_texts > 0, f"output tokens are the mean over {shown.num_texts:,} texts"),
        (shown.seconds == 0, "time is what the limits a minute alone take: make a preview"),
        (
            0 < shown.num_texts < engine.limits.in_flight and shown.seconds > 0,
            f"time is for {engine.limits.in_flight} calls at once, and fewer have been tried",
        ),
        (
            engine.generator.info.family == "openai",
            "tokens of hidden reasoning are counted only as far as a preview has shown them",
        ),
        (prices.input is None and prices.output is None, "no prices are given: the cost is not known"),
        (engine.generator.info.family == "openai", "what an endpoint bills for cached input is not counted"),
        (True, "encoding the texts into vectors is not counted"),
    ]
    return tuple(note for applies, note in notes if applies)


def _group(values: Ints, num: int) -> Ints:
    """Quantile groups; equal values are in one."""
    edges = np.quantile(values, np.arange(1, num) / num) if len(values) else np.zeros(num - 1)
    return np.searchsorted(edges, values, side="left").astype(np.int64)


def _turns(stratum: Ints) -> Ints:
    """For each entry, how many of its stratum come before it."""
    seen: dict[int, int] = {}
    turns = np.zeros(len(stratum), np.int64)
    for place, name in enumerate(stratum.tolist()):
        turns[place] = seen.get(name, 0)
        seen[name] = turns[place] + 1
    return turns
