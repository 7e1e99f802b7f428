"""The card of an item: its text, its reasoning text and how both were created. Fields as in
`lghrec.v1.ItemCard`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from lghrec_compute.dseg.text.grounding import quote_spans
from lghrec_compute.dseg.text.item_texts import ItemReasoning, ItemTexts, TextRow
from lghrec_compute.json_types import Json

_TITLE_CHARS = 80


@dataclass(frozen=True)
class Provenance:
    """How all texts of a run were created. A field that does not apply is empty."""

    provider: str
    encoder: str
    model: str = ""
    model_revision: str = ""
    prompt: str = ""


def item_cards(
    item_ids: Sequence[str],
    texts: ItemTexts,
    rows: Sequence[TextRow],
    *,
    neighbors: Sequence[Sequence[tuple[int, float]]],
    provenance: Provenance,
) -> Iterator[Json]:
    """Yield one card per item, sorted by external id, for `cards.write_cards`.

    `rows` are the rows after encoding, so they include the flag `truncated`. `neighbors` are pairs (item,
    cosine).
    """

    def titles(other: int) -> str:
        return title(texts.reasonings[other].description)

    for number in sorted(range(len(item_ids)), key=lambda item: item_ids[item].encode()):
        yield {
            "item": item_ids[number],
            **_text_fields(texts.reasonings[number], rows[number]),
            "neighbors": [
                {"item": item_ids[other], "similarity": cosine, "title": titles(other)}
                for other, cosine in neighbors[number]
            ],
            "provenance": _provenance(texts.reasonings[number], provenance),
        }


def title(description: str) -> str:
    """Return the first 80 characters of the first field's value."""
    first = description.split("\n", 1)[0].partition(": ")[2]
    return first if len(first) <= _TITLE_CHARS else first[: _TITLE_CHARS - 1] + "…"


def _text_fields(item: ItemReasoning, row: TextRow) -> Json:
    text = item.reasoning.text if item.reasoning else ""
    status = "missing" if not item.description else "fallback" if "fallback" in row.flags else "ok"
    return {
        "text": item.description,
        "reasoning": text,
        "quotes": [asdict(span) for span in quote_spans(text, item.description)],
        "keywords": item.reasoning.keyword_list if item.reasoning else [],
        "status": status,
        "flags": list(row.flags),
    }


def _provenance(item: ItemReasoning, provenance: Provenance) -> Json:
    outcome = item.outcome
    return {
        **asdict(provenance),
        "cache_key": outcome.key if outcome else "",
        "attempts": outcome.attempts if outcome else 0,
        "input_tokens": item.usage.input,
        "output_tokens": item.usage.output,
    }
