from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lghrec_compute.data.batches import Sampler
from lghrec_compute.errors import DataError

NUM_ITEMS = 9


@st.composite
def interactions(draw):
    """Distinct pairs sorted by user and item, with gaps in the users, and users who have nearly all items."""
    keys = draw(st.sets(st.integers(0, 7 * NUM_ITEMS - 1), min_size=1, max_size=60))
    keys_E = np.array(sorted(keys), np.int64)
    return keys_E // NUM_ITEMS, keys_E % NUM_ITEMS


@settings(deadline=None, max_examples=150)
@given(interactions(), st.integers(0, 2**32 - 1), st.integers(1, 50))
def test_every_usable_interaction_occurs_once_with_an_unseen_negative(pairs, seed, epoch):
    user_E, item_E = pairs
    seen = set(zip(user_E.tolist(), item_E.tolist(), strict=True))
    known = set(item_E.tolist())
    full = {user for user in user_E.tolist() if sum(pair[0] == user for pair in seen) == len(known)}
    usable = sorted(pair for pair in seen if pair[0] not in full)
    if not usable:
        with pytest.raises(DataError, match="each of them has every item"):
            Sampler(user_E, item_E, batch_size=4, seed=seed)
        return
    users, positives, negatives = Sampler(user_E, item_E, batch_size=4, seed=seed).epoch(epoch)
    assert sorted(zip(users.tolist(), positives.tolist(), strict=True)) == usable
    assert set(negatives.tolist()) <= known
    assert not seen & set(zip(users.tolist(), negatives.tolist(), strict=True))


def sampler(batch_size: int = 4, seed: int = 7) -> Sampler:
    user_E = np.repeat(np.arange(6), 3)
    item_E = np.concatenate([np.sort((np.arange(3) * 2 + user) % NUM_ITEMS) for user in range(6)])
    return Sampler(user_E, item_E, batch_size=batch_size, seed=seed)


def test_negatives_are_uniform_over_the_unseen_items_of_train():
    # user 0 has items 0, 2, 4; user 1 has the others except 6, which is cold; each has probability 1/5
    user_E, item_E = np.array([0] * 3 + [1] * 5), np.array([0, 2, 4, 1, 3, 5, 7, 8])
    one = Sampler(user_E, item_E, batch_size=3, seed=0)
    epochs = [one.epoch(epoch) for epoch in range(1, 4001)]
    drawn = np.concatenate([negatives[users == 0] for users, _, negatives in epochs])
    counts = np.bincount(drawn, minlength=NUM_ITEMS)
    assert counts[[0, 2, 4, 6]].sum() == 0
    deviation = np.sqrt(12_000 * (1 / 5) * (4 / 5))
    assert (np.abs(counts[[1, 3, 5, 7, 8]] - 2400) < 4 * deviation).all()


def test_an_epoch_can_be_repeated_without_the_epochs_before():
    first = [sampler().epoch(epoch) for epoch in (1, 2, 3)]
    again = sampler().epoch(3)
    assert all(np.array_equal(a, b) for a, b in zip(first[2], again, strict=True))
    assert not np.array_equal(first[0][2], first[1][2])
    assert not np.array_equal(first[0][0], first[1][0])
    assert not np.array_equal(sampler(seed=8).epoch(3)[2], again[2])


@pytest.mark.parametrize("first_step", [0, 1, 4, 5])
def test_batches_from_a_step_on_are_the_tail_of_the_epoch(first_step):
    whole = list(sampler().batches(2))
    tail = list(sampler().batches(2, first_step=first_step))
    assert [len(batch.user_B) for batch in whole] == [4, 4, 4, 4, 2]
    assert len(tail) == 5 - first_step
    for batch, same in zip(whole[first_step:], tail, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(batch, same, strict=True))
    assert sampler().num_steps == 5
