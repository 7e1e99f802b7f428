from __future__ import annotations

import numpy as np
import pytest
import torch

from lghrec_compute.degree_groups import COLD, degree_groups
from lghrec_compute.policy.groups import cell_mean, degree_group


def test_groups_are_those_of_evaluation_with_cold_nodes_in_the_lowest():
    degree = np.random.default_rng(0).integers(0, 30, 200)
    ours = degree_group(torch.from_numpy(degree), num_users=80, num_groups=5)
    for part, first in ((slice(0, 80), 0), (slice(80, 200), 5)):
        theirs = degree_groups(degree[part])
        assert (ours[part].numpy() - first == np.where(theirs == COLD, 0, theirs)).all()


def test_users_and_items_are_cut_apart():
    # users 1 2 3 4, items 10 20 30 40: two halves of each
    degree = torch.tensor([1, 2, 3, 4, 10, 20, 30, 40])
    assert degree_group(degree, num_users=4, num_groups=2).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_one_group_holds_all():
    assert degree_group(torch.tensor([1, 5, 9, 2]), num_users=2, num_groups=1).tolist() == [0, 0, 1, 1]


def test_mean_of_a_cell_is_weighted_and_of_an_empty_one_zero():
    value, cell = torch.tensor([1.0, 3.0, 5.0, 7.0]), torch.tensor([0, 0, 2, 2])
    mean, weight = cell_mean(value, cell, 3, torch.tensor([1.0, 1.0, 1.0, 0.0]))
    assert mean.tolist() == pytest.approx([2.0, 0.0, 5.0])
    assert weight.tolist() == [2.0, 0.0, 1.0]
