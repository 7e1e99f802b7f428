"""Evaluation of rankings: exact top-K lists, metrics of each user, and groups of users and items.

The functions use arrays only, and do not depend on stored data sets or models. Four definitions apply in all
modules. Items that a user has seen are no candidates. Users without a held-out item are left out and counted.
Items with equal scores are ordered by ascending id. Scores are fp32, and metrics are fp64.
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
