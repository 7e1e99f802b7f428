"""Computes knowledge of items and interests of users from keywords, for data sets that have none.

An entity is a cluster of the items' keywords. The interests of a user are the entities that are typical of
the user's train items.
Shapes: E pairs of item and entity, F pairs of user and entity, K clusters, P phrases, I items.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.sparse import csr_matrix

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.side_information import ItemKnowledge, UserInterests
from lghrec_compute.dseg.text.keyword_vectors import item_phrases, phrase_vectors
from lghrec_compute.graph import kmeans
from lghrec_compute.types import Ints

_MOST_CLUSTERS, _PHRASES = 350, 8
"""Largest number of clusters, and smallest mean number of phrases per cluster. CIKG uses 350 clusters."""
INTERESTS = 5
"""Largest number of interests of a user."""
_MOST_HOLDERS = 0.2
"""An interest that this share of the users has, or a larger one, is removed."""


def keyword_knowledge(keywords: Sequence[str], *, seed: int) -> ItemKnowledge:
    """Links each item to the clusters of its keywords. `keywords` [I] are separated by commas."""
    item_E, phrase_E, phrases = item_phrases(keywords)
    if not phrases:
        return ItemKnowledge(item_E, item_E, 0)
    points = torch.from_numpy(phrase_vectors(phrases)).float()
    num_clusters = max(1, min(len(phrases) // _PHRASES, _MOST_CLUSTERS))
    random = np.random.default_rng(np.random.SeedSequence((seed, 5)))
    cluster_P = kmeans(points, num_clusters, random).numpy()
    taken_K, cluster_P = np.unique(cluster_P, return_inverse=True)
    key_E = np.unique(item_E * len(taken_K) + cluster_P[phrase_E])
    num_items = len(keywords)
    return ItemKnowledge(key_E // len(taken_K), key_E % len(taken_K) + num_items, len(taken_K))


def keyword_interests(dataset: Dataset, knowledge: ItemKnowledge) -> UserInterests:
    """Returns the five entities of each user with the highest TF-IDF weight over the user's train items.

    The weight of an entity is the number of the user's train items that have it, times
    ln((1 + U) / (1 + u)) + 1, where u of the U users have it. Of two equal weights, the lower entity index is
    first. Interests that only one user has, or 20 % of the users or more, are removed.
    """
    num_users, num_items = dataset.num_users, dataset.num_items
    of_items = (knowledge.head_E < num_items) & (knowledge.tail_E >= num_items)
    item_E, entity_E = knowledge.head_E[of_items], knowledge.tail_E[of_items] - num_items
    shape = (num_items, knowledge.num_entities)
    has = csr_matrix((np.ones(len(item_E)), (item_E, entity_E)), shape=shape)
    train = dataset.train
    seen = csr_matrix((np.ones(len(train)), (train.user_E, train.item_E)), shape=(num_users, num_items))
    counts = csr_matrix(seen @ has)
    holders_K = np.bincount(counts.indices, minlength=shape[1])
    weight_F = counts.data * (np.log((1 + num_users) / (1 + holders_K)) + 1)[counts.indices]
    user_F = np.repeat(np.arange(num_users), np.diff(counts.indptr))
    user_F, interest_F = _strongest(user_F, counts.indices.astype(np.int64), weight_F)

    holders_K = np.bincount(interest_F, minlength=shape[1])
    kept_F = ((holders_K > 1) & (holders_K < _MOST_HOLDERS * num_users))[interest_F]
    taken_K, interest_F = np.unique(interest_F[kept_F], return_inverse=True)
    return UserInterests(user_F[kept_F], interest_F, len(taken_K))


def _strongest(user_F: Ints, entity_F: Ints, weight_F: np.ndarray) -> tuple[Ints, Ints]:
    """Returns the entities of each user with the highest weight, sorted by user and entity."""
    order_F = np.lexsort((entity_F, -weight_F, user_F))
    user_F, entity_F = user_F[order_F], entity_F[order_F]
    start_F = np.searchsorted(user_F, user_F, side="left")
    near_F = np.arange(len(user_F)) - start_F < INTERESTS
    user_F, entity_F = user_F[near_F], entity_F[near_F]
    order_F = np.lexsort((entity_F, user_F))
    return user_F[order_F], entity_F[order_F]
