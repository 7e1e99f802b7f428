"""Semantic ids must help if and only if the text determines the interactions: a small form of the benchmark
test/bench/semantic_text_helps.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from text_driven import Settings, TextDriven


@pytest.mark.parametrize(
    ("seed", "fusion"), [(0, "concat_linear"), (1, "concat_linear"), (2, "weighted_sum")]
)
def test_text_helps_where_it_decides_and_shuffled_text_does_not(
    tmp_path: Path, seed: int, fusion: str
) -> None:
    found = TextDriven(tmp_path, Settings(fusion=fusion), seed=seed).scores(["raw_text"])
    assert found["raw_text"] > 1.2 * found["none"]
    assert found["shuffled"] < found["none"]
