"""`pooled_logsumexp` compared with autograd over the whole table, and further properties."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from lghrec_compute.objectives import pooled
from lghrec_compute.objectives.pooled import TermWeights, pooled_logsumexp

B, Q, N, D = 5, 9, 7, 3
OWNER_Q = torch.tensor([0, 0, 1, 2, 2, 2, 3, 4, 1])
KINDS = list(
    itertools.product(["exp", "exp_square"], [False, True], [None, "whole", "row", "column"], [False, True])
)


@pytest.fixture(
    params=[(1, 0), (15, 0), (1 << 20, 0), (15, 1 << 20)],
    ids=["one-row", "two-rows", "whole", "two-rows-kept"],
)
def tile(request, monkeypatch):
    """Set the number of similarities per tile, and of a table that is stored for the backward pass."""
    size, kept = request.param
    monkeypatch.setattr(pooled, "_TILE", {"cpu": size})
    monkeypatch.setattr(pooled, "_KEPT", {"cpu": kept})


def inputs(masked, weighted, owned, *, scale=1.0, dtype=torch.float64):
    random = torch.Generator().manual_seed(3)
    num_rows = Q if owned else B

    def normal(*shape):
        return (torch.randn(*shape, generator=random, dtype=torch.float64) * scale).to(dtype)

    row_QD, key_ND = normal(num_rows, D).requires_grad_(), normal(N, D).requires_grad_()
    inverse_Q = 1 + torch.rand(num_rows, generator=random, dtype=torch.float64).to(dtype)
    shape = {None: None, "whole": (B, N), "row": (1, N), "column": (B, 1)}[weighted]
    terms = TermWeights(
        (torch.rand(B, N, generator=random) < 0.6) if masked else None,
        None if shape is None else torch.randn(shape, generator=random, dtype=torch.float64).to(dtype),
        OWNER_Q if owned else None,
    )
    return row_QD, key_ND, inverse_Q, terms


def plain(row_QD, key_ND, inverse_Q, kernel, terms):
    """Compute the whole table at once, with the gradient of autograd."""
    similarity = row_QD @ key_ND.T
    share = torch.exp(similarity * inverse_Q[:, None])
    if kernel == "exp_square":
        share = share + torch.exp(similarity**2 * inverse_Q[:, None])
    owner = terms.anchor_Q if terms.anchor_Q is not None else torch.arange(B)
    if terms.log_weight_BN is not None:
        share = share * torch.exp(terms.log_weight_BN).expand(B, N)[owner]
    if terms.allowed_BN is not None:
        share = share * terms.allowed_BN[owner]
    return torch.log(share.sum(1))


@pytest.mark.parametrize(("kernel", "masked", "weighted", "owned"), KINDS)
@pytest.mark.usefixtures("tile")
def test_value_and_gradient_equal_plain_autograd(kernel, masked, weighted, owned):
    row_QD, key_ND, inverse_Q, terms = inputs(masked, weighted, owned)
    upstream_Q = torch.linspace(-1, 2, len(row_QD), dtype=torch.float64)
    results = []
    for value_Q in (
        pooled_logsumexp(row_QD, key_ND, inverse_Q, kernel=kernel, terms=terms),
        plain(row_QD, key_ND, inverse_Q, kernel, terms),
    ):
        gradients = torch.autograd.grad((value_Q * upstream_Q).sum(), (row_QD, key_ND))
        results.append((value_Q, *gradients))
    for got, expected in zip(*results, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kernel", ["exp", "exp_square"])
@pytest.mark.usefixtures("tile")
def test_a_row_without_a_term_is_minus_infinity_and_has_no_gradient(kernel):
    row_QD, key_ND, inverse_Q, _ = inputs(masked=False, weighted=None, owned=False)
    allowed_BN = torch.ones(B, N, dtype=torch.bool)
    allowed_BN[2] = False
    value_Q = pooled_logsumexp(row_QD, key_ND, inverse_Q, kernel=kernel, terms=TermWeights(allowed_BN))
    assert value_Q[2].item() == -math.inf
    assert torch.isfinite(value_Q[[0, 1, 3, 4]]).all()
    value_Q.backward(torch.ones(B, dtype=torch.float64))
    assert row_QD.grad[2].abs().sum() == 0
    assert torch.isfinite(row_QD.grad).all()
    assert torch.isfinite(key_ND.grad).all()


@pytest.mark.usefixtures("tile")
def test_a_key_that_no_row_allows_gets_no_gradient():
    row_QD, key_ND, inverse_Q, _ = inputs(masked=False, weighted=None, owned=False)
    allowed_BN = torch.ones(B, N, dtype=torch.bool)
    allowed_BN[:, 4] = False
    pooled_logsumexp(row_QD, key_ND, inverse_Q, kernel="exp", terms=TermWeights(allowed_BN)).sum().backward()
    assert key_ND.grad[4].abs().sum() == 0
    assert (key_ND.grad[[0, 1, 2, 3, 5, 6]].abs().sum(1) > 0).all()


@pytest.mark.parametrize("kernel", ["exp", "exp_square"])
@pytest.mark.usefixtures("tile")
def test_exponents_of_thousands_stay_finite_in_single_precision(kernel):
    # e^89 is more than float32 holds; these reach +-10^4
    row_QD, key_ND, inverse_Q, terms = inputs(
        masked=True, weighted=None, owned=False, scale=50, dtype=torch.float32
    )
    assert (row_QD @ key_ND.T).abs().max() > 1000
    value_Q = pooled_logsumexp(row_QD, key_ND, inverse_Q, kernel=kernel, terms=terms)
    value_Q.sum().backward()
    for tensor in (value_Q, row_QD.grad, key_ND.grad):
        assert torch.isfinite(tensor).all()


def test_order_of_keys_does_not_matter():
    row_QD, key_ND, inverse_Q, terms = inputs(masked=True, weighted="row", owned=False)
    order_N = torch.tensor([3, 1, 6, 0, 2, 5, 4])
    turned = TermWeights(terms.allowed_BN[:, order_N], terms.log_weight_BN[:, order_N])
    left_Q = pooled_logsumexp(row_QD, key_ND, inverse_Q, kernel="exp", terms=terms)
    right_Q = pooled_logsumexp(row_QD, key_ND[order_N], inverse_Q, kernel="exp", terms=turned)
    torch.testing.assert_close(left_Q, right_Q, rtol=1e-13, atol=0)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("weighted", [None, "whole", "row", "column"])
def test_known_products_change_neither_result_nor_gradient(masked, weighted):
    row_QD, key_ND, inverse_Q, terms = inputs(masked, weighted, owned=False)
    found = []
    for known in (None, (row_QD @ key_ND.T).detach()):
        result_Q = pooled_logsumexp(row_QD, key_ND, inverse_Q, kernel="exp", terms=terms, similarity_QN=known)
        scale_Q = torch.arange(1.0, B + 1, dtype=torch.float64)
        found.append((result_Q, *torch.autograd.grad((result_Q * scale_Q).sum(), (row_QD, key_ND))))
    for expected, other in zip(*found, strict=True):
        torch.testing.assert_close(other, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("broken", ["row", "key"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_known_products_do_not_hide_a_vector_that_is_not_finite(broken, value):
    row_QD, key_ND, inverse_Q, terms = inputs(masked=False, weighted=None, owned=False)
    known = (row_QD @ key_ND.T).detach()
    with torch.no_grad():
        (row_QD if broken == "row" else key_ND)[0, 0] = value
    result_Q = pooled_logsumexp(row_QD, key_ND, inverse_Q, kernel="exp", terms=terms, similarity_QN=known)
    assert result_Q[0].isnan()


@pytest.mark.parametrize(("limit", "table"), [(59_999, 0), (60_000, 300 * 200)])
def test_only_a_small_table_is_kept_for_the_backward_pass(limit, table, monkeypatch):
    monkeypatch.setattr(pooled, "_KEPT", {"cpu": limit})
    random = torch.Generator().manual_seed(0)
    row_QD = torch.randn(300, 4, generator=random).requires_grad_()
    key_ND = torch.randn(200, 4, generator=random).requires_grad_()
    kept = []

    def remember(tensor):
        kept.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(remember, lambda tensor: tensor):
        pooled_logsumexp(row_QD, key_ND, torch.ones(300), kernel="exp", terms=TermWeights())
    # rows, keys, temperatures, results
    assert sum(kept) == 300 * 4 + 200 * 4 + 300 + 300 + table


def test_row_whose_weights_are_all_zero_is_minus_infinity_and_moves_nothing():
    row_QD, key_ND = torch.ones(2, 3, requires_grad=True), torch.ones(4, 3, requires_grad=True)
    weight_BN = torch.zeros(2, 4)
    weight_BN[0] = -torch.inf
    terms = TermWeights(log_weight_BN=weight_BN)
    result_Q = pooled_logsumexp(row_QD, key_ND, torch.ones(2), kernel="exp", terms=terms)
    assert result_Q[0] == -torch.inf
    result_Q[1].backward()
    assert row_QD.grad is not None
    assert key_ND.grad is not None
    assert row_QD.grad[0].tolist() == [0.0, 0.0, 0.0]
    torch.testing.assert_close(key_ND.grad, torch.full((4, 3), 0.25))
