"""Small tasks, a small graph, and policies built from specs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from lghrec_compute.objectives import Contrast, Form, Pool, Positives
from lghrec_compute.policy import Hgpo, PolicyInput, build_policy
from lghrec_compute.spec.base import parse
from lghrec_compute.spec.policy import HgpoPolicy


@pytest.fixture
def make_task() -> Callable[..., Contrast]:
    def make(num_anchors=12, num_candidates=30, *, dim=4, seed=0, share_excluded=0.1, temperature=0.2):
        random = torch.Generator().manual_seed(seed)
        anchor_BD = torch.randn(num_anchors, dim, generator=random)
        candidate_ND = torch.randn(num_candidates, dim, generator=random)
        positive_BD = anchor_BD + 0.5 * torch.randn(num_anchors, dim, generator=random)
        excluded_BN = torch.rand(num_anchors, num_candidates, generator=random) < share_excluded
        return Contrast(
            anchor_BD,
            torch.arange(num_anchors),
            Pool(candidate_ND, torch.arange(num_candidates), excluded_BN=excluded_BN),
            Positives(torch.arange(num_anchors), vector_PD=positive_BD),
            Form(temperature),
            1.0,
        )

    return make


@pytest.fixture
def make_spec() -> Callable[..., HgpoPolicy]:
    def make(**changes: Any) -> HgpoPolicy:
        return parse(HgpoPolicy, changes)

    return make


@pytest.fixture
def make_known() -> Callable[..., PolicyInput]:
    def make(num_users=20, num_items=30, *, dim=4, seed=0):
        random = torch.Generator().manual_seed(seed)
        degree_V = torch.randint(1, 40, (num_users + num_items,), generator=random).float()
        return PolicyInput(degree_V, num_users, dim, seed, torch.device("cpu"))

    return make


@pytest.fixture
def make_hgpo(make_known) -> Callable[..., Hgpo]:
    def make(known: PolicyInput | None = None, **changes: Any) -> Hgpo:
        policy = build_policy(parse(HgpoPolicy, changes), known or make_known())
        assert isinstance(policy, Hgpo)
        return policy

    return make
