"""Item texts, valid answers, and engines that return them, for tests of generated texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import overload

from replay import Replay

from lghrec_compute.dseg.llm.engine import Engine
from lghrec_compute.dseg.llm.requests import Answer, Decoding, LanguageModel, ProviderInfo, TextRequest
from lghrec_compute.dseg.llm.tokens import ApproximateCounter
from lghrec_compute.dseg.text.outcome import Usage
from lghrec_compute.dseg.text.prompt import TEMPLATES, ItemText, item_text
from lghrec_compute.spec.semantic import GenerationSpec

INFO = ProviderInfo("replay", model="recorded")
DECODING = Decoding.of(GenerationSpec())


def item(number: int) -> ItemText:
    return item_text(
        {"title": f"Item number {number}", "plot": f"A story about thing {number} and its maker"}
    )


class Items(Sequence[ItemText]):
    """Descriptions that take no memory."""

    def __init__(self, num: int) -> None:
        self._num = num

    def __len__(self) -> int:
        return self._num

    @overload
    def __getitem__(self, index: int) -> ItemText: ...
    @overload
    def __getitem__(self, index: slice) -> list[ItemText]: ...
    def __getitem__(self, index: int | slice) -> ItemText | list[ItemText]:
        if isinstance(index, slice):
            return [item(number) for number in range(*index.indices(self._num))]
        if not 0 <= index < self._num:
            raise IndexError(index)
        return item(index)


def good_answer(request: TextRequest) -> Answer:
    """Return a valid answer that quotes the first line of the item."""
    line = request.prompt.user.split("<item>\n")[1].split("\n")[0]
    cot = f'1. The title says "{line}". ' + "It is what its own words say that it is, and no more. " * 2
    return Answer(json.dumps({"CoT": cot, "keywords": "story, thing, maker"}), "stop", Usage(100, 50))


def engine(language_model: LanguageModel | None = None, spec: GenerationSpec | None = None) -> Engine:
    made = language_model or Replay(good_answer)
    return Engine(made, ApproximateCounter(), spec or GenerationSpec(max_in_flight=4))


def request_for(prompt_text: str) -> Callable[[str], TextRequest]:
    """Return a function that builds the request of any key with one text."""
    prompt = TEMPLATES["fig4@1"].render(prompt_text)
    return lambda key: TextRequest(key, prompt, DECODING, 50)


def numbered_requests() -> Callable[[str], TextRequest]:
    """Return a function that builds requests whose item text is the key."""
    return lambda key: TextRequest(key, TEMPLATES["fig4@1"].render(f"title: {key}"), DECODING, 50)


def keys(num: int) -> Sequence[str]:
    return [f"{number:064x}" for number in range(num)]
