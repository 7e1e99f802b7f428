from __future__ import annotations

import numpy as np
import pytest

from lghrec_compute.dseg.neighbors import nearest
from lghrec_compute.dseg.text.card import Provenance, item_cards, title
from lghrec_compute.dseg.text.item_texts import ItemReasoning, ItemTexts, TextRow
from lghrec_compute.dseg.text.outcome import Outcome, Usage
from lghrec_compute.dseg.text.schema import Reasoning

TEXT = "title: Toy Story\nplot: Toys come alive"
REASONING = '1. It is a film, from "Toys come alive". 2. It is new, from "made in 2024".'
OUTCOME = Outcome("f" * 64, "ok", Reasoning(REASONING, "film, toys"), usage=Usage(300, 80), attempts=2)
TEXTS = ItemTexts(
    (TextRow("keywords: film, toys\n" + REASONING, "film, toys", ("thin",)), TextRow("Gone"), TextRow("")),
    2,
    (
        ItemReasoning(TEXT, OUTCOME.reasoning, OUTCOME),
        ItemReasoning("title: Gone", None, Outcome("e" * 64, "invalid", attempts=4)),
        ItemReasoning("", None),
    ),
)
ROWS = (TEXTS.rows[0], TextRow("Gone", flags=("thin", "fallback")), TextRow("", flags=("no_text",)))


def test_a_card_contains_everything_about_a_semantic_id() -> None:
    near = [[(1, 0.5)], [(0, 0.5)], []]
    maker = Provenance("openai", "minilm", "big", "r1", "fig4@1")
    first, second, third = item_cards(["b", "a", "é"], TEXTS, ROWS, neighbors=near, provenance=maker)
    assert [card["item"] for card in (first, second, third)] == ["a", "b", "é"]
    quotes = [REASONING[quote["start"] : quote["end"]] for quote in second["quotes"]]
    assert quotes == ["Toys come alive", "made in 2024"]
    assert [(quote["exact"], quote["fuzzy"]) for quote in second["quotes"]] == [(True, True), (False, False)]
    assert (second["text"], second["reasoning"], second["keywords"]) == (TEXT, REASONING, ["film", "toys"])
    assert second["neighbors"] == [{"item": "a", "similarity": 0.5, "title": "Gone"}]
    assert second["provenance"] == {
        "provider": "openai",
        "encoder": "minilm",
        "model": "big",
        "model_revision": "r1",
        "prompt": "fig4@1",
        "cache_key": "f" * 64,
        "attempts": 2,
        "input_tokens": 300,
        "output_tokens": 80,
    }
    assert [card["status"] for card in (first, second, third)] == ["fallback", "ok", "missing"]
    assert (first["reasoning"], first["flags"], first["provenance"]["attempts"]) == (
        "",
        ["thin", "fallback"],
        4,
    )
    assert (third["text"], third["neighbors"], third["provenance"]["cache_key"]) == ("", [], "")


def test_a_title_is_the_start_of_the_first_field() -> None:
    assert title("title: Toy: Story\nplot: x") == "Toy: Story"
    assert title("") == ""
    assert title("title: " + "x" * 100) == "x" * 79 + "…"


def brute_force(vectors_IC: np.ndarray, mask_I: np.ndarray, num: int) -> list[list[tuple[int, float]]]:
    unit = vectors_IC.astype(np.float64)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-12)
    found = []
    for item in range(len(unit)):
        others = [other for other in range(len(unit)) if other != item and mask_I[other] and mask_I[item]]
        pairs = sorted((-round(float(unit[item] @ unit[other]), 6), other) for other in others)
        found.append([(other, -cosine) for cosine, other in pairs[:num]])
    return found


@pytest.mark.parametrize("num_items", [1, 2, 4, 60, 1500])
def test_nearest_items_equal_those_of_brute_force(num_items: int) -> None:
    rng = np.random.default_rng(num_items)
    vectors_IC = rng.normal(size=(num_items, 8)).astype(np.float32)
    vectors_IC[num_items // 2 :: 7] = vectors_IC[0]  # equal vectors tie
    mask_I = rng.random(num_items) > 0.2
    mask_I[0] = True
    vectors_IC[~mask_I] = 0
    got = nearest(vectors_IC, mask_I)
    some = range(num_items) if num_items < 100 else rng.choice(num_items, 30, replace=False)
    expected = brute_force(vectors_IC, mask_I, 5) if num_items < 100 else None
    for item in some:
        if expected is not None:
            assert [pair[0] for pair in got[item]] == [pair[0] for pair in expected[item]]
            assert np.allclose(
                [pair[1] for pair in got[item]], [pair[1] for pair in expected[item]], atol=2e-6
            )
        elif mask_I[item]:
            unit = vectors_IC / np.maximum(np.linalg.norm(vectors_IC, axis=1, keepdims=True), 1e-12)
            cosines = np.sort(np.delete(unit[mask_I] @ unit[item], np.flatnonzero(mask_I) == item))[::-1]
            assert np.allclose([pair[1] for pair in got[item]], cosines[:5], atol=1e-5)
