"""One description run with a language model: prepared, generated or estimated, and counted live."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lghrec_compute.dseg.cache import Cache
from lghrec_compute.dseg.engine import CACHE_FILE, Engine, Prepared, prepare
from lghrec_compute.dseg.generate import Generation
from lghrec_compute.dseg.prompt import ItemText
from lghrec_compute.dseg.requests import GenRequest, Outcome
from lghrec_compute.dseg.text_quality import Tally

Watch = Callable[[Tally, int], None]
"""Told of the counts so far and the number of texts in all; must not raise."""


@dataclass(frozen=True)
class Session:
    """An engine, the cache, and the requests of a run by description."""

    engine: Engine
    cache: Cache
    prepared: dict[ItemText, Prepared]

    def generate(
        self, items: Sequence[ItemText], *, is_stopped: Callable[[], bool], watch: Watch
    ) -> tuple[dict[str, Outcome], float]:
        """The outcome of each description by key, and the seconds that took.

        Raises `RunCancelled` when stopped, `CallError` when the endpoint refuses all calls.
        """
        chosen = {self.prepared[item].key: item for item in items}
        requests = {key: self.prepared[item].request for key, item in chosen.items()}
        outcomes: dict[str, Outcome] = {}
        tally = Tally()

        def ended(outcome: Outcome) -> None:
            outcomes[outcome.key] = outcome
            tally.add(outcome, chosen[outcome.key].text)
            watch(tally, len(chosen))

        start = time.monotonic()
        generation = Generation(self.engine.generator, self.cache, self.engine.limits, is_stopped=is_stopped)
        asyncio.run(self._run(generation, list(chosen), requests.__getitem__, ended))
        return outcomes, time.monotonic() - start

    async def _run(
        self,
        generation: Generation,
        keys: Iterable[str],
        make: Callable[[str], GenRequest],
        ended: Callable[[Outcome], None],
    ) -> None:
        async with aclosing(self.engine.generator):
            await generation.run(keys, make, ended)


@contextmanager
def open_session(engine: Engine, items: Sequence[ItemText], data_dir: Path) -> Iterator[Session]:
    """Prepares the distinct descriptions `items`; ends the engine and closes the cache at the end."""
    info = engine.generator.info
    cache = Cache(
        data_dir / CACHE_FILE, {"family": info.family, "endpoint": info.endpoint, "model": info.model}
    )
    try:
        yield Session(engine, cache, dict(zip(items, prepare(items, engine), strict=True)))
    finally:
        cache.close()
        asyncio.run(engine.generator.aclose())
