"""What goes to a language model and what comes back, in plain records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from lghrec_compute.dseg.text.outcome import NO_USAGE, Usage
from lghrec_compute.dseg.text.prompt import Prompt
from lghrec_compute.errors import LghrecError
from lghrec_compute.json_types import Json


@dataclass(frozen=True)
class Decoding:
    """How tokens are drawn. `max_tokens` is above the schema's bounds, so that it cuts no valid object."""

    temperature: float = 0.2
    top_p: float = 0.9
    repetition_penalty: float = 1.05
    seed: int = 0
    max_tokens: int = 1536


@dataclass(frozen=True)
class TextRequest:
    """One text to be made, named by the SHA-256 of all that decides it (`keys.text_key`)."""

    key: str
    prompt: Prompt
    decoding: Decoding
    input_tokens: int = 0
    """As counted or guessed beforehand; for the limits."""

    def again(self, decoding: Decoding) -> TextRequest:
        """The same text asked for with other luck."""
        return replace(self, decoding=decoding)


@dataclass(frozen=True)
class Answer:
    """What an engine answered. `finish_reason`: stop, length, content_filter or the engine's own word."""

    text: str
    finish_reason: str
    usage: Usage = NO_USAGE


@dataclass(frozen=True)
class ProviderInfo:
    """What is known of an engine before it is asked; all of it is part of the keys of its texts."""

    family: str
    endpoint: str = ""
    model: str = ""
    revision: str = ""
    adapter_sha256: str = ""
    quantisation: str = ""
    chat_template_sha256: str = ""
    options: Json = field(default_factory=dict)


class CallError(LghrecError):
    """A call that gave no answer. Its message holds neither headers nor bodies nor keys.

    `fatal`: every further call would fail in the same way, so the job stops. `retry_after_s`: how long the
    endpoint asked to be left alone.
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
    """An engine behind one interface; safe to call many times at once."""

    @property
    def info(self) -> ProviderInfo: ...
    async def complete(self, request: TextRequest, timeout_s: float) -> Answer:
        """One call. Raises `CallError`; being cancelled ends the call at once."""
        ...

    async def aclose(self) -> None:
        """Ends connections and processes."""
        ...


class TokenCounter(Protocol):
    """Counts the tokens of a model. `exact`: by its own tokenizer and its own way to frame messages."""

    @property
    def exact(self) -> bool: ...
    @property
    def control_tokens(self) -> tuple[str, ...]:
        """All added tokens, special or not; empty where they are not known."""
        ...

    def heads(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Each text, cut behind `max_tokens` of its tokens."""
        ...

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Tokens of whole requests, frame included."""
        ...
