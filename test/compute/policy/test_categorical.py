from __future__ import annotations

import math

import pytest
import torch

from lghrec_compute.policy.categorical import categorical


def example(rows=3, candidates=7):
    random = torch.Generator().manual_seed(0)
    logit = torch.randn(rows, candidates, generator=random, dtype=torch.float64)
    reward = torch.randn(rows, candidates, generator=random, dtype=torch.float64)
    forbidden = torch.rand(rows, candidates, generator=random) < 0.3
    index = torch.stack([torch.randperm(candidates, generator=random)[:4] for _ in range(rows)])
    return logit, reward, forbidden, index


@pytest.mark.parametrize("all_allowed", [True, False])
def test_categorical_equals_its_twin(all_allowed):
    logit, reward, forbidden, index = example()
    mask = None if all_allowed else forbidden
    found = categorical(logit, mask, reward_RN=reward, index_RM=index)
    for row in range(len(logit)):
        allowed = [n for n in range(7) if all_allowed or not forbidden[row, n]]
        total = sum(math.exp(logit[row, n]) for n in allowed)
        chance = {n: math.exp(logit[row, n]) / total for n in allowed}
        assert found.entropy_R[row].item() == pytest.approx(-sum(p * math.log(p) for p in chance.values()))
        assert found.expected_R[row].item() == pytest.approx(
            sum(p * reward[row, n].item() for n, p in chance.items())
        )
        for place, n in enumerate(index[row].tolist()):
            if n in chance:
                assert found.chosen_RM[row, place].item() == pytest.approx(math.log(chance[n]))
            else:
                assert found.chosen_RM[row, place].item() < -1e8


@pytest.mark.parametrize("all_allowed", [True, False])
def test_gradient_equals_finite_differences(all_allowed):
    logit, reward, forbidden, index = example()
    mask = None if all_allowed else forbidden
    open_ = torch.ones_like(index).double() if all_allowed else (~forbidden.gather(1, index)).double()

    def outputs(logit):
        found = categorical(logit, mask, reward_RN=reward, index_RM=index)
        return found.chosen_RM * open_, found.entropy_R, found.expected_R

    assert torch.autograd.gradcheck(outputs, (logit.requires_grad_(),))


def test_a_row_without_allowed_candidates_stays_finite():
    logit = torch.randn(1, 5, requires_grad=True)
    found = categorical(
        logit, torch.ones(1, 5, dtype=torch.bool), reward_RN=torch.ones(1, 5), index_RM=torch.tensor([[0, 1]])
    )
    (found.entropy_R + found.expected_R).sum().backward()
    assert logit.grad is not None
    assert logit.grad.isfinite().all()
