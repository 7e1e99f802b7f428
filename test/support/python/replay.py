"""Computed or recorded answers, for tests of a pipeline without a model."""

from __future__ import annotations

from collections.abc import Callable

from lghrec_compute.dseg.llm.requests import Answer, ProviderInfo, TextRequest


class Replay:
    """Return `answer(request)` for each request; `num_calls` counts the calls."""

    def __init__(self, answer: Callable[[TextRequest], Answer], info: ProviderInfo | None = None) -> None:
        self._answer = answer
        self.info = info or ProviderInfo("replay", model="recorded")
        self.num_calls = 0

    async def complete(self, request: TextRequest, timeout_s: float) -> Answer:  # noqa: ARG002 - answers at once
        """Return the recorded answer."""
        self.num_calls += 1
        return self._answer(request)

    async def aclose(self) -> None:
        """Do nothing: there is no resource to close."""
