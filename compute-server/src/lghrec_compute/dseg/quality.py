"""Figures about the quality of semantic ids.

Shapes: I items, C semantic id.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lghrec_compute.dseg.encode.spread import effective_rank, mean_cosine
from lghrec_compute.dseg.store import SemanticIds
from lghrec_compute.dseg.text.item_texts import ItemTexts
from lghrec_compute.dseg.text.quality import Figure, text_figures
from lghrec_compute.results import SemanticQuality


def quality(ids: SemanticIds) -> dict[str, float]:
    """Return figures by name, over the items with text.

    - `mean_cosine`: over all pairs of different items, in [-1, 1]. Above 0.8 the vectors distinguish items
      badly.
    - `effective_rank`: in [1, C] (Roy and Vetterli 2007, on singular values).
    - `with_text` and `truncated`: shares of all items.
    - `keywords_per_item`: mean number of keywords.
    """
    vectors_IC = ids.semantic_IC[ids.mask_I].astype(np.float64)
    vectors_IC /= np.maximum(np.linalg.norm(vectors_IC, axis=1, keepdims=True), 1e-12)
    rows = [row for row in ids.rows if row.text]
    return {
        "mean_cosine": mean_cosine(vectors_IC),
        "effective_rank": effective_rank(vectors_IC),
        "with_text": len(rows) / len(ids.rows),
        "truncated": sum("truncated" in row.flags for row in rows) / len(ids.rows),
        "keywords_per_item": sum(len(row.keywords.split(", ")) for row in rows if row.keywords) / len(rows),
    }


def result_quality(
    texts: Mapping[str, Figure], vectors: Mapping[str, float], num_truncated: int
) -> SemanticQuality:
    """Return the figures of a run's result. Without vectors, as in a preview, their figures are 0."""
    return SemanticQuality(
        num_items=texts["valid"].total,
        valid=texts["valid"].value,
        repaired=texts["repaired"].value,
        fallback=texts["fallback"].value,
        grounded_exact=texts["grounded_exact"].value,
        grounded_fuzzy=texts["grounded_fuzzy"].value,
        duplicate=texts["duplicate"].value,
        mean_cosine=vectors.get("mean_cosine", 0.0),
        effective_rank=vectors.get("effective_rank", 0.0),
        num_truncated=num_truncated,
    )


def figure_lines(texts: ItemTexts) -> list[str]:
    """Return one line per figure of the texts, with count, share and 95 % interval, for a person to read."""
    lines = []
    for name, figure in text_figures(texts).items():
        low, high = figure.interval
        shown = f"{figure.count:,} of {figure.total:,}, {figure.value:.1%} [{low:.1%}, {high:.1%}]"
        lines.append(f"{name.replace('_', ' ')}: {shown}")
    return lines
