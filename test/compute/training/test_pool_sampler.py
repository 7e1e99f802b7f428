from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.training.pool_sampler import PoolSampler, Population

USERS, ITEMS = 40, 60
SAMPLING = ["uniform", "popularity", "mixed"]


def population():
    random = np.random.default_rng(0)
    keys = np.unique(random.integers(0, USERS, 900) * ITEMS + (ITEMS * random.random(900) ** 2).astype(int))
    return Population(keys // ITEMS, keys % ITEMS, USERS)


def sampler(sampling="uniform", *, size=16, seed=3, known=None):
    return PoolSampler(known or population(), pool_size=size, sampling=sampling, seed=seed)


@pytest.mark.parametrize("sampling", SAMPLING)
def test_drawn_nodes_are_distinct_and_of_their_type(sampling):
    for step in range(20):
        pools = sampler(sampling).draw(1, step)
        for node_N, first, count in ((pools.user_N, 0, USERS), (pools.item_N, USERS, ITEMS)):
            assert node_N.dtype == torch.int64
            assert len(torch.unique(node_N)) == len(node_N) == 16
            assert first <= node_N.min() <= node_N.max() < first + count


@pytest.mark.parametrize("sampling", SAMPLING)
def test_a_type_with_no_more_nodes_than_the_pool_gives_them_all(sampling):
    pools = sampler(sampling, size=USERS).draw(1, 0)
    assert pools.user_N.tolist() == list(range(USERS))
    assert len(pools.item_N) == USERS
    assert sampler(sampling, size=ITEMS + 1).draw(1, 0).item_N.tolist() == list(range(USERS, USERS + ITEMS))


@pytest.mark.parametrize("sampling", SAMPLING)
def test_draws_depend_on_seed_epoch_and_step_alone(sampling):
    def all_of(pools):
        return torch.cat([pools.user_N, pools.item_N, pools.pair_user_N, pools.pair_item_N]).tolist()

    used = sampler(sampling)
    for step in range(5):
        used.draw(1, step)
    resumed = sampler(sampling)  # a resumed run does not repeat earlier draws
    assert all_of(used.draw(2, 7)) == all_of(resumed.draw(2, 7))
    others = [
        all_of(s.draw(*at)) for s, at in ((used, (2, 8)), (used, (3, 7)), (sampler(sampling, seed=4), (2, 7)))
    ]
    assert all_of(used.draw(2, 7)) not in others


def test_pairs_are_train_interactions():
    known = population()
    train = set(zip(known.user_E.tolist(), (known.item_E + USERS).tolist(), strict=True))
    pools = sampler(size=200).draw(1, 0)
    pairs = list(zip(pools.pair_user_N.tolist(), pools.pair_item_N.tolist(), strict=True))
    assert len(pairs) == 200
    assert set(pairs) <= train


def frequencies(sampling, *, size, draws=3000):
    drawn = sampler(sampling, size=size)
    nodes_N = torch.cat([drawn.draw(1, step).item_N for step in range(draws)]) - USERS
    return np.bincount(nodes_N.numpy(), minlength=ITEMS) / draws


def test_uniform_draws_take_each_node_alike():
    # 16 of 60 items per draw: 0.267 +- 0.0081 over 3000 draws
    assert abs(frequencies("uniform", size=16) - 16 / 60).max() < 5 * 0.0081


def test_popular_nodes_are_drawn_by_their_interactions():
    known = population()
    weight_I = np.bincount(known.item_E, minlength=ITEMS)
    # with one item, the probability is exactly proportional to the weight
    expected_I = weight_I / weight_I.sum()
    deviation_I = np.sqrt(expected_I * (1 - expected_I) / 3000)
    assert (abs(frequencies("popularity", size=1) - expected_I) <= 5 * deviation_I + 1e-12).all()


def test_a_mixed_draw_of_two_takes_one_by_interactions_and_another_of_the_rest():
    known = population()
    weight_I = np.bincount(known.item_E, minlength=ITEMS)
    share_I = weight_I / weight_I.sum()
    # the second item is uniform over the 59 others
    expected_I = share_I + (1 - share_I) / (ITEMS - 1)
    deviation_I = np.sqrt(expected_I / 3000)
    assert (abs(frequencies("mixed", size=2) - expected_I) <= 5 * deviation_I).all()


@pytest.mark.parametrize("sampling", SAMPLING)
def test_nodes_without_an_interaction_are_no_candidates(sampling):
    known = Population(np.array([0, 1, 1, 3]), np.array([4, 4, 7, 9]), 5)
    assert sampler(sampling, size=3, known=known).draw(1, 0).user_N.tolist() == [0, 1, 3]
    assert sampler(sampling, size=9, known=known).draw(1, 0).item_N.tolist() == [9, 12, 14]
    two = sampler(sampling, size=2, known=known)
    drawn = {node for step in range(50) for node in two.draw(1, step).item_N.tolist()}
    assert drawn == {9, 12, 14}
