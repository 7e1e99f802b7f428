"""Entities and interests that are computed from keywords."""

from __future__ import annotations

import numpy as np

from lghrec_compute.data.dataset import Dataset, Part
from lghrec_compute.data.side_information import ItemKnowledge
from lghrec_compute.pipelines.keyword_knowledge import keyword_interests, keyword_knowledge

KINDS = ("space opera", "tea ceremony")


def data(num_users: int, pairs: list[tuple[int, int]], num_items: int) -> Dataset:
    user_E, item_E = np.array(sorted(pairs), np.int64).T
    none = np.zeros(0, np.int64)
    ids = [str(number) for number in range(max(num_users, num_items))]
    return Dataset(Part(user_E, item_E), Part(none, none), Part(none, none), ids[:num_users], ids[:num_items])


def test_similar_keywords_are_one_entity():
    # 16 phrases, hence two clusters, of phrases that share a pair of words
    keywords = [f"{KINDS[item % 2]} {item}" for item in range(16)]
    knowledge = keyword_knowledge(keywords, seed=0)
    assert knowledge.num_entities == 2
    assert knowledge.head_E.tolist() == list(range(16))
    entity_I = knowledge.tail_E - 16
    assert set(entity_I[::2].tolist()) | set(entity_I[1::2].tolist()) == {0, 1}
    assert len(set(entity_I[::2].tolist())) == len(set(entity_I[1::2].tolist())) == 1


def test_an_item_has_each_entity_once_and_an_item_without_keywords_has_none():
    keywords = ["red wine, white wine", "", "wine"]  # few phrases, one cluster
    knowledge = keyword_knowledge(keywords, seed=0)
    assert (knowledge.head_E.tolist(), knowledge.tail_E.tolist()) == ([0, 2], [3, 3])
    assert knowledge.num_entities == 1


def test_without_keywords_there_are_no_entities():
    assert keyword_knowledge(["", ""], seed=0).num_entities == 0


def test_interests_are_the_entities_that_characterize_a_user():
    # item i < 6 has entity i; item 6 has entities 0 and 1; user 0 has all seven
    head_E = np.array([0, 1, 2, 3, 4, 5, 6, 6])
    tail_E = np.array([0, 1, 2, 3, 4, 5, 0, 1]) + 7
    knowledge = ItemKnowledge(head_E, tail_E, 6)
    pairs = [(0, item) for item in range(7)] + [(1, 2), (2, 3), (3, 4), (4, 4)]
    pairs += [(user, 0) for user in range(5, 20)]  # entity 0 has 16 of the 20 holders: it marks nobody
    interests = keyword_interests(data(20, pairs, 7), knowledge)
    # user 0: entity 0 counts 2 but is common, 2 (ln(21/17) + 1) = 2.42; 1 counts 2 and is rare,
    # 2 (ln(21/2) + 1) = 6.7; 5 once, 3.35; 2 and 3 with one holder more, ln(21/3) + 1 = 2.95; 4 has three,
    # ln(21/4) + 1 = 2.66. So entities 1, 5, 2, 3, 4 are theirs; 1 and 5 have nobody else and go
    assert interests.num_interests == 3
    got = list(zip(interests.user_F.tolist(), interests.interest_F.tolist(), strict=True))
    assert got == [(0, 0), (0, 1), (0, 2), (1, 0), (2, 1), (3, 2), (4, 2)]


def test_links_between_entities_are_not_interests():
    knowledge = ItemKnowledge(np.array([0, 2]), np.array([2, 3]), 2)  # item 0 - entity 0 - entity 1
    pairs = [(0, 0), (1, 0), *((user, 1) for user in range(2, 12))]
    interests = keyword_interests(data(12, pairs, 2), knowledge)
    assert (interests.user_F.tolist(), interests.num_interests) == ([0, 1], 1)
