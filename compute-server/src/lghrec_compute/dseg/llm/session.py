"""One description run with a language model: requests made as they are needed, outcomes counted live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lghrec_compute.dseg.llm.cache import Cache
from lghrec_compute.dseg.llm.engine import Engine, prepare
from lghrec_compute.dseg.llm.generate import Generation
from lghrec_compute.dseg.llm.requests import GenRequest, Outcome
from lghrec_compute.dseg.text.prompt import ItemText
from lghrec_compute.dseg.text.runner import Made
from lghrec_compute.dseg.text.text_quality import Tally
from lghrec_compute.layout import DataDir

Watch = Callable[[Tally, int], None]
"""Told of the counts so far and the number of texts in all; must not raise."""


@dataclass(frozen=True)
class Session:
    """An engine, and the cache of its texts."""

    engine: Engine
    cache: Cache

    def generate(
        self, items: Sequence[ItemText], *, is_stopped: Callable[[], bool], watch: Watch
    ) -> tuple[dict[ItemText, Made], float]:
        """What was made of each description, all different, and the seconds of all calls added up.

        Requests are made when their turn comes: beside what has been made, memory holds only the open ones.
        Raises `RunCancelled` when stopped, `CallError` when the endpoint refuses all calls.
        """
        queue = _Queue(items, self.engine)
        made: dict[ItemText, Made] = {}
        tally = Tally()

        def ended(outcome: Outcome) -> None:
            for item, is_cut in queue.pop(outcome.key):
                made[item] = Made(outcome, is_cut)
                tally.add(outcome, item.text)
            watch(tally, len(items))

        generation = Generation(self.engine.generator, self.cache, self.engine.limits, is_stopped=is_stopped)
        asyncio.run(self._run(generation, queue, ended))
        return made, generation.calls_s

    async def _run(self, generation: Generation, queue: _Queue, ended: Callable[[Outcome], None]) -> None:
        async with aclosing(self.engine.generator):
            await generation.run(queue.keys(), queue.request, ended)


class _Queue:
    """Keys of descriptions, one after the other, and the requests of those that have not ended."""

    def __init__(self, items: Sequence[ItemText], engine: Engine) -> None:
        self._items, self._engine = items, engine
        self._open: dict[str, tuple[GenRequest, list[tuple[ItemText, bool]]]] = {}

    def keys(self) -> Iterator[str]:
        """Different from all that are open."""
        for item, ready in zip(self._items, prepare(self._items, self._engine), strict=True):
            _request, waiting = self._open.setdefault(ready.key, (ready.request, []))
            waiting.append((item, ready.is_cut))
            if len(waiting) == 1:
                yield ready.key

    def request(self, key: str) -> GenRequest:
        """Of an open key."""
        return self._open[key][0]

    def pop(self, key: str) -> list[tuple[ItemText, bool]]:
        """The descriptions that waited for the key, and whether each was cut; the key has ended."""
        return self._open.pop(key)[1]


@contextmanager
def open_session(engine: Engine, data_dir: Path) -> Iterator[Session]:
    """Ends the engine and closes the cache at the end."""
    info = engine.generator.info
    cache = Cache(
        DataDir(data_dir).texts, {"family": info.family, "endpoint": info.endpoint, "model": info.model}
    )
    try:
        yield Session(engine, cache)
    finally:
        cache.close()
        asyncio.run(engine.generator.aclose())
