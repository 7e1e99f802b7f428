"""Metrics by train degree of users and of items.

The groups are those of `lghrec_compute.degree_groups`. Users (items) without a train interaction are the
group "cold".

Shapes: I items, K longest cutoff, N users or items, U evaluated users.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lghrec_compute.degree_groups import COLD, NUM_GROUPS, degree_groups
from lghrec_compute.evaluation.evaluate import Evaluation, Evaluator
from lghrec_compute.evaluation.metrics import means, user_metrics
from lghrec_compute.types import Bools, Ints


@dataclass(frozen=True)
class Group:
    """A group of `num_members` users or items. `degrees` are their lowest and highest train degree.

    `means` are means over `num_users` evaluated users. For a group of users, these are the users of the
    group. For a group of items, these are the users with a held-out item in the group.
    """

    name: str
    degrees: tuple[int, int]
    num_members: int
    num_users: int
    means: dict[str, float]


def user_groups(evaluation: Evaluation, degree_N: Ints) -> list[Group]:
    """Return the groups of users by `degree_N`, the train degree of all users: "group_0" to "group_4",
    "cold"."""
    return [
        _group(name, degree_N[members_N], evaluation, chosen_U=members_N[evaluation.users_U])
        for name, members_N in _members("", degree_N)
    ]


def item_groups(evaluator: Evaluator, evaluation: Evaluation, degree_I: Ints) -> list[Group]:
    """Return the groups of items, "item_group_0" to "item_group_4" and "item_cold", with ranking metrics
    only.

    The lists are unchanged, but only items of the group count as held out. Recall is then the share of a
    user's held-out items of the group that are found, averaged over the users who have one.
    """
    groups: list[Group] = []
    held = evaluator.held
    for name, members_I in _members("item_", degree_I):
        sizes_U = np.bincount(held.rows_E[members_I[held.items_E]], minlength=evaluation.num_users)
        hits_UK = evaluation.hits_UK & members_I[evaluation.ranked.items_UK]  # -1 is never a hit
        chosen_U = sizes_U > 0
        per_user = user_metrics(hits_UK[chosen_U], sizes_U[chosen_U], evaluator.cutoffs, evaluator.metrics)
        degrees = degree_I[members_I]
        groups.append(_record(name, degrees, int(chosen_U.sum()), means(per_user)))
    return groups


def flat_means(groups: Sequence[Group]) -> dict[str, float]:
    """Return all means by name, for example "group_0/recall@20"."""
    return {f"{group.name}/{name}": value for group in groups for name, value in group.means.items()}


def group_variance(groups: Sequence[Group]) -> dict[str, float]:
    """Return the population variance of the means over the groups with users, without the cold groups."""
    used = [group for group in groups if group.num_users and not group.name.endswith("cold")]
    names = used[0].means if used else {}
    return {name: float(np.var([group.means[name] for group in used])) for name in names}


def _members(prefix: str, degree_N: Ints) -> Iterator[tuple[str, Bools]]:
    group_N = degree_groups(degree_N)
    for number in range(NUM_GROUPS):
        yield f"{prefix}group_{number}", group_N == number
    yield f"{prefix}cold", group_N == COLD


def _group(name: str, degrees: Ints, evaluation: Evaluation, *, chosen_U: Bools) -> Group:
    per_user = {metric: values_U[chosen_U] for metric, values_U in evaluation.per_user.items()}
    return _record(name, degrees, int(chosen_U.sum()), means(per_user))


def _record(name: str, degrees: Ints, num_users: int, group_means: dict[str, float]) -> Group:
    span = (int(degrees.min()), int(degrees.max())) if len(degrees) else (0, 0)
    return Group(name, span, len(degrees), num_users, group_means)
