"""How good a ranking is: exact top-K lists, metrics of each user, groups of users and items.

Takes arrays and knows neither data sets on disk nor models. Definitions that the whole room keeps: items a
user has seen are never candidates; users without a held-out item are left out and counted; equal scores are
ordered by the lower item id; scores are fp32, metrics fp64.
"""

from lghrec_compute.evaluation.catalogue import Catalogue
from lghrec_compute.evaluation.evaluate import Evaluation, Evaluator, evaluate_embeddings
from lghrec_compute.evaluation.groups import (
    Group,
    flat_means,
    group_variance,
    item_groups,
    user_groups,
)
from lghrec_compute.evaluation.pairs import Lists, PairArrays, Pairs
from lghrec_compute.evaluation.rank import Ranked, rank

__all__ = [
    "Catalogue",
    "Evaluation",
    "Evaluator",
    "Group",
    "Lists",
    "PairArrays",
    "Pairs",
    "Ranked",
    "evaluate_embeddings",
    "flat_means",
    "group_variance",
    "item_groups",
    "rank",
    "user_groups",
]
