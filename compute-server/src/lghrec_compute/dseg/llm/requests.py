"""Records of a request to a language model and of its answer, and the interfaces of models and counters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from lghrec_compute.dseg.text.outcome import NO_USAGE, Usage
from lghrec_compute.dseg.text.prompt import Prompt
from lghrec_compute.errors import LghrecError
from lghrec_compute.json_types import Json
from lghrec_compute.spec.semantic import GenerationSpec


@dataclass(frozen=True)
class Decoding:
    """How one call samples its tokens. A repeated call changes some of the values of the spec."""

    temperature: float
    top_p: float
    repetition_penalty: float
    seed: int
    max_tokens: int

    @staticmethod
    def of(spec: GenerationSpec) -> Decoding:
        """Return the values of the first call for a text."""
        return Decoding(
            spec.temperature, spec.top_p, spec.repetition_penalty, spec.seed, spec.max_output_tokens
        )


@dataclass(frozen=True)
class TextRequest:
    """A request for one text. `key` is the SHA-256 of everything that influences the text (`keys.text_key`).

    `input_tokens` is counted or estimated before the call; the rate limits use it.
    """

    key: str
    prompt: Prompt
    decoding: Decoding
    input_tokens: int = 0

    def again(self, decoding: Decoding) -> TextRequest:
        """Return a request for the same text that samples differently."""
        return replace(self, decoding=decoding)


@dataclass(frozen=True)
class Answer:
    """Answer of an engine. `finish_reason` is stop, length, content_filter or another word of the engine."""

    text: str
    finish_reason: str
    usage: Usage = NO_USAGE


@dataclass(frozen=True)
class ProviderInfo:
    """Properties of an engine that are known before the first call. The keys of its texts include all of
    them."""

    family: str
    endpoint: str = ""
    model: str = ""
    revision: str = ""
    adapter_sha256: str = ""
    quantisation: str = ""
    chat_template_sha256: str = ""
    options: Json = field(default_factory=dict)


class CallError(LghrecError):
    """A call that returned no answer. The message contains no headers, no bodies and no access keys.

    `fatal` means that every further call would fail in the same way, so the run stops. `retry_after_s` is the
    number of seconds for which the endpoint accepts no call.
    """

    failure_kind = "user"

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        fatal: bool = False,
        retry_after_s: float | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.fatal = fatal
        self.retry_after_s = retry_after_s


class LanguageModel(Protocol):
    """A language model, local or behind an endpoint. It accepts concurrent calls."""

    @property
    def info(self) -> ProviderInfo: ...
    async def complete(self, request: TextRequest, timeout_s: float) -> Answer:
        """Make one call. Raises `CallError`. A cancellation ends the call immediately."""
        ...

    async def aclose(self) -> None:
        """Close connections and end processes."""
        ...


class TokenCounter(Protocol):
    """Counts the tokens of a model. `exact` means that it uses the model's own tokenizer and message
    frame."""

    @property
    def exact(self) -> bool: ...
    @property
    def control_tokens(self) -> tuple[str, ...]:
        """All tokens added to the vocabulary, special or not. Empty if they are not known."""
        ...

    def heads(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Return the first `max_tokens` tokens of each text."""
        ...

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Return the number of tokens of each request, with its message frame."""
        ...
