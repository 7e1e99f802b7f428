"""Generates the texts of one run: builds requests when they are needed, and reports outcomes as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lghrec_compute.dseg.llm.cache import Cache
from lghrec_compute.dseg.llm.engine import Engine, prepare
from lghrec_compute.dseg.llm.generation_loop import GenerationLoop
from lghrec_compute.dseg.llm.requests import TextRequest
from lghrec_compute.dseg.text.item_texts import GeneratedText
from lghrec_compute.dseg.text.outcome import Outcome
from lghrec_compute.dseg.text.prompt import ItemText
from lghrec_compute.dseg.text.quality import OutcomeCounts
from lghrec_compute.layout import DataDir

OnProgress = Callable[[OutcomeCounts, int], None]
"""Receives the counts so far and the total number of texts. It must not raise."""


@dataclass(frozen=True)
class Session:
    """An engine, and the cache of its texts."""

    engine: Engine
    cache: Cache

    def generate(
        self, items: Sequence[ItemText], *, is_stopped: Callable[[], bool], on_progress: OnProgress
    ) -> tuple[dict[ItemText, GeneratedText], float]:
        """Return the generated text of each description, and the sum of the seconds of all calls.

        The descriptions must differ. A request is built shortly before its call, so memory contains only the
        open requests and the results. Raises `RunCancelled` when stopped, `CallError` when the endpoint
        rejects all calls.
        """
        queue = _Queue(items, self.engine)
        generated: dict[ItemText, GeneratedText] = {}
        counts = OutcomeCounts()

        def ended(outcome: Outcome) -> None:
            for item, is_cut in queue.pop(outcome.key):
                generated[item] = GeneratedText(outcome, is_cut)
                counts.add(outcome, item.text)
            on_progress(counts, len(items))

        loop = GenerationLoop(self.engine.language_model, self.cache, self.engine.spec, is_stopped=is_stopped)
        asyncio.run(self._run(loop, queue, ended))
        return generated, loop.calls_s

    async def _run(self, loop: GenerationLoop, queue: _Queue, ended: Callable[[Outcome], None]) -> None:
        async with aclosing(self.engine.language_model):
            await loop.run(queue.keys(), queue.request, ended)


class _Queue:
    """The keys of the descriptions in order, and the requests that have not ended."""

    def __init__(self, items: Sequence[ItemText], engine: Engine) -> None:
        self._items, self._engine = items, engine
        self._open: dict[str, tuple[TextRequest, list[tuple[ItemText, bool]]]] = {}

    def keys(self) -> Iterator[str]:
        """Yield keys that differ from the keys of all open requests."""
        for item, ready in zip(self._items, prepare(self._items, self._engine), strict=True):
            _request, waiting = self._open.setdefault(ready.key, (ready.request, []))
            waiting.append((item, ready.is_cut))
            if len(waiting) == 1:
                yield ready.key

    def request(self, key: str) -> TextRequest:
        """Return the request of an open key."""
        return self._open[key][0]

    def pop(self, key: str) -> list[tuple[ItemText, bool]]:
        """Close a key. Return the descriptions that share it, and for each whether it was cut."""
        return self._open.pop(key)[1]


@contextmanager
def open_session(engine: Engine, data_dir: Path) -> Iterator[Session]:
    """Open the cache of the data directory. On exit, close the cache and the language model."""
    info = engine.language_model.info
    cache = Cache(
        DataDir(data_dir).texts, {"family": info.family, "endpoint": info.endpoint, "model": info.model}
    )
    try:
        yield Session(engine, cache)
    finally:
        cache.close()
        asyncio.run(engine.language_model.aclose())
