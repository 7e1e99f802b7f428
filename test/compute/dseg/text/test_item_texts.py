from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from lghrec_compute.dseg.encode.encoder import Encoded, encode_items
from lghrec_compute.dseg.text.item_texts import describe_items
from lghrec_compute.dseg.text.prompt import ItemText
from lghrec_compute.dseg.text.providers import PROVIDERS
from lghrec_compute.dseg.text.schema import Reasoning
from lghrec_compute.errors import ConfigError, DataError, RunCancelled


class CountingProvider:
    """Raw text; records the received items."""

    def __init__(self) -> None:
        self.received: list[ItemText] = []

    def generate(self, item: ItemText) -> Reasoning:
        self.received.append(item)
        return Reasoning(item.text, "")


class LengthEncoder:
    """A text of n characters becomes (n, 1); above 9 characters it counts as cut."""

    dim = 2
    sha256 = "0" * 64

    def __init__(self) -> None:
        self.received: list[str] = []

    def encode(self, texts: Sequence[str], *, max_tokens: int, tick: Callable[[int, int], None]) -> Encoded:
        self.received += texts
        tick(len(texts), len(texts))
        lengths = np.array([len(text) for text in texts])
        vectors_NC = np.stack([lengths, np.ones_like(lengths)], axis=1).astype(np.float32)
        return Encoded(vectors_NC, lengths > max_tokens)


def test_equal_descriptions_are_worked_on_once() -> None:
    provider = CountingProvider()
    texts = describe_items({"title": ["a", "b", "a", "", "a "]}, provider)
    assert [item.text for item in provider.received] == ["title: a", "title: b"]
    assert texts.num_generated == 2
    assert [row.text for row in texts.rows] == ["title: a", "title: b", "title: a", "", "title: a"]


def test_items_without_text_are_flagged_and_masked() -> None:
    texts = describe_items({"title": ["word " * 25, "", "thin"]}, PROVIDERS["raw_text"])
    assert [row.flags for row in texts.rows] == [(), ("no_text",), ("thin",)]
    assert texts.mask().tolist() == [True, False, True]


def test_chosen_fields_come_in_the_chosen_order() -> None:
    fields = {"title": ["t"], "plot": ["p"], "year": ["y"]}
    assert describe_items(fields, PROVIDERS["raw_text"], fields=("year", "title")).rows[0].text == "y\nt"
    assert describe_items(fields, PROVIDERS["raw_text"]).rows[0].text == "t\np\ny"


def test_an_unknown_field_is_one_violation() -> None:
    with pytest.raises(
        ConfigError, match="got 'plto', expected text fields of the data set: title, plot"
    ) as error:
        describe_items({"title": ["t"], "plot": ["p"]}, PROVIDERS["raw_text"], fields=("plto",))
    assert [violation.path for violation in error.value.violations] == ["semantic.fields"]


@pytest.mark.parametrize("item_texts", [{}, {"title": ["", " "]}])
def test_a_data_set_without_text_is_refused_with_the_cure(item_texts: dict[str, list[str]]) -> None:
    with pytest.raises(DataError, match="the data set has no texts") as error:
        describe_items(item_texts, PROVIDERS["extractive"])
    assert "leave semantic out" in error.value.hint


def test_a_tick_that_raises_stops_describing() -> None:
    def stop(_done: int, _total: int) -> None:
        raise RunCancelled("the run was stopped")

    with pytest.raises(RunCancelled):
        describe_items({"title": ["a"]}, PROVIDERS["raw_text"], tick=stop)


def test_equal_texts_are_encoded_once_and_each_item_gets_its_own_vector() -> None:
    encoder = LengthEncoder()
    texts = describe_items({"title": ["long enough", "b", "", "long enough", "ccc"]}, PROVIDERS["raw_text"])
    vectors_IC, rows = encode_items(texts, encoder, max_tokens=9)
    assert sorted(encoder.received) == ["b", "ccc", "long enough"]
    assert vectors_IC.tolist() == [[11, 1], [1, 1], [0, 0], [11, 1], [3, 1]]
    assert [("truncated" in row.flags) for row in rows] == [True, False, False, True, False]
