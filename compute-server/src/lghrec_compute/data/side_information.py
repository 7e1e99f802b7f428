"""What is known beside the interactions: a graph around the items, and interests of users.

Shapes: E pairs of the graph, F pairs of interests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from lghrec_compute.errors import DataError
from lghrec_compute.json_types import Json
from lghrec_compute.records import record_to_dict
from lghrec_compute.results import InterestStatistics, KnowledgeStatistics
from lghrec_compute.types import Ints


@dataclass(frozen=True)
class ItemKnowledge:
    """An undirected graph of things: the items by their numbers, and behind them `num_entities` entities.

    `head_E` < `tail_E`, each pair once, sorted. `counts`: of the rows it came from.
    """

    head_E: Ints
    tail_E: Ints
    num_entities: int
    counts: KnowledgeStatistics | None = None


@dataclass(frozen=True)
class UserInterests:
    """User `user_F[f]` has the interest `interest_F[f]`, each pair once, sorted; `counts` of the rows."""

    user_F: Ints
    interest_F: Ints
    num_interests: int
    counts: InterestStatistics | None = None


@dataclass(frozen=True)
class Side:
    """Both, None where the source has none."""

    knowledge: ItemKnowledge | None = None
    interests: UserInterests | None = None

    @property
    def meta(self) -> Json:
        """What an artifact tells of them."""
        parts = {"knowledge": self.knowledge, "interests": self.interests}
        return {name: record_to_dict(part.counts) for name, part in parts.items() if part and part.counts}


@dataclass(frozen=True)
class Known:
    """Ids of users or items: those that are left, in order, and all that the source has."""

    left: pl.Series
    source: pl.Series

    @property
    def fallen(self) -> pl.Series:
        """Ids that a filter took away."""
        return self.source.filter(~self.source.is_in(self.left.implode()))


def number_knowledge(triples: pl.DataFrame, items: Known, *, num_rows: int) -> ItemKnowledge:
    """Makes a graph of triples (columns head and tail): directions, relations and doubles are left out.

    An id of an item is that item, any other one an entity. Triples of an item that a filter took away go, and
    so do entities that no path leads to from an item. Raises `DataError` if nothing is left.
    """
    fallen = items.fallen.implode()
    kept = triples.filter(~pl.col("head").is_in(fallen) & ~pl.col("tail").is_in(fallen))
    ids = pl.concat([kept["head"], kept["tail"]]).unique()
    entities = ids.filter(~ids.is_in(items.left.implode())).sort()
    things = pl.DataFrame({"id": pl.concat([items.left, entities])}).with_row_index("number")
    head_E, tail_E = (_numbers(kept[name], things) for name in ("head", "tail"))
    head_E, tail_E = _pairs(np.minimum(head_E, tail_E), np.maximum(head_E, tail_E), len(things))
    head_E, tail_E = head_E[head_E < tail_E], tail_E[head_E < tail_E]

    num_items, num_pairs = len(items.left), len(head_E)
    reached = _reached(head_E, tail_E, num_items, len(things))
    head_E, tail_E = head_E[reached[head_E]], tail_E[reached[head_E]]
    reached[:num_items] = True  # an item keeps its number, with knowledge or without
    renumbered = np.cumsum(reached) - 1
    if not len(head_E):
        raise DataError(
            f"knowledge: none of its {len(ids):,} ids is an item of the data",
            hint="an item has the same id in the triples as in the interactions",
        )
    counts = KnowledgeStatistics(
        num_triples=num_rows,
        num_malformed=num_rows - len(triples),
        num_removed=len(triples) - len(kept),
        num_unreachable=num_pairs - len(head_E),
        num_pairs=len(head_E),
        num_entities=int(reached.sum()) - num_items,
        num_items=int((np.unique(np.concatenate([head_E, tail_E])) < num_items).sum()),
    )
    return ItemKnowledge(renumbered[head_E], renumbered[tail_E], counts.num_entities, counts)


def number_interests(rows: pl.DataFrame, users: Known, *, num_rows: int) -> UserInterests:
    """Numbers interests (columns user and interest) in the order of their ids; rows of other users go.

    Raises `DataError` if nothing is left.
    """
    kept = rows.filter(pl.col("user").is_in(users.left.implode()))
    if kept.is_empty():
        raise DataError(
            f"interests: none of their {rows['user'].n_unique():,} users is in the data",
            hint="a user has the same id there as in the interactions",
        )
    interests = kept.select(pl.col("interest").unique().sort().alias("id")).with_row_index("number")
    user_F = _numbers(kept["user"], pl.DataFrame({"id": users.left}).with_row_index("number"))
    user_F, interest_F = _pairs(user_F, _numbers(kept["interest"], interests), len(interests))
    num_removed = int(rows["user"].is_in(users.fallen.implode()).sum())
    counts = InterestStatistics(
        num_rows=num_rows,
        num_malformed=num_rows - len(rows),
        num_removed=num_removed,
        num_unknown=len(rows) - len(kept) - num_removed,
        num_pairs=len(user_F),
        num_interests=len(interests),
        num_users=len(np.unique(user_F)),
    )
    return UserInterests(user_F, interest_F, len(interests), counts)


def _numbers(values: pl.Series, numbered: pl.DataFrame) -> Ints:
    """The number of each id."""
    ids = pl.DataFrame({"id": values}).join(numbered, on="id", how="left", maintain_order="left")
    return ids["number"].to_numpy().astype(np.int64)


def _pairs(left_E: Ints, right_E: Ints, num_right: int) -> tuple[Ints, Ints]:
    """Each pair once, sorted."""
    key_E = np.unique(left_E * num_right + right_E)
    return key_E // num_right, key_E % num_right


def _reached(head_E: Ints, tail_E: Ints, num_items: int, num_things: int) -> np.ndarray:
    """True for the things [T] that hang together with an item."""
    edges = coo_matrix((np.ones(len(head_E), np.int8), (head_E, tail_E)), shape=(num_things, num_things))
    _, component_T = connected_components(edges, directed=False)
    with_item = np.zeros(num_things, np.bool_)
    with_item[component_T[:num_items]] = True
    return with_item[component_T]
