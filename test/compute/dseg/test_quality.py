from __future__ import annotations

import numpy as np
import pytest

from lghrec_compute.dseg.encode.spread import effective_rank, mean_cosine
from lghrec_compute.dseg.encode.transform import METHODS, fit_transform
from lghrec_compute.dseg.quality import quality
from lghrec_compute.dseg.store import SemanticIds
from lghrec_compute.dseg.text.item_texts import TextRow
from lghrec_compute.spec.semantic import TRANSFORMS as TRANSFORM_NAMES


def test_mean_cosine_equals_that_over_all_pairs() -> None:
    vectors_IC = np.random.default_rng(0).normal(size=(9, 4))
    vectors_IC /= np.linalg.norm(vectors_IC, axis=1, keepdims=True)
    pairs = [vectors_IC[i] @ vectors_IC[j] for i in range(9) for j in range(9) if i != j]
    assert mean_cosine(vectors_IC) == pytest.approx(np.mean(pairs))


def test_effective_rank_counts_equal_directions() -> None:
    assert effective_rank(np.eye(5)[:3]) == pytest.approx(3)
    assert effective_rank(np.ones((4, 5))) == pytest.approx(1, abs=1e-6)
    # singular values 3 and 1: shares 0.75 and 0.25, entropy 0.5623
    assert effective_rank(np.diag([3.0, 1.0])) == pytest.approx(np.exp(0.5623351))


def test_quality_counts_only_items_with_text() -> None:
    rows = (
        TextRow("x", "a, b, c"),
        TextRow("", flags=("no_text",)),
        TextRow("y", "a", ("truncated",)),
        TextRow("z"),
    )
    vectors_IC = np.array([[1, 0], [0, 0], [0, 2], [1, 0]], dtype=np.float32)
    figures = quality(SemanticIds(vectors_IC, np.array([True, False, True, True]), rows, {}))
    assert figures["mean_cosine"] == pytest.approx(1 / 3)  # one pair of three is parallel, two orthogonal
    assert figures["with_text"] == 0.75
    assert figures["truncated"] == 0.25
    assert figures["keywords_per_item"] == pytest.approx(4 / 3)


def test_transform_none_keeps_vectors_and_zeroes_masked_rows() -> None:
    vectors_IC = np.array([[1, 2], [3, 4]], dtype=np.float32)
    mask_I = np.array([True, False])
    transform = fit_transform("none", vectors_IC, mask_I)
    assert transform.apply(vectors_IC, mask_I).tolist() == [[1, 2], [0, 0]]
    assert set(METHODS) == TRANSFORM_NAMES
