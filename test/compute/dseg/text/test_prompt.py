from __future__ import annotations

import json

from lghrec_compute.dseg.text.grounding import quote_spans
from lghrec_compute.dseg.text.prompt import PROMPT_ID, SYSTEM, TEMPLATES, ItemText, item_text
from lghrec_compute.dseg.text.schema import GENERATED, parse


def test_description_keeps_the_order_of_fields_and_leaves_out_empty_ones() -> None:
    item = item_text({"movie_title": " Toy \t Story\n", "plot": "  ", "release-Year": "1995"})
    assert item == ItemText((("movie title", "Toy Story"), ("release year", "1995")))
    assert item.text == "movie title: Toy Story\nrelease year: 1995"
    assert item.num_words == 3


def test_description_of_an_item_without_text_is_empty() -> None:
    assert item_text({"title": "", "plot": "\u00a0"}).text == ""


def test_description_is_the_same_for_both_forms_of_an_accent() -> None:
    assert item_text({"title": "Amelie\u0301"}) == item_text({"title": "Ameli\u00e9"})


def test_prompt_fills_the_slot_of_figure_4_with_fenced_text() -> None:
    prompt = TEMPLATES["fig4@1"].render("title: Toy Story")
    expected = "The text description of an item is as follows:<item>\ntitle: Toy Story\n</item>"
    assert prompt.messages() == [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": expected},
    ]


def test_two_shot_prompt_shows_two_answered_items_first() -> None:
    prompt = TEMPLATES["fig4-two-shot@1"].render("title: Toy Story")
    roles = [message["role"] for message in prompt.messages()]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
    assert prompt.user == TEMPLATES["fig4@1"].render("title: Toy Story").user


def test_the_examples_are_answers_that_we_would_take() -> None:
    for user, answer in TEMPLATES["fig4-two-shot@1"].shots:
        assert json.dumps(json.loads(answer), separators=(",", ":")) == answer
        spans = quote_spans(parse(answer, GENERATED).text, user)
        assert len(spans) == 5
        assert all(span.exact for span in spans)


def test_prompts_are_frozen_under_their_ids() -> None:
    # a changed character needs a new id, because keys of texts contain the id
    assert PROMPT_ID == "fig4@1"
    assert {name: template.sha256[:16] for name, template in TEMPLATES.items()} == {
        "fig4@1": "ad95e8274f227d54",
        "fig4-two-shot@1": "90a8f30aa8a95fd2",
    }
