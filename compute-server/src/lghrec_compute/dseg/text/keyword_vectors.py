"""Keywords as vectors: TF-IDF of their words and word pairs.

Shapes: I items, E pairs of item and phrase, P phrases, X terms, Q directions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from lghrec_compute.types import Doubles, Ints

_MAX_SHARE = 0.8
"""A term that occurs in a larger share of the phrases distinguishes none of them, so it is left out."""
_RANK, _ITERATIONS = 128, 4
_TINY = np.finfo(np.float64).tiny
_WORD = re.compile(r"\w+")


class ItemPhrases(NamedTuple):
    """Item `item_E[e]` has the keyword `phrases[phrase_E[e]]`. Each pair occurs once. The phrases are
    sorted."""

    item_E: Ints
    phrase_E: Ints
    phrases: list[str]


def item_phrases(keywords: Sequence[str]) -> ItemPhrases:
    """Split each item's keywords [I] at commas, ignoring case and surrounding spaces."""
    pairs = [
        (item, phrase)
        for item, text in enumerate(keywords)
        for phrase in dict.fromkeys(" ".join(part.lower().split()) for part in text.split(","))
        if _WORD.search(phrase)
    ]
    phrases, phrase_E = np.unique(np.array([phrase for _, phrase in pairs], object), return_inverse=True)
    return ItemPhrases(np.array([item for item, _ in pairs], np.int64), phrase_E, phrases.tolist())


def phrase_vectors(phrases: Sequence[str]) -> Doubles:
    """Return the unit vectors of phrases, [P, 128] or fewer columns; zero for a phrase without terms.

    The weight of a term is count x (ln((1 + P) / (1 + number of phrases with the term)) + 1). If there are
    more than 128 terms and phrases, the vectors are projected onto the 128 strongest directions, found by
    subspace iteration (Halko et al. 2011).
    """
    weights = _normalised(_tf_idf(phrases))
    num_phrases, num_terms = len(phrases), len(np.unique(weights.indices))
    if min(num_phrases, num_terms) <= _RANK:
        return weights.toarray()
    basis_XQ = np.random.default_rng(0).normal(size=(weights.get_shape()[1], _RANK))
    for _ in range(_ITERATIONS):
        basis_PQ = np.linalg.qr(weights @ basis_XQ).Q
        basis_XQ = np.linalg.qr(weights.T @ basis_PQ).Q
    points_PQ = weights @ basis_XQ
    return points_PQ / np.maximum(np.linalg.norm(points_PQ, axis=1, keepdims=True), _TINY)


def _tf_idf(phrases: Sequence[str]) -> csr_matrix:
    terms: dict[str, int] = {}
    pairs = [
        (row, terms.setdefault(term, len(terms)))
        for row, phrase in enumerate(phrases)
        for term in _terms(phrase)
    ]
    row, column = np.array(pairs, np.int64).reshape(-1, 2).T
    counts = csr_matrix((np.ones(len(row)), (row, column)), shape=(len(phrases), len(terms)))
    counts.sum_duplicates()
    num_phrases_X = np.bincount(counts.indices, minlength=len(terms))
    counts.data *= np.log((1 + len(phrases)) / (1 + num_phrases_X))[counts.indices] + 1
    useful_X = num_phrases_X <= max(1.0, _MAX_SHARE * len(phrases))
    return csr_matrix(counts[:, useful_X])


def _terms(phrase: str) -> list[str]:
    """Return the words, and the pairs of adjacent words."""
    words = _WORD.findall(phrase)
    return [*words, *(f"{left} {right}" for left, right in pairwise(words))]


def _normalised(rows: csr_matrix) -> csr_matrix:
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    rows.data /= np.repeat(np.maximum(length, _TINY), np.diff(rows.indptr))
    return rows
