from __future__ import annotations

import pytest

from lghrec_compute.dseg.text.grounding import grounded_share, quote_spans

TEXT = (
    "title: Men's Trail-Running Shoe “Fox” No. 7\n"
    "description: A light shoe for rough ground. The sole is made of natural rubber, 4 mm deep.\n"
    "It doesn't let water in; the laces are ½ inch wide. Café-brown and Straße-grey. Ｆｕｌｌ width."
)
EXACT = [
    "A light shoe for rough ground",
    "a LIGHT shoe for ROUGH ground",
    "rough ground. The sole",
    "natural rubber",
    "natural   rubber, 4 mm",
    "natural\u00a0rubber",
    "The sole is made of",
    "4 mm deep.",
    "description: A light",
    "Men's Trail-Running Shoe",
    "Men’s Trail-Running Shoe",
    "Trail-Running Shoe “Fox”",
    "Shoe «Fox» No. 7",
    "It doesn't let water in",
    "It doesn’t let water in",
    "laces are 1⁄2 inch wide",
    "laces are ½ inch",
    "Café-brown and",
    "CAFÉ-BROWN",
    "Cafe\u0301-brown and",
    "STRASSE-GREY",
    "strasse-grey",
    "Full width",
    "full WIDTH.",
    "water in; the laces",
    "deep.\nIt doesn't",
    "deep. It doesn't",
    "rubber, 4 mm deep",
    "light shoe for",
    "ground. The sole is",
]
NEAR = [
    "A light shoe for rough grounds",
    "The sole is made from natural rubber",
    "A light shoe, for rough ground",
    "The sole is made of naturel rubber",
    "It does not let water in; the laces",
    "Men's Trail Running Shoe",
    "description - A light shoe for rough ground",
    "made of natural rubber 4 mm deep",
    "the laces are 1/2 inch wide.",
    "A light shoo for rough ground",
]
FAR = [
    "A heavy boot for the snow",
    "waterproof leather upper",
    "perfect for marathon runners",
    "award-winning design",
    "made in Italy by hand",
    "characteristic 1 of the item",
    "comfortable all day long",
    "stylish and modern look",
    "one of the best shoes ever",
    "available in many sizes",
    "suitable for the office",
    "breathable mesh lining",
    "great value for money",
    "recommended by experts",
    "extra cushioning at the heel",
    "reflective strips at night",
    "the original text source",
    "a classic of its kind",
    "ideal gift for athletes",
    "synthetic fibre outsole",
    "Natural cotton, machine-washable",
    "designed for children",
    "title of the characteristic",
    "lifetime guarantee",
]


def test_there_are_sixty_pairs() -> None:
    assert len(EXACT) + len(NEAR) + len(FAR) >= 60


@pytest.mark.parametrize("quote", EXACT)
def test_quotes_that_the_text_has_are_exact(quote: str) -> None:
    # curly marks, because some of these quotes contain straight marks or span lines
    marks = "«»" if "“" in quote else "“”"
    (span,) = quote_spans(
        f"It says {marks[0]}{quote}{marks[1]}." if "«" not in quote else f"It says “{quote}”.", TEXT
    )
    assert span.exact
    assert span.fuzzy


@pytest.mark.parametrize("quote", NEAR)
def test_quotes_with_small_differences_are_near_but_not_exact(quote: str) -> None:
    (span,) = quote_spans(f'It says "{quote}".', TEXT)
    assert (span.exact, span.fuzzy) == (False, True)


@pytest.mark.parametrize("quote", FAR)
def test_quotes_that_the_text_does_not_have_are_neither(quote: str) -> None:
    (span,) = quote_spans(f'It says "{quote}".', TEXT)
    assert (span.exact, span.fuzzy) == (False, False)


def test_spans_exclude_the_quotation_marks() -> None:
    cot = (
        '1. It is light ("A light shoe"). 2. «natural rubber» 3. “rough ground” '
        "4. ‘laces are wide’ 5. 'water in; the'"
    )
    found = [cot[span.start : span.end] for span in quote_spans(cot, TEXT)]
    assert found == ["A light shoe", "natural rubber", "rough ground", "laces are wide", "water in; the"]
    assert [span.exact for span in quote_spans(cot, TEXT)] == [True, True, True, False, True]


def test_short_quotes_do_not_make_a_quote_of_what_is_between_them() -> None:
    assert quote_spans('It is "light" and then, for sure, "rough" too', TEXT) == []


def test_apostrophes_are_no_quotes() -> None:
    assert quote_spans("It's the maker's own idea, isn't it, and the users' choice", TEXT) == []


def test_straight_marks_do_not_span_lines() -> None:
    assert quote_spans('5" wide\nand 6" long, says', TEXT) == []


def test_a_quote_longer_than_the_text_is_not_fuzzy_because_it_contains_the_text() -> None:
    (span,) = quote_spans('"a very long invented sentence with the word shoe in it"', "shoe")
    assert not span.fuzzy


def test_share_counts_exact_quotes() -> None:
    spans = quote_spans('"A light shoe" "made in Italy" «natural rubber»', TEXT)
    assert grounded_share(spans) == pytest.approx(2 / 3)
    assert grounded_share([]) == 0
    assert quote_spans('"A light shoe"', "")[0].fuzzy is False
