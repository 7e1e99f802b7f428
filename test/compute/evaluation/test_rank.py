"""Lists compared with a full sort, and their independence of chunk, tile and order of summation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from lghrec_compute.errors import NonFiniteError
from lghrec_compute.evaluation import Lists, Ranked, rank


def lists(*rows: list[int]) -> Lists:
    offsets = np.cumsum([0, *(len(row) for row in rows)])
    return Lists(offsets.astype(np.int64), np.array([item for row in rows for item in row], np.int64))


def rank_scores(scores_UI: list[list[float]], cutoff: int, seen: Lists | None = None) -> Ranked:
    """Rank given scores. Users are unit vectors, so the dot product picks a row of the items' transpose."""
    scores = torch.tensor(scores_UI)
    return rank(torch.eye(len(scores_UI)), scores.T.contiguous(), cutoff=cutoff, seen=seen)


def full_sort(users_UD: Tensor, items_ID: Tensor, cutoff: int, seen: list[set[int]]) -> list[list[int]]:
    """Compute all scores in fp64 and sort by (-score, id), with -1 for missing entries."""
    scores_UI = users_UD.double() @ items_ID.double().T
    result: list[list[int]] = []
    for scores_I, known in zip(scores_UI.tolist(), seen, strict=True):
        order = sorted((-score, item) for item, score in enumerate(scores_I) if item not in known)
        best = [item for _, item in order[:cutoff]]
        result.append(best + [-1] * (cutoff - len(best)))
    return result


def random_seen(rng: np.random.Generator, num_users: int, num_items: int) -> list[set[int]]:
    return [set(np.flatnonzero(rng.random(num_items) < rng.random()).tolist()) for _ in range(num_users)]


def as_lists(seen: list[set[int]]) -> Lists:
    return lists(*(sorted(known) for known in seen))


@given(seed=st.integers(0, 2**32 - 1), cutoff=st.integers(1, 12), tile=st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_lists_equal_a_full_sort_when_most_scores_tie(seed: int, cutoff: int, tile: int):
    # components in {-1, 0, 1} and 3 dimensions: scores are integers from -3 to 3, so ties are everywhere
    rng = np.random.default_rng(seed)
    users_UD = torch.from_numpy(rng.integers(-1, 2, (7, 3))).float()
    items_ID = torch.from_numpy(rng.integers(-1, 2, (31, 3))).float()
    seen = random_seen(rng, 7, 31)
    ranked = rank(users_UD, items_ID, cutoff=cutoff, seen=as_lists(seen), tile=tile, chunk=3)
    assert ranked.items_UK.tolist() == full_sort(users_UD, items_ID, cutoff, seen)


def test_lists_of_a_catalogue_with_groups_equal_a_full_sort():
    # 3,000 items, cutoff 5: the K-th score is bounded by maxima of groups of many items
    rng = np.random.default_rng(1)
    users_UD = torch.from_numpy(rng.integers(-4, 5, (40, 8))).float()
    items_ID = torch.from_numpy(rng.integers(-4, 5, (3000, 8))).float()
    seen = random_seen(rng, 40, 3000)
    ranked = rank(users_UD, items_ID, cutoff=5, seen=as_lists(seen))
    assert ranked.items_UK.tolist() == full_sort(users_UD, items_ID, 5, seen)


@pytest.mark.parametrize(("chunk", "tile"), [(1, 1700), (7, 1), (64, 97), (50, 512), (1000, 4096)])
def test_lists_and_scores_are_the_same_bits_for_any_chunk_and_tile(chunk: int, tile: int):
    # near ties: 1,700 items around 20 centers, closer to each other than the rounding of an fp32 GEMM
    generator = torch.Generator().manual_seed(2)
    users_UD = torch.randn(50, 60, generator=generator)
    centres = torch.randn(20, 60, generator=generator)
    noise = 1e-7 * torch.randn(1700, 60, generator=generator)
    items_ID = centres[torch.arange(1700) % 20] + noise
    seen = as_lists(random_seen(np.random.default_rng(2), 50, 1700))
    reference = rank(users_UD, items_ID, cutoff=30, seen=seen)
    ranked = rank(users_UD, items_ID, cutoff=30, seen=seen, chunk=chunk, tile=tile)
    assert ranked.items_UK.tobytes() == reference.items_UK.tobytes()
    assert ranked.scores_UK.tobytes() == reference.scores_UK.tobytes()
    assert ranked.tied_U.tobytes() == reference.tied_U.tobytes()


def test_lists_are_exact_where_a_gemm_rounds_more_than_the_scores_differ():
    # each item differs from the next by about one step of fp32 at the scores' size, far less than a GEMM errs
    generator = torch.Generator().manual_seed(5)
    users_UD = torch.randn(30, 256, generator=generator)
    items_ID = torch.randn(1, 256, generator=generator) * (1 + 1e-7 * torch.arange(400)[:, None])
    items_ID += 1e-7 * torch.randn(400, 256, generator=generator)
    ranked = rank(users_UD, items_ID, cutoff=10)
    score_UI = (users_UD.double() @ items_ID.double().T).float().numpy()
    assert np.array_equal(ranked.items_UK, np.argsort(-score_UI, axis=1, kind="stable")[:, :10])


def test_lists_of_a_user_do_not_depend_on_the_other_users():
    generator = torch.Generator().manual_seed(3)
    users_UD = torch.randn(33, 64, generator=generator)
    items_ID = torch.randn(500, 64, generator=generator)
    together = rank(users_UD, items_ID, cutoff=20)
    for user in (0, 17, 32):
        alone = rank(users_UD[user : user + 1], items_ID, cutoff=20)
        assert alone.items_UK[0].tobytes() == together.items_UK[user].tobytes()
        assert alone.scores_UK[0].tobytes() == together.scores_UK[user].tobytes()


def test_scores_are_the_true_dot_products_rounded_once():
    generator = torch.Generator().manual_seed(4)
    users_UD = torch.randn(20, 48, generator=generator)
    items_ID = torch.randn(300, 48, generator=generator)
    ranked = rank(users_UD, items_ID, cutoff=10)
    exact_UI = (users_UD.double() @ items_ID.double().T).numpy()
    picked_UK = np.take_along_axis(exact_UI, ranked.items_UK, 1)
    assert np.array_equal(ranked.scores_UK, picked_UK.astype(np.float32))


def test_equal_scores_are_ordered_by_the_lower_id():
    # scores [1, 1, 1, 0]: the held-out item 2 is third, so a list of one misses it
    assert rank_scores([[1, 1, 1, 0]], 1).items_UK.tolist() == [[0]]
    assert rank_scores([[1, 1, 1, 0]], 4).items_UK.tolist() == [[0, 1, 2, 3]]


def test_zeros_of_both_signs_are_equal():
    assert rank_scores([[0.0, -0.0, 0.0, -0.0]], 4).items_UK.tolist() == [[0, 1, 2, 3]]


def test_seen_items_are_no_candidates():
    scores = [[0.9, 0.8, 0.7, 0.6, 0.5, 0.4]]
    assert rank_scores(scores, 2, lists([0])).items_UK.tolist() == [[1, 2]]
    assert rank_scores(scores, 2, lists([0, 1])).items_UK.tolist() == [[2, 3]]


def test_a_list_longer_than_the_candidates_ends_in_nothing():
    # 4 items, 3 of them seen: one candidate is left for three entries
    ranked = rank_scores([[0.4, 0.3, 0.2, 0.1]], 3, lists([0, 1, 3]))
    assert ranked.items_UK.tolist() == [[2, -1, -1]]
    assert ranked.scores_UK.tolist() == [[np.float32(0.2), -np.inf, -np.inf]]


def test_a_user_who_has_seen_everything_gets_an_empty_list():
    ranked = rank_scores([[0.2, 0.1], [0.1, 0.2]], 2, lists([0, 1], []))
    assert ranked.items_UK.tolist() == [[-1, -1], [1, 0]]
    assert ranked.tied_U.tolist() == [False, False]


def test_all_equal_scores_are_flagged():
    # user 0: all equal; user 1: not; user 2: equal but for a seen item; user 3: one candidate orders itself
    scores = [[2, 2, 2, 2], [2, 2, 2, 1], [2, 2, 2, 9], [2, 2, 2, 2]]
    ranked = rank_scores(scores, 2, lists([], [], [3], [0, 1, 2]))
    assert ranked.tied_U.tolist() == [True, False, True, False]


def test_all_equal_scores_are_flagged_across_tiles():
    items_ID = torch.ones(10, 2)
    assert rank(torch.ones(1, 2), items_ID, cutoff=2, tile=3).tied_U.tolist() == [True]
    items_ID[9] = 0.5  # only the last tile differs
    assert rank(torch.ones(1, 2), items_ID, cutoff=2, tile=3).tied_U.tolist() == [False]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_an_embedding_that_is_not_finite_is_an_error(value: float):
    users_UD, items_ID = torch.ones(3, 2), torch.ones(4, 2)
    items_ID[2, 1] = value
    with pytest.raises(NonFiniteError, match="embeddings of 1 items are not finite, the first at row 2"):
        rank(users_UD, items_ID, cutoff=1)
    with pytest.raises(NonFiniteError, match="embeddings of 1 users"):
        rank(items_ID, users_UD, cutoff=1)


def test_finite_embeddings_with_infinite_scores_are_an_error():
    with pytest.raises(NonFiniteError, match="scores may be infinite"):
        rank(torch.full((1, 2), 1e20), torch.full((3, 2), 1e20), cutoff=1)


def test_no_users_give_no_lists():
    assert rank(torch.ones(0, 2), torch.ones(3, 2), cutoff=2).items_UK.shape == (0, 2)


def test_progress_counts_users_chunk_by_chunk():
    heard: list[int] = []
    rank(torch.ones(5, 2), torch.ones(3, 2), cutoff=1, chunk=2, on_chunk=heard.append)
    assert heard == [2, 4, 5]


def test_ranking_leaves_the_precision_setting_as_it_was():
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        rank(torch.ones(1, 2), torch.ones(3, 2), cutoff=1)
        assert torch.get_float32_matmul_precision() == "high"
    finally:
        torch.set_float32_matmul_precision(before)
