from __future__ import annotations

import hashlib

from lghrec_compute.dseg.prompt import PROMPT_ID, SYSTEM, ItemText, item_text, render


def test_description_keeps_the_order_of_fields_and_leaves_out_empty_ones() -> None:
    item = item_text({"movie_title": " Toy \t Story\n", "plot": "  ", "release-Year": "1995"})
    assert item == ItemText((("movie title", "Toy Story"), ("release year", "1995")))
    assert item.text == "movie title: Toy Story\nrelease year: 1995"


def test_description_of_an_item_without_text_is_empty() -> None:
    assert item_text({"title": "", "plot": "\u00a0"}).text == ""


def test_description_is_the_same_for_both_forms_of_an_accent() -> None:
    assert item_text({"title": "Amelie\u0301"}) == item_text({"title": "Ameli\u00e9"})


def test_prompt_fills_the_slot_of_figure_4() -> None:
    prompt = render(item_text({"title": "Toy Story"}))
    assert prompt.user == "The text description of an item is as follows:title: Toy Story"
    assert prompt.system is SYSTEM


def test_prompt_is_frozen_under_its_id() -> None:
    # a changed character needs a new id: texts are known by it
    digest = hashlib.sha256(SYSTEM.encode()).hexdigest()
    assert (PROMPT_ID, digest[:16]) == ("fig4@1", "dd25872f9ca0d9bd")
