"""An engine for tests that fails as a script says and otherwise passes calls to another engine."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Literal

from lghrec_compute.dseg.llm.requests import Answer, CallError, LanguageModel, ProviderInfo, TextRequest
from lghrec_compute.dseg.text.outcome import Usage

Fault = Literal["rate_limited", "server_error", "garbage", "truncated", "refused", "hang", "denied"]


class Faulty:
    """`script(request, n)` names the fault of the n-th call for a key, counted from 0; None means no
    fault."""

    def __init__(
        self,
        inner: LanguageModel,
        script: Callable[[TextRequest, int], Fault | None],
        *,
        latency_s: float = 0.0,
        retry_after_s: float = 0.01,
    ) -> None:
        self._inner, self._script = inner, script
        self._latency_s, self._retry_after_s = latency_s, retry_after_s
        self.calls: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    @property
    def info(self) -> ProviderInfo:
        """Return the info of the engine behind this one."""
        return self._inner.info

    async def complete(self, request: TextRequest, timeout_s: float) -> Answer:
        """Fail as the script says, or answer."""
        fault = self._script(request, self.calls[request.key])
        self.calls[request.key] += 1
        self.faults[str(fault)] += 1
        await asyncio.sleep(self._latency_s)
        if fault is None:
            return await self._inner.complete(request, timeout_s)
        return await self._fail(fault)

    async def _fail(self, fault: Fault) -> Answer:
        if fault == "hang":
            await asyncio.Event().wait()
        if fault == "rate_limited":
            raise CallError("too many requests", kind=fault, retry_after_s=self._retry_after_s)
        if fault == "server_error":
            raise CallError("server error 503", kind=fault)
        if fault == "denied":
            raise CallError("unauthorised", kind=fault, fatal=True, hint="give another key")
        reasons = {"garbage": "stop", "truncated": "length", "refused": "content_filter"}
        return Answer('{"CoT": "an answer that is no', reasons[fault], Usage(100, 20))

    async def aclose(self) -> None:
        """Close the engine behind this one."""
        await self._inner.aclose()
