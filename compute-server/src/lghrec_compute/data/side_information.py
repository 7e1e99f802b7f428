"""Side information: a graph around the items, and interests of users.

Shapes: E pairs of the graph, F pairs of interests, T nodes of the graph.
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
    """An undirected graph. Its nodes are the items by their numbers, followed by `num_entities` entities.

    `head_E` < `tail_E`; each pair occurs once, and the pairs are sorted. `counts` describes the rows of the
    source.
    """

    head_E: Ints
    tail_E: Ints
    num_entities: int
    counts: KnowledgeStatistics | None = None


@dataclass(frozen=True)
class UserInterests:
    """User `user_F[f]` has the interest `interest_F[f]`. The pairs are distinct and sorted. `counts`
    describes the rows."""

    user_F: Ints
    interest_F: Ints
    num_interests: int
    counts: InterestStatistics | None = None


@dataclass(frozen=True)
class SideInformation:
    """Knowledge and interests. None means that the source has none."""

    knowledge: ItemKnowledge | None = None
    interests: UserInterests | None = None

    @property
    def meta(self) -> Json:
        """The counts of both, for the meta of the artifact."""
        parts = {"knowledge": self.knowledge, "interests": self.interests}
        return {name: record_to_dict(part.counts) for name, part in parts.items() if part and part.counts}


@dataclass(frozen=True)
class KnownIds:
    """Ids of users or items: the remaining ones in order, and all ids of the source."""

    remaining: pl.Series
    source: pl.Series

    @property
    def filtered_out(self) -> pl.Series:
        """Ids that a filter removed."""
        return self.source.filter(~self.source.is_in(self.remaining.implode()))


def build_knowledge(triples: pl.DataFrame, items: KnownIds, *, num_rows: int) -> ItemKnowledge:
    """Build the graph of triples (columns head and tail). Directions, relations and duplicates are dropped.

    An id of an item is that item; any other id is an entity. Triples of filtered items are dropped, and so
    are entities that no path connects with an item. Raises `DataError` if no pair remains.
    """
    removed = items.filtered_out.implode()
    kept = triples.filter(~pl.col("head").is_in(removed) & ~pl.col("tail").is_in(removed))
    ids = pl.concat([kept["head"], kept["tail"]]).unique()
    entities = ids.filter(~ids.is_in(items.remaining.implode())).sort()
    nodes = pl.DataFrame({"id": pl.concat([items.remaining, entities])}).with_row_index("number")
    head_E, tail_E = (_numbers(kept[name], nodes) for name in ("head", "tail"))
    head_E, tail_E = _pairs(np.minimum(head_E, tail_E), np.maximum(head_E, tail_E), len(nodes))
    head_E, tail_E = head_E[head_E < tail_E], tail_E[head_E < tail_E]

    num_items, num_pairs = len(items.remaining), len(head_E)
    reached = _reached(head_E, tail_E, num_items, len(nodes))
    head_E, tail_E = head_E[reached[head_E]], tail_E[reached[head_E]]
    reached[:num_items] = True  # every item keeps its number, also without knowledge
    renumbered = np.cumsum(reached) - 1
    if not len(head_E):
        raise DataError(
            f"knowledge: none of its {len(ids):,} ids is an item of the data",
            hint="use the same item ids in the triples as in the interactions",
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


def build_interests(rows: pl.DataFrame, users: KnownIds, *, num_rows: int) -> UserInterests:
    """Number interests (columns user and interest) in the order of their ids. Rows of other users are
    dropped.

    Raises `DataError` if no row remains.
    """
    kept = rows.filter(pl.col("user").is_in(users.remaining.implode()))
    if kept.is_empty():
        raise DataError(
            f"interests: none of their {rows['user'].n_unique():,} users is in the data",
            hint="use the same user ids in the file as in the interactions",
        )
    interests = kept.select(pl.col("interest").unique().sort().alias("id")).with_row_index("number")
    user_F = _numbers(kept["user"], pl.DataFrame({"id": users.remaining}).with_row_index("number"))
    user_F, interest_F = _pairs(user_F, _numbers(kept["interest"], interests), len(interests))
    num_removed = int(rows["user"].is_in(users.filtered_out.implode()).sum())
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
    """Return the number of each id."""
    ids = pl.DataFrame({"id": values}).join(numbered, on="id", how="left", maintain_order="left")
    return ids["number"].to_numpy().astype(np.int64)


def _pairs(left_E: Ints, right_E: Ints, num_right: int) -> tuple[Ints, Ints]:
    """Return the distinct pairs, sorted."""
    key_E = np.unique(left_E * num_right + right_E)
    return key_E // num_right, key_E % num_right


def _reached(head_E: Ints, tail_E: Ints, num_items: int, num_nodes: int) -> np.ndarray:
    """Return True for the nodes [T] that are connected with an item."""
    edges = coo_matrix((np.ones(len(head_E), np.int8), (head_E, tail_E)), shape=(num_nodes, num_nodes))
    _, component_T = connected_components(edges, directed=False)
    with_item = np.zeros(num_nodes, np.bool_)
    with_item[component_T[:num_items]] = True
    return with_item[component_T]
