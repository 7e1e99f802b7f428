from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.dseg.llm.engine import LANGUAGE_MODELS
from lghrec_compute.dseg.text.prompt import TEMPLATES, ItemText, item_text
from lghrec_compute.dseg.text.providers import MAX_QUOTE_CHARS, PROVIDERS, Extractive
from lghrec_compute.dseg.text.schema import parse
from lghrec_compute.spec.semantic import GENERATIVE, PROMPTS, TEXT_SOURCES

FIELDS = st.dictionaries(st.text(min_size=1, max_size=60), st.text(max_size=900), min_size=1, max_size=8)
FILM = {"movie_title": "Toy Story", "release_year": "1995", "class": "Animation Children's Comedy"}


def is_grounded(step: str, number: int, item: ItemText) -> bool:
    """The step is `number. label: "quote"`, and its quote is part of the field of that label."""
    for label, value in item.fields:
        prefix = f'{number}. {label}: "'
        quote = step.removeprefix(prefix)[:-1]
        if step == f'{prefix}{quote}"' and 0 < len(quote) <= MAX_QUOTE_CHARS and quote in value:
            return True
    return False


@settings(deadline=None, max_examples=200)
@given(FIELDS)
def test_every_quote_and_keyword_is_in_the_items_own_text(fields: dict[str, str]) -> None:
    item = item_text(fields)
    if not item.fields:
        return
    reasoning = Extractive().generate(item)
    assert parse(reasoning.to_json()) == reasoning
    steps = reasoning.text.split("\n")
    assert 1 <= len(steps) <= 5
    assert all(is_grounded(step, number, item) for number, step in enumerate(steps, 1))
    assert all(keyword in item.text for keyword in reasoning.keywords.split(", "))


def test_a_film_gives_a_chain_and_keywords() -> None:
    reasoning = Extractive().generate(item_text(FILM))
    assert reasoning.text == (
        '1. movie title: "Toy Story"\n2. release year: "1995"\n3. class: "Animation Children\'s Comedy"'
    )
    assert reasoning.keywords == "Toy, Story, 1995, Animation, Children's, Comedy"


def test_fields_alternate_and_repeated_quotes_are_dropped() -> None:
    item = item_text(
        {"title": "Tape", "text": "It sticks. It sticks. It holds well! And more. End.", "brand": "3M"}
    )
    cot = Extractive().generate(item).text
    assert re.findall(r'"(.*)"', cot) == ["Tape", "It sticks.", "3M", "It holds well!", "And more."]


def test_keywords_of_a_long_field_do_not_displace_those_of_the_next() -> None:
    words = " ".join(f"word{number}" for number in range(40))
    keywords = Extractive().generate(item_text({"text": words, "brand": "Acme"})).keywords.split(", ")
    assert len(keywords) == 15
    assert keywords[:6] == ["word0", "word1", "word2", "word3", "word4", "Acme"]


def test_a_long_sentence_is_cut_between_words() -> None:
    cot = Extractive().generate(item_text({"text": "wonderful " * 30})).text
    # 16 words of 9 letters with 15 spaces are 159 characters, one more would be 169
    assert re.findall(r'"(.*)"', cot) == [" ".join(["wonderful"] * 16)]


def test_text_without_meaningful_words_is_its_only_keyword() -> None:
    assert Extractive().generate(item_text({"title": "It"})).keywords == "It"


def test_raw_text_is_the_items_words_and_nothing_else() -> None:
    reasoning = PROVIDERS["raw_text"].generate(item_text(FILM))
    assert reasoning.encoder_text == "Toy Story\n1995\nAnimation Children's Comedy"


def test_providers_are_those_of_the_spec() -> None:
    assert set(PROVIDERS) | set(LANGUAGE_MODELS) == TEXT_SOURCES
    assert frozenset(LANGUAGE_MODELS) == GENERATIVE
    assert set(TEMPLATES) == PROMPTS
