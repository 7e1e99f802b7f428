"""Names of metrics; each name states its variant, the number after @ is the cutoff K.

Of what is found, with T the held-out items of a user (`RANKING_METRICS`). recall: hits/|T|; recall_min:
hits/min(K,|T|); precision: hits/K; hit_rate: is there a hit; ndcg: ideal of min(K,|T|) hits; ndcg_fullk:
ideal of K hits; ndcg_hits: ideal of the hits found; map_min: sum of precisions at hits/min(K,|T|); map_full:
the same/|T|; mrr_first: 1/rank of the first hit; mrr_sum: sum of 1/rank over all hits.

Of what is listed, hit or not (`LIST_METRICS`), as means over the items of a user's list. novelty: bits of
self-information, log2(users/train interactions of the item, at least 1); average_popularity: train
interactions; tail_share: is the item outside the fifth of all items with the most train interactions.

Of all lists together (`WHOLE_METRICS`), hence without a value of each user. coverage: share of all items that
are in a list; gini: how unequally places in lists are dealt to all items, 0 for equally.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

RANKING_METRICS = (
    "recall",
    "recall_min",
    "precision",
    "hit_rate",
    "ndcg",
    "ndcg_fullk",
    "ndcg_hits",
    "map_min",
    "map_full",
    "mrr_first",
    "mrr_sum",
)
LIST_METRICS = ("novelty", "average_popularity", "tail_share")
WHOLE_METRICS = ("coverage", "gini")
USER_METRICS = RANKING_METRICS + LIST_METRICS
"""Metrics with a value of each user."""
METRICS = USER_METRICS + WHOLE_METRICS

_NAME = re.compile(r"^([a-z_]+)@([1-9][0-9]{0,3})$")
_MEANT = {
    "hit": "hit_rate",
    "hr": "hit_rate",
    "map": "map_min, divided by min(K,|T|), or map_full, divided by |T|",
    "mrr": "mrr_first",
    "popularity": "average_popularity",
    "tail": "tail_share",
}


def parse_metric(name: str, among: tuple[str, ...] = METRICS) -> tuple[str, int]:
    """Splits "ndcg@20" into ("ndcg", 20). Raises `ValueError` for a name that is none of `among`."""
    match = _NAME.match(name)
    if match is None or match[1] not in among:
        raise ValueError(
            f"no metric, got {name!r}, expected <name>@<cutoff> with one of {', '.join(among)}"
            + _meant(name.partition("@")[0])
        )
    return match[1], int(match[2])


def check_metric(name: str) -> str:
    """Returns `name` if it is one of `RANKING_METRICS` at a cutoff, else raises the violation."""
    return _checked(name, RANKING_METRICS)


def check_user_metric(name: str) -> str:
    """Returns `name` if it is one of `USER_METRICS` at a cutoff, else raises the violation."""
    return _checked(name, USER_METRICS)


def check_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names without a cutoff, each once, in the order of `METRICS`; raises the violation for another one."""
    for name in names:
        if name not in METRICS:
            text = f"no metric, got {name!r}, expected one of {', '.join(METRICS)}{_meant(name)}"
            if "@" in name:
                text += "; the lengths of the lists are in cutoffs"
            raise PydanticCustomError("metric", "{reason}", {"reason": text})
    return tuple(name for name in METRICS if name in names)


def _checked(name: str, among: tuple[str, ...]) -> str:
    try:
        parse_metric(name, among)
    except ValueError as error:
        raise PydanticCustomError("metric", "{reason}", {"reason": str(error)}) from None
    return name


def _meant(name: str) -> str:
    return f"; {name} is called {_MEANT[name]}" if name in _MEANT else ""


def _at_cutoff(among: tuple[str, ...]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({'|'.join(among)})@[1-9][0-9]{{0,3}}$"})


MetricName = Annotated[str, WithJsonSchema({"type": "string", "enum": list(METRICS), "title": "MetricName"})]
"""Names of metrics without a cutoff."""
RankingMetric = Annotated[str, AfterValidator(check_metric), _at_cutoff(RANKING_METRICS)]
"""A metric of rankings with its cutoff, for example "ndcg@20"."""
UserMetric = Annotated[str, AfterValidator(check_user_metric), _at_cutoff(USER_METRICS)]
"""A metric that has a value for each user, with its cutoff."""
