"""Names of the metrics with their meanings. A name states its variant; the number after @ is the cutoff K.

In the meanings, T are the held-out items of a user, and a hit is a held-out item in the list. The functions
that compute the metrics are in `evaluation/`.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

MEANINGS_OF_RANKING = {
    "recall": "hits / |T|",
    "recall_min": "hits / min(K, |T|)",
    "precision": "hits / K",
    "hit_rate": "1 if the list has a hit, else 0",
    "ndcg": "DCG / ideal DCG of min(K, |T|) hits, with DCG the sum over hits of 1 / log2(rank + 1)",
    "ndcg_fullk": "DCG / ideal DCG of K hits",
    "ndcg_hits": "DCG / ideal DCG of the number of hits in the list",
    "map_min": "sum over hits of the precision at their rank / min(K, |T|)",
    "map_full": "sum over hits of the precision at their rank / |T|",
    "mrr_first": "1 / rank of the first hit, or 0 without a hit",
    "mrr_sum": "sum over hits of 1 / rank",
}
"""Metrics of the ranking, which compare the list of a user with T."""
MEANINGS_OF_LISTS = {
    "novelty": "mean over the listed items of log2(users / train interactions, at least 1), in bits",
    "average_popularity": "mean over the listed items of their train interactions",
    "tail_share": "share of listed items outside the fifth of all items with the most train interactions",
}
"""Metrics of the items in the list of a user, whether they are hits or not."""
MEANINGS_OF_ALL_LISTS = {
    "coverage": "share of all items that are in at least one list",
    "gini": "Gini coefficient of the number of lists that contain each item: 0 if it is equal for all items",
}
"""Metrics of the lists of all users together, which have no value of a single user."""

RANKING_METRICS = tuple(MEANINGS_OF_RANKING)
LIST_METRICS = tuple(MEANINGS_OF_LISTS)
WHOLE_METRICS = tuple(MEANINGS_OF_ALL_LISTS)
USER_METRICS = RANKING_METRICS + LIST_METRICS
"""Metrics that have a value for each user."""
METRICS = USER_METRICS + WHOLE_METRICS

_NAME = re.compile(r"^([a-z_]+)@([1-9][0-9]{0,3})$")
_OTHER_NAMES = {
    "hit": "hit_rate",
    "hr": "hit_rate",
    "map": "map_min, divided by min(K,|T|), or map_full, divided by |T|",
    "mrr": "mrr_first",
    "popularity": "average_popularity",
    "tail": "tail_share",
}


def parse_metric(name: str, among: tuple[str, ...] = METRICS) -> tuple[str, int]:
    """Split "ndcg@20" into ("ndcg", 20). Raises `ValueError` if the name is not one of `among`."""
    match = _NAME.match(name)
    if match is None or match[1] not in among:
        raise ValueError(
            f"no metric, got {name!r}, expected <name>@<cutoff> with one of {', '.join(among)}"
            + _suggestion(name.partition("@")[0])
        )
    return match[1], int(match[2])


def check_metric(name: str) -> str:
    """Return `name` if it is one of `RANKING_METRICS` with a cutoff. Otherwise raises the violation."""
    return _checked(name, RANKING_METRICS)


def check_user_metric(name: str) -> str:
    """Return `name` if it is one of `USER_METRICS` with a cutoff. Otherwise raises the violation."""
    return _checked(name, USER_METRICS)


def check_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the distinct names, without cutoffs, in the order of `METRICS`. Raises the violation for
    others."""
    for name in names:
        if name not in METRICS:
            text = f"no metric, got {name!r}, expected one of {', '.join(METRICS)}{_suggestion(name)}"
            if "@" in name:
                text += "; give the lengths of the lists in cutoffs"
            raise PydanticCustomError("metric", "{reason}", {"reason": text})
    return tuple(name for name in METRICS if name in names)


def _checked(name: str, among: tuple[str, ...]) -> str:
    try:
        parse_metric(name, among)
    except ValueError as error:
        raise PydanticCustomError("metric", "{reason}", {"reason": str(error)}) from None
    return name


def _suggestion(name: str) -> str:
    return f"; {name} is called {_OTHER_NAMES[name]}" if name in _OTHER_NAMES else ""


def _at_cutoff(among: tuple[str, ...]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^({'|'.join(among)})@[1-9][0-9]{{0,3}}$"})


_MEANINGS = MEANINGS_OF_RANKING | MEANINGS_OF_LISTS | MEANINGS_OF_ALL_LISTS
MetricName = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "enum": list(METRICS), "title": "MetricName", "valueMeanings": _MEANINGS}
    ),
]
"""Names of metrics without a cutoff. In their meanings, K is the cutoff, T are the held-out items of a user,
and a hit is a held-out item in the list."""
RankingMetric = Annotated[str, AfterValidator(check_metric), _at_cutoff(RANKING_METRICS)]
"""A metric of rankings with its cutoff, for example "ndcg@20"."""
UserMetric = Annotated[str, AfterValidator(check_user_metric), _at_cutoff(USER_METRICS)]
"""A metric that has a value for each user, with its cutoff."""
