from __future__ import annotations

import pytest

from lghrec_compute.dseg.quality import figure_lines, result_quality
from lghrec_compute.dseg.text.item_texts import ItemReasoning, ItemTexts
from lghrec_compute.dseg.text.outcome import Outcome
from lghrec_compute.dseg.text.prompt import TEMPLATES
from lghrec_compute.dseg.text.quality import Figure, OutcomeCounts, is_junk, text_figures, wilson
from lghrec_compute.dseg.text.schema import Reasoning, parse


def valid(
    description: str, text: str, keywords: str = "film, toys", *, repaired: bool = False
) -> ItemReasoning:
    reasoning = Reasoning(text, keywords)
    return ItemReasoning(description, reasoning, Outcome("k", "ok", reasoning, repaired))


def failed(text: str, status: str) -> ItemReasoning:
    return ItemReasoning(text, None, Outcome("k", status))  # pyright: ignore


EXAMPLE = parse(TEMPLATES["fig4-two-shot@1"].shots[0][1]).text
SOURCES = (
    valid("title: Toy Story", 'It is a story about toys, from "Toy Story".', "toy, playful fun"),
    valid("title: Heat", 'Same words, from "not in the text".', repaired=True),
    valid("title: Ronin", 'Same words, from "not in the text".'),
    valid("title: Junk", "yes yes"),
    valid("title: Echo", "The characteristic 1 of the item and the original text source of characteristic 1"),
    valid("title: Copy", EXAMPLE),
    failed("title: A", "truncated"),
    failed("title: B", "invalid"),
    failed("title: C", "refused"),
    failed("title: D", "failed"),
    ItemReasoning("", None),
)


def test_figures_count_what_their_names_say() -> None:
    figures = text_figures(ItemTexts((), 0, SOURCES))
    of_items = {
        "valid": 6, "strict": 5, "repaired": 1, "fallback": 4,
        "truncated": 1, "refused": 1, "invalid": 1, "failed": 1,
    }  # fmt: skip
    for name, count in of_items.items():
        assert figures[name] == Figure(count, 10), name
    # quotes: 1 exact, 2 invented, and 5 of the copied example, which are not in "title: Copy"
    assert figures["grounded_exact"] == Figure(1, 8)
    assert figures["duplicate"] == Figure(2, 6)
    assert (figures["junk"], figures["echo"], figures["copy"]) == (Figure(1, 6), Figure(1, 6), Figure(1, 6))
    # 12 keywords, of which "toy" is in the item's text
    assert figures["novel_keywords"] == Figure(11, 12)
    assert 0 < figures["distinct_1"].value < figures["distinct_2"].value < 1


def test_a_text_that_many_items_with_one_description_share_is_no_duplicate() -> None:
    same = valid("title: Heat", "Because it says so, and so on")
    assert text_figures(ItemTexts((), 0, (same, same)))["duplicate"] == Figure(0, 2)


def test_the_result_has_the_figures_by_name() -> None:
    figures = text_figures(ItemTexts((), 0, SOURCES))
    result = result_quality(figures, {"mean_cosine": 0.3, "effective_rank": 20.0}, 7)
    assert result.num_items == 10
    assert (result.valid, result.repaired, result.fallback) == (0.6, 0.1, 0.4)
    assert (result.mean_cosine, result.effective_rank, result.num_truncated) == (0.3, 20.0, 7)
    assert result.duplicate == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(50, 50, 0.9287, 1.0), (0, 50, 0.0, 0.0713), (8, 10, 0.4902, 0.9433), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_those_of_wilson(count: int, total: int, low: float, high: float) -> None:
    assert wilson(count, total) == pytest.approx((low, high), abs=1e-4)


def test_junk_is_a_text_with_hardly_a_word() -> None:
    assert is_junk("")
    assert is_junk("... !!")
    assert is_junk("the the the the the the the item of all")
    assert not is_junk("It is a film about toys")


def test_outcome_counts_are_updated_with_each_outcome() -> None:
    counts = OutcomeCounts()
    for source in SOURCES[:2]:
        assert source.outcome is not None
        counts.add(source.outcome, source.description)
    counts.add(Outcome("k", "invalid"), "title: x")
    assert counts.valid == pytest.approx(2 / 3)
    assert counts.grounded == 0.5
    assert (counts.num, counts.cached, counts.repaired) == (3, 0, 1)


def test_lines_for_a_person_hold_counts_shares_and_intervals() -> None:
    (line,) = [line for line in figure_lines(ItemTexts((), 0, SOURCES)) if line.startswith("valid")]
    assert line == "valid: 6 of 10, 60.0% [31.3%, 83.2%]"
