"""Item texts, valid answers, and engines that return them, for tests of generated texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import overload

from replay import Replay

from lghrec_compute.dseg.llm.engine import Engine
from lghrec_compute.dseg.llm.limits import Limits
from lghrec_compute.dseg.llm.requests import Answer, Decoding, Generator, GenRequest, ProviderInfo, Usage
from lghrec_compute.dseg.llm.tokens import Guess
from lghrec_compute.dseg.text.prompt import TEMPLATES, ItemText, item_text

INFO = ProviderInfo("replay", model="recorded")


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
    def __getitem__(self, place: int) -> ItemText: ...
    @overload
    def __getitem__(self, place: slice) -> list[ItemText]: ...
    def __getitem__(self, place: int | slice) -> ItemText | list[ItemText]:
        if isinstance(place, slice):
            return [item(number) for number in range(*place.indices(self._num))]
        if not 0 <= place < self._num:
            raise IndexError(place)
        return item(place)


def good_answer(request: GenRequest) -> Answer:
    """Return a valid answer that quotes the first line of the item."""
    line = request.prompt.user.split("<item>\n")[1].split("\n")[0]
    cot = f'1. The title says "{line}". ' + "It is what its own words say that it is, and no more. " * 2
    return Answer(json.dumps({"CoT": cot, "keywords": "story, thing, maker"}), "stop", Usage(100, 50))


def engine(
    generator: Generator | None = None, limits: Limits | None = None, *, prompt: str = "fig4@1"
) -> Engine:
    made = generator or Replay(good_answer)
    return Engine(made, Guess(), TEMPLATES[prompt], Decoding(), limits or Limits(in_flight=4))


def request_for(prompt_text: str) -> Callable[[str], GenRequest]:
    """Return a function that builds the request of any key with one text."""
    prompt = TEMPLATES["fig4@1"].render(prompt_text)
    return lambda key: GenRequest(key, prompt, Decoding(), 50)


def numbered_requests() -> Callable[[str], GenRequest]:
    """Return a function that builds requests whose item text is the key."""
    return lambda key: GenRequest(key, TEMPLATES["fig4@1"].render(f"title: {key}"), Decoding(), 50)


def keys(num: int) -> Sequence[str]:
    return [f"{number:064x}" for number in range(num)]
