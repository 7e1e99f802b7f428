from __future__ import annotations

import pytest
import torch

from lghrec_compute.objectives import Contrast, Form, Pool, Positives
from lghrec_compute.policy import Native, PolicyInput, Selection, build_policy
from lghrec_compute.spec.policy import NativePolicy

KNOWN = PolicyInput(torch.ones(3, dtype=torch.int64), 2, 3, 0, torch.device("cpu"))


def test_native_selects_all_candidates_at_the_temperature_of_the_backbone():
    ones = torch.ones(2, 3)
    task = Contrast(
        ones,
        torch.arange(2),
        Pool(ones, torch.arange(2)),
        Positives(torch.arange(2), torch.arange(2)),
        Form(0.2),
        1.0,
    )
    policy = build_policy(NativePolicy(), KNOWN)
    assert isinstance(policy, Native)
    assert policy.act(task) == Selection(negative_BN=None, temperature_B=None)
    assert policy.learn([Selection()]) == {}


def test_native_has_no_state_and_rejects_any_other():
    Native().load_state_dict(Native().state_dict())
    with pytest.raises(AssertionError):
        Native().load_state_dict({"weight": torch.ones(1)})
