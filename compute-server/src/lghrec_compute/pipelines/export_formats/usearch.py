"""Export of the items as an index of nearest neighbors, and the measurement of its recall.

Shapes: Q users of the measurement, K length of a list, D embedding size.
"""

from __future__ import annotations

import numpy as np
import torch
from usearch.index import BatchMatches, Index

from lghrec_compute.artifacts import Draft
from lghrec_compute.evaluation import rank
from lghrec_compute.events import Log, Progress
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_ids import write_ids
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.spec import ExportSpec
from lghrec_compute.types import Ints

TEXT = """\
items.usearch: the embeddings of the items in an index of nearest neighbors by inner product; the key of an
item is its row. The score of an item is 1 - distance. users.npy: float32 [{num_users}, {dim}], the
queries. {ids}

The search is approximate: with expansion_search {facts[index][expansion_search]} it finds
{facts[recall@10]:.4f} of the exact top 10, on average over {facts[recall_users]} users. Set it after loading,
as below, because the index does not store it. The index does not know which items a user has seen: request
more items and drop those.
"""

CODE = """\
import json
import numpy as np
from usearch.index import Index

ids = json.load(open("ids.json", encoding="utf-8"))
index = Index.restore("items.usearch", view=True)
index.expansion_search = {facts[index][expansion_search]}
users = np.load("users.npy")
found = index.search(users[0], 10)
print("best items of user", ids["users"][0], "are", [ids["items"][key] for key in found.keys])
"""

RECALL_AT = 10
_QUERIES = 1000
_CONNECTIVITY, _EXPANSION_ADD = 16, 128
_EXPANSIONS = (64, 128, 256, 512)
_ENOUGH = 0.99
"""The export recommends the smallest expansion of the search that finds this share of the exact lists."""
_ADDED_AT_ONCE = 10_000


def write(draft: Draft, source: Exported, _spec: ExportSpec, context: RunContext) -> Json:
    """Write items.usearch (inner product, keys are rows of items), users.npy and ids.json."""
    index = _build(source, context)
    users_Q, exact = _exact(source)
    recall, expansion = 0.0, 0
    for expansion in _EXPANSIONS:
        context.check_stop()
        index.expansion_search = expansion
        recall = _recall(index, source, users_Q, exact)
        if recall >= _ENOUGH:
            break
    index.save(str(draft.path("items.usearch")))
    np.save(draft.path("users.npy"), source.users_UD.numpy())
    write_ids(draft, source)
    context.emit(
        Log(
            f"the index finds {recall:.4f} of the exact top {RECALL_AT} of {len(users_Q)} users with"
            f" expansion_search {expansion}"
        )
    )
    settings = {
        "metric": "ip",
        "connectivity": _CONNECTIVITY,
        "expansion_add": _EXPANSION_ADD,
        "expansion_search": expansion,
    }
    return {"index": settings, f"recall@{RECALL_AT}": recall, "recall_users": len(users_Q)}


def _build(source: Exported, context: RunContext) -> Index:
    items_ID = source.items_ID.numpy()
    index = Index(
        ndim=source.dim,
        metric="ip",
        dtype="f32",
        connectivity=_CONNECTIVITY,
        expansion_add=_EXPANSION_ADD,
    )
    for first in range(0, len(items_ID), _ADDED_AT_ONCE):
        context.check_stop()
        some = items_ID[first : first + _ADDED_AT_ONCE]
        # one thread, because with several the graph depends on their timing
        index.add(np.arange(first, first + len(some), dtype=np.uint64), some, threads=1)
        context.emit(Progress("index", first + len(some), len(items_ID)))
    return index


def _exact(source: Exported) -> tuple[Ints, tuple[Ints, np.ndarray]]:
    """Returns at most 1000 evenly spaced users, and their exact lists over all items (ids and scores)."""
    num_users = len(source.users_UD)
    users_Q = np.unique(np.linspace(0, num_users - 1, min(num_users, _QUERIES)).astype(np.int64))
    cutoff = min(RECALL_AT, len(source.items_ID))
    ranked = rank(source.users_UD[torch.from_numpy(users_Q)], source.items_ID, cutoff=cutoff)
    return users_Q, (ranked.items_UK, ranked.scores_UK)


def _recall(index: Index, source: Exported, users_Q: Ints, exact: tuple[Ints, np.ndarray]) -> float:
    """Returns the share of the exact lists that the index finds.

    An item with a score equal to the last exact one, or higher, counts as found.
    """
    exact_QK, score_QK = exact
    queries_QD = source.users_UD.numpy()[users_Q]
    cutoff = exact_QK.shape[1]
    found = index.search(queries_QD, cutoff, threads=1)
    assert isinstance(found, BatchMatches)
    is_there_QK = np.arange(cutoff) < np.asarray(found.counts)[:, None]
    found_QK = np.where(is_there_QK, np.asarray(found.keys), 0).astype(np.int64)
    found_QKD = source.items_ID.numpy()[found_QK].astype(np.float64)
    reached_QK = np.einsum("qd,qkd->qk", queries_QD.astype(np.float64), found_QKD).astype(np.float32)
    is_exact_QK = (found_QK[:, :, None] == exact_QK[:, None, :]).any(2)
    return float((is_there_QK & (is_exact_QK | (reached_QK >= score_QK[:, -1:]))).mean())
