"""Counts tokens, by the model's own tokenizer or by an approximation; and frames messages as ChatML.

ChatML separates messages by control tokens. SmolLM2, Qwen and other models use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lghrec_compute.dseg.text.prompt import Prompt
from lghrec_compute.errors import ConfigError
from lghrec_compute.json_types import json_sha256

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_START, _END = "<|im_start|>", "<|im_end|>"
_CHARS_PER_TOKEN = 4
_FRAME_TOKENS = 4  # role and control tokens of a message


class ApproximateCounter:
    """Approximates a token by four ASCII characters or one other character. Most languages have slightly
    fewer tokens."""

    exact = False
    control_tokens: tuple[str, ...] = ()

    def heads(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Return the start of each text up to about `max_tokens` tokens."""
        return [self._head(text, max_tokens) for text in texts]

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Return the approximate number of tokens of each request."""
        return [
            sum(_FRAME_TOKENS + self._tokens(message["content"]) for message in prompt.messages())
            for prompt in prompts
        ]

    def _tokens(self, text: str) -> int:
        if text.isascii():
            return -(-len(text) // _CHARS_PER_TOKEN)
        wide = sum(character > "\x7f" for character in text)
        return wide + -(-(len(text) - wide) // _CHARS_PER_TOKEN)

    def _head(self, text: str, max_tokens: int) -> str:
        if self._tokens(text) <= max_tokens:
            return text
        quarters = 0
        for index, character in enumerate(text):
            quarters += _CHARS_PER_TOKEN if character > "\x7f" else 1
            if quarters > max_tokens * _CHARS_PER_TOKEN:
                return text[:index]
        return text


class TokenizerFile:
    """A tokenizer.json of the tokenizers library. `exact` is True if the model frames messages as ChatML."""

    def __init__(self, tokenizer: Tokenizer, *, is_chatml: bool) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.exact = is_chatml
        added = self._tokenizer.get_added_tokens_decoder().values()
        self.control_tokens: tuple[str, ...] = tuple(sorted(token.content for token in added))

    @staticmethod
    def load(path: Path, *, is_chatml: bool) -> TokenizerFile:
        """Read the file. Raises `ConfigError` if it is not a tokenizer."""
        from tokenizers import Tokenizer

        try:
            return TokenizerFile(Tokenizer.from_file(str(path)), is_chatml=is_chatml)
        except Exception:  # the library raises bare exceptions
            hint = "point tokenizer of the endpoint to the tokenizer.json of its model"
            raise ConfigError("the endpoint's tokenizer cannot be read", hint=hint) from None

    def heads(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Return the first `max_tokens` tokens of each text."""
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [
            text if len(encoding.ids) <= max_tokens else text[: encoding.offsets[max_tokens - 1][1]]
            for text, encoding in zip(texts, encodings, strict=True)
        ]

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Return the number of tokens of each request, framed as ChatML."""
        framed = [render_chatml(prompt) for prompt in prompts]
        return [
            len(encoding.ids) for encoding in self._tokenizer.encode_batch(framed, add_special_tokens=False)
        ]


def chatml_pieces(prompt: Prompt) -> Iterator[tuple[bool, str]]:
    """Yield (is a control token, text) in order, up to the start of the answer."""
    for message in prompt.messages():
        yield True, _START
        yield False, f"{message['role']}\n{message['content']}"
        yield True, _END
        yield False, "\n"
    yield True, _START
    yield False, "assistant\n"


def render_chatml(prompt: Prompt) -> str:
    """Return the request as one text."""
    return "".join(text for _is_control, text in chatml_pieces(prompt))


CHATML_SHA256 = json_sha256(["chatml", render_chatml(Prompt("s", "u", (("q", "a"),)))])
"""Identifies this message frame in the keys of texts."""
