"""Exact top-K of all items for each user, computed in chunks of users and tiles of items.

The score of a pair is the dot product, summed in fp64 in a fixed order and rounded to fp32. The lists
therefore have the same bits for any chunk, tile, number of threads and device. A matrix product in fp32
selects candidates: each item that its rounding error could have moved below rank K is scored again.

Shapes: B users of a chunk, D embedding size, E pairs, I items, K cutoff, T items of a tile, U users, W
selected items of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from lghrec_compute.errors import NonFiniteError
from lghrec_compute.evaluation.pairs import Lists
from lghrec_compute.tiles import rows_per_tile
from lghrec_compute.types import Bools, Floats, Ints

TILE = 8192
CELLS = {"cpu": 2**20, "cuda": 2**25}
"""Number of scores that are computed at once, B * T. If all scores are equal, each needs about 50 bytes."""
_PAIRS_PER_BLOCK = 4096  # with 64 fp64 values per pair, a block stays in the L2 cache
_HIGHEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Ranked:
    """Ranked lists. `items_UK` are the items, best first, and `scores_UK` their scores.

    If there are fewer candidates than K, the other entries are -1 with the score -inf. `tied_U` is True if
    the user has at least two candidates, and all have the same score, so that the list is ordered by ids.
    """

    items_UK: Ints
    scores_UK: Floats
    tied_U: Bools


def rank(
    users_UD: Tensor,
    items_ID: Tensor,
    *,
    cutoff: int,
    seen: Lists | None = None,
    chunk: int | None = None,
    tile: int = TILE,
    on_chunk: Callable[[int], None] = lambda _: None,
) -> Ranked:
    """Return the `cutoff` best items of each user by dot product, without the items in `seen` (one row per
    user).

    Items with equal scores are ordered by ascending id. The computation runs on the device of the tensors and
    requires O(B * (T + K)) memory. `chunk` is the number of users per chunk. None means that it is computed
    from `CELLS`. `tile` is the number of items per tile. `on_chunk` receives the number of finished users.
    Raises `NonFiniteError` for NaN, infinity, or values so large that a score can be infinite.
    """
    users_UD, items_ID = users_UD.detach().float(), items_ID.detach().float()
    margin_U = _margins(users_UD, items_ID)
    num_users, num_items = len(users_UD), len(items_ID)
    tile = max(1, min(tile, num_items))
    chunk = chunk or rows_per_tile(tile, users_UD.device, CELLS)
    tops: list[Ranked] = []
    with torch.no_grad(), _full_precision():
        for start in range(0, num_users, chunk):
            stop = min(start + chunk, num_users)
            top = _Top(users_UD[start:stop], margin_U[start:stop], cutoff)
            for first, mask in _tile_masks(seen, (start, stop), tile, num_items):
                top.add(items_ID[first : first + tile], first, mask)
            tops.append(top.result())
            on_chunk(stop)
    return Ranked(
        np.concatenate([top.items_UK for top in tops] or [np.zeros((0, cutoff), np.int64)]),
        np.concatenate([top.scores_UK for top in tops] or [np.zeros((0, cutoff), np.float32)]),
        np.concatenate([top.tied_U for top in tops] or [np.zeros(0, np.bool_)]),
    )


class _Top:
    """The best `cutoff` items so far of a chunk of users. Tiles are added in the order of item ids."""

    def __init__(self, users_BD: Tensor, margin_B: Tensor, cutoff: int) -> None:
        self.users_BD, self.margin_B, self.cutoff = users_BD, margin_B, cutoff
        size = len(users_BD)
        self.scores_BK = users_BD.new_zeros(size, 0)
        self.items_BK = torch.zeros(size, 0, dtype=torch.int64, device=users_BD.device)
        self.lowest_B = users_BD.new_full((size,), torch.inf)
        self.candidates_B = torch.zeros(size, dtype=torch.int64, device=users_BD.device)
        self.selected_B = torch.zeros_like(self.candidates_B)

    def add(self, items_TD: Tensor, first: int, mask: tuple[Ints, Ints]) -> None:
        """Add the items of a tile, whose ids start at `first`.

        `mask` contains the rows and the tile columns of seen items.
        """
        scores_BT = self.users_BD @ items_TD.T
        masked_BE = [torch.from_numpy(part).to(scores_BT.device) for part in mask]
        scores_BT[masked_BE[0], masked_BE[1]] = -torch.inf
        size, width = scores_BT.shape
        bound_B = (_lower_bound(scores_BT, self.cutoff).double() - self.margin_B).float()
        flat_E = _flat_nonzero(scores_BT >= bound_B.clamp_min(-_HIGHEST)[:, None])
        row_E, column_E = flat_E // width, flat_E % width
        score_E = _exact_scores(self.users_BD, items_TD, row_E, column_E)

        counts_B = torch.bincount(row_E, minlength=size)
        index_E = torch.arange(len(row_E), device=row_E.device) - (counts_B.cumsum(0) - counts_B)[row_E]
        scores_BW = scores_BT.new_full((size, int(counts_B.max())), -torch.inf)
        items_BW = torch.full_like(scores_BW, -1, dtype=torch.int64)
        scores_BW[row_E, index_E] = score_E
        items_BW[row_E, index_E] = column_E + first

        self.selected_B += counts_B
        self.candidates_B += width - torch.bincount(masked_BE[0], minlength=size)
        self.lowest_B.scatter_reduce_(0, row_E, score_E, "amin")
        self._merge(scores_BW, items_BW)

    def result(self) -> Ranked:
        """Return the lists, with `cutoff` columns."""
        size, width = self.scores_BK.shape
        items_BK = np.full((size, self.cutoff), -1, np.int64)
        scores_BK = np.full((size, self.cutoff), -np.inf, np.float32)
        items_BK[:, :width] = self.items_BK.cpu().numpy()
        scores_BK[:, :width] = self.scores_BK.cpu().numpy()
        lowest_B, count_B = self.lowest_B.cpu().numpy(), self.candidates_B.cpu().numpy()
        all_scored_B = self.selected_B.cpu().numpy() == count_B
        return Ranked(items_BK, scores_BK, all_scored_B & (count_B > 1) & (scores_BK[:, 0] == lowest_B))

    def _merge(self, scores_BW: Tensor, items_BW: Tensor) -> None:
        scores_BW = torch.cat([self.scores_BK, scores_BW], 1)
        items_BW = torch.cat([self.items_BK, items_BW], 1)
        # before the sort, ids ascend within equal scores, and a stable sort keeps this order
        scores_BW, order_BW = torch.sort(scores_BW, dim=1, descending=True, stable=True)
        self.scores_BK = scores_BW[:, : self.cutoff]
        self.items_BK = items_BW.gather(1, order_BW[:, : self.cutoff])


def _margins(users_UD: Tensor, items_ID: Tensor) -> Tensor:
    """Return twice the largest error of a score of the matrix product, for each user.

    The error of any order of summation is at most D * 2^-24 * |u| * |i| (Higham 2002, eq 3.5).
    """
    user_U = torch.linalg.vector_norm(users_UD, dim=1, dtype=torch.float64)
    item_I = torch.linalg.vector_norm(items_ID, dim=1, dtype=torch.float64)
    for norms, what in ((user_U, "user"), (item_I, "item")):
        if not bool(torch.isfinite(norms).all()):
            wrong = torch.nonzero(~torch.isfinite(norms))[:, 0]
            raise NonFiniteError(
                f"embeddings of {len(wrong)} {what}s are not finite, the first at row {int(wrong[0])}",
                hint="train the model again with a smaller learning rate",
            )
    longest = float(item_I.max()) if len(item_I) else 0.0
    if len(user_U) and float(user_U.max()) * longest > _HIGHEST / 4:
        raise NonFiniteError(
            f"scores may be infinite: got norms of users up to {float(user_U.max()):.3g} and of items up to"
            f" {longest:.3g}, expected a product below {_HIGHEST / 4:.3g}",
            hint="train the model again with a larger embedding_l2",
        )
    depth = users_UD.shape[1] + 8  # 8 covers the rounding of the score itself and of the bound
    return 2 * (depth * 2**-24 * longest * user_U + depth * 2.0**-126)


def _lower_bound(scores_BT: Tensor, cutoff: int) -> Tensor:
    """Return a value that at least `cutoff` scores of each row reach, or -inf if there are fewer scores.

    The K-th largest maximum of groups of scores is such a value. It is close to the K-th largest score, and
    faster to compute.
    """
    size, width = scores_BT.shape
    if width < cutoff:
        return scores_BT.new_full((size,), -torch.inf)
    groups = max(4 * cutoff, 128)
    depth = width // groups
    if depth > 1:
        groups = width // depth
        scores_BT = scores_BT[:, : depth * groups].reshape(size, depth, groups).amax(1)
    return scores_BT.topk(cutoff, dim=1).values[:, -1]


def _exact_scores(users_BD: Tensor, items_TD: Tensor, row_E: Tensor, column_E: Tensor) -> Tensor:
    """Return dot products in fp64, rounded to fp32.

    The sum repeatedly adds the second half of the terms to the first half, so it has the same bits on any
    device.
    """
    score_E = users_BD.new_empty(len(row_E))
    for start in range(0, len(row_E), _PAIRS_PER_BLOCK):
        some = slice(start, start + _PAIRS_PER_BLOCK)
        terms_ED = users_BD.index_select(0, row_E[some]).double()
        terms_ED.mul_(items_TD.index_select(0, column_E[some]))
        while (width := terms_ED.shape[1]) > 1:
            half = (width + 1) // 2
            terms_ED[:, : width - half].add_(terms_ED[:, half:])
            terms_ED = terms_ED[:, :half]
        score_E[some] = terms_ED[:, 0]
    return score_E.add_(0.0)  # turns -0.0 into 0.0, which a radix sort would order before 0.0


def _tile_masks(
    seen: Lists | None, rows: tuple[int, int], tile: int, num_items: int
) -> Iterator[tuple[int, tuple[Ints, Ints]]]:
    """Yield the first item of each tile, with the rows (of the chunk) and the tile columns of seen items."""
    firsts = range(0, num_items, tile)
    if seen is None:
        nothing = np.zeros(0, np.int64)
        yield from ((first, (nothing, nothing)) for first in firsts)
        return
    offsets = seen.offsets[rows[0] : rows[1] + 1]
    item_E = seen.items_E[offsets[0] : offsets[-1]]
    row_E = np.repeat(np.arange(rows[1] - rows[0], dtype=np.int64), np.diff(offsets))
    if len(firsts) > 1:
        order = np.argsort(item_E, kind="stable")
        item_E, row_E = item_E[order], row_E[order]
    bounds = np.searchsorted(item_E, [*firsts, num_items]) if len(firsts) > 1 else [0, len(item_E)]
    for number, first in enumerate(firsts):
        some = slice(bounds[number], bounds[number + 1])
        yield first, (row_E[some], item_E[some] - first)


def _flat_nonzero(mask_BT: Tensor) -> Tensor:
    if mask_BT.device.type == "cpu":
        flat: npt.NDArray[np.int64] = np.flatnonzero(mask_BT.numpy())  # several times as fast as in torch
        return torch.from_numpy(flat)
    return torch.nonzero(mask_BT.reshape(-1))[:, 0]


@contextmanager
def _full_precision() -> Iterator[None]:
    """Disable TF32, because its 10-bit fractions have larger errors than the margin allows."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
