"""Names of ranking metrics; each name states its variant, the number after @ is the cutoff."""

from __future__ import annotations

import re

from pydantic_core import PydanticCustomError

METRICS = (
    "recall",
    "recall_min",
    "precision",
    "hit",
    "ndcg",
    "ndcg_fullk",
    "ndcg_hits",
    "map",
    "map_min",
    "mrr_first",
    "mrr_sum",
)
"""recall: hits/|T|; recall_min: hits/min(K,|T|); ndcg: ideal of min(K,|T|) hits; ndcg_fullk: ideal of K hits;
ndcg_hits: ideal of the hits found; map: sum of precisions at hits/|T|; map_min: the same/min(K,|T|);
mrr_first: 1/rank of the first hit; mrr_sum: sum of 1/rank over all hits."""

_NAME = re.compile(r"^([a-z_]+)@([1-9][0-9]{0,3})$")


def parse_metric(name: str) -> tuple[str, int]:
    """Splits "ndcg@20" into ("ndcg", 20). Raises `ValueError` for a name that is none."""
    match = _NAME.match(name)
    if match is None or match[1] not in METRICS:
        raise ValueError(
            f"no metric, got {name!r}, expected <name>@<cutoff> with one of {', '.join(METRICS)}"
        )
    return match[1], int(match[2])


def check_metric(name: str) -> str:
    """Returns `name` if it is a metric, else raises the violation."""
    try:
        parse_metric(name)
    except ValueError as error:
        raise PydanticCustomError("metric", "{reason}", {"reason": str(error)}) from None
    return name
