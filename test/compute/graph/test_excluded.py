"""`excluded_mask` compared with a search for each pair."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.graph import build_graph, excluded_mask


@st.composite
def cases(draw):
    num_users, num_items = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    pair = st.tuples(st.integers(0, num_users - 1), st.integers(0, num_items - 1))
    pairs = draw(st.sets(pair, min_size=1, max_size=20))
    node = st.integers(0, num_users + num_items - 1)
    anchors = draw(st.lists(node, min_size=1, max_size=8))
    pool = draw(st.lists(node, min_size=1, max_size=12))  # the pool can contain a node several times
    return num_users, num_items, sorted(pairs), anchors, pool


@settings(deadline=None, max_examples=200)
@given(cases(), st.booleans())
def test_the_mask_equals_a_search_for_each_pair(case, neighbors):
    num_users, num_items, pairs, anchors, pool = case
    user_E, item_E = np.array(pairs).T
    graph = build_graph(user_E, item_E, num_users, num_items)
    joined = {(user, item + num_users) for user, item in pairs}
    expected = [
        [
            anchor == node or (neighbors and ((anchor, node) in joined or (node, anchor) in joined))
            for node in pool
        ]
        for anchor in anchors
    ]
    result_BN = excluded_mask(graph, torch.tensor(anchors), torch.tensor(pool), neighbors=neighbors)
    assert result_BN.dtype == torch.bool
    assert result_BN.tolist() == expected
