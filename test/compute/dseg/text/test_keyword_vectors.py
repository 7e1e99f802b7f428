"""Keywords are split and converted to vectors."""

from __future__ import annotations

import numpy as np
import pytest

from lghrec_compute.dseg.text.keyword_vectors import item_phrases, phrase_vectors


def test_keywords_are_split_at_commas_and_distinguished_by_their_words():
    found = item_phrases(["Space Opera, robots", "", "ROBOTS,  space   opera,space opera, --, "])
    assert found.phrases == ["robots", "space opera"]
    assert found.item_E.tolist() == [0, 0, 2, 2]
    assert found.phrase_E.tolist() == [1, 0, 0, 1]


def test_items_without_keywords_have_no_phrases():
    found = item_phrases(["", " , "])
    assert (found.phrases, found.item_E.tolist(), found.phrase_E.tolist()) == ([], [], [])


def test_vectors_are_tf_idf_of_words_and_pairs():
    # of 3 phrases, war is in 2, and cold, "cold war", star, "star war" and tea in 1; no term is in all
    vectors = phrase_vectors(["cold war", "star war", "tea"])
    rare, common = np.log(4 / 2) + 1, np.log(4 / 3) + 1
    length = np.sqrt(2 * rare**2 + common**2)
    assert vectors.shape == (3, 6)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1)
    assert vectors[0] @ vectors[1] == pytest.approx((common / length) ** 2)
    assert vectors[0] @ vectors[2] == 0


def test_a_term_of_nearly_all_phrases_is_dropped():
    vectors = phrase_vectors(["film noir", "film school", "film", "film music", "film star"])  # 5 of 5
    assert not vectors[2].any()
    assert vectors[0] @ vectors[1] == 0


def test_many_phrases_are_reduced_to_few_dimensions_and_keep_their_neighbours():
    words = [f"w{number}" for number in range(200)]
    phrases = [f"{word} {kind}" for word in words for kind in ("alpha", "beta")]
    vectors = phrase_vectors(phrases)
    assert vectors.shape == (400, 128)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1)
    assert vectors[0] @ vectors[2] > vectors[0] @ vectors[3]  # both alpha, against alpha and beta
    np.testing.assert_array_equal(vectors, phrase_vectors(phrases))
