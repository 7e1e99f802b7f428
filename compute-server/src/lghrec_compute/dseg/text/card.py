"""Everything behind one semantic id, in the field names of `lghrec.v1.ItemCard`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from lghrec_compute.dseg.text.grounding import quote_spans
from lghrec_compute.dseg.text.item_texts import ItemReasoning, ItemTexts, TextRow
from lghrec_compute.json_types import Json

_TITLE_CHARS = 80


@dataclass(frozen=True)
class Provenance:
    """What all texts of a run were made by; empty where it does not apply."""

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
    """A card an item, for `cards.write_cards`: sorted by external id. `rows` are those after encoding."""

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
            "provenance": _provenance(texts.reasonings[number], maker),
        }


def title(description: str) -> str:
    """The start of a description: the value of its first field, at most 80 characters."""
    first = description.split("\n", 1)[0].partition(": ")[2]
    return first if len(first) <= _TITLE_CHARS else first[: _TITLE_CHARS - 1] + "…"


def _text_fields(source: ItemReasoning, row: TextRow) -> Json:
    cot = source.reasoning.text if source.reasoning else ""
    status = "missing" if not source.description else "fallback" if "fallback" in row.flags else "ok"
    return {
        "text": source.description,
        "reasoning": cot,
        "quotes": [asdict(span) for span in quote_spans(cot, source.description)],
        "keywords": source.reasoning.keyword_list if source.reasoning else [],
        "status": status,
        "flags": list(row.flags),
    }


def _provenance(source: ItemReasoning, provenance: Provenance) -> Json:
    outcome = source.outcome
    return {
        **asdict(maker),
        "cache_key": outcome.key if outcome else "",
        "attempts": outcome.attempts if outcome else 0,
        "input_tokens": source.usage.input,
        "output_tokens": source.usage.output,
    }
