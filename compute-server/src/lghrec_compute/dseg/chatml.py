"""How ChatML frames messages: control tokens by name, text between them. Used by SmolLM2, Qwen and others."""

from __future__ import annotations

from collections.abc import Iterator

from lghrec_compute.dseg.prompt import Prompt
from lghrec_compute.json_types import json_sha256

START, END = "<|im_start|>", "<|im_end|>"


def pieces(prompt: Prompt) -> Iterator[tuple[bool, str]]:
    """(is a control token, text), in order, up to where the answer begins."""
    for message in prompt.messages():
        yield True, START
        yield False, f"{message['role']}\n{message['content']}"
        yield True, END
        yield False, "\n"
    yield True, START
    yield False, "assistant\n"


def render(prompt: Prompt) -> str:
    """The request as one text."""
    return "".join(text for _is_control, text in pieces(prompt))


SHA256 = json_sha256(["chatml", render(Prompt("s", "u", (("q", "a"),)))])
"""Names this way of framing."""
