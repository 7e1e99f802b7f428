from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lghrec_compute.graph.product import csr_product, product


def csr(dense: np.ndarray, dtype: torch.dtype, index: torch.dtype) -> tuple[torch.Tensor, ...]:
    rows, columns = np.nonzero(dense)
    offset = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(dense)))])
    values = torch.from_numpy(dense[rows, columns]).to(dtype)
    return torch.from_numpy(offset).to(index), torch.from_numpy(columns).to(index), values


@given(
    rows=st.integers(1, 6),
    columns=st.integers(1, 6),
    width=st.integers(1, 5),
    density=st.floats(0, 1),
    dtype=st.sampled_from([torch.float32, torch.float64]),
    index=st.sampled_from([torch.int32, torch.int64]),
    seed=st.integers(0, 2**16),
)
def test_a_sparse_product_is_that_of_the_dense_matrices(rows, columns, width, density, dtype, index, seed):
    random = np.random.default_rng(seed)
    dense = random.normal(size=(rows, columns)) * (random.random((rows, columns)) < density)
    table = random.normal(size=(columns, width))
    result = csr_product(*csr(dense, dtype, index), torch.from_numpy(table).to(dtype))
    assert result.dtype == dtype
    np.testing.assert_allclose(result.numpy(), dense @ table, rtol=2e-5, atol=2e-6)


def test_rows_without_entries_are_zero_and_the_table_may_be_a_view():
    dense = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    offset, column, value = csr(dense, torch.float32, torch.int32)
    matrix = torch.sparse_csr_tensor(offset, column, value, size=(3, 3), check_invariants=True)
    table = torch.arange(12.0).reshape(3, 4)[:, ::2]  # rows 0 2, 4 6, 8 10
    assert product(matrix, table).tolist() == [[0.0, 0.0], [24.0, 34.0], [0.0, 0.0]]


@pytest.mark.parametrize("width", [64, 100])
def test_bits_do_not_depend_on_the_number_of_threads(width):
    random = np.random.default_rng(0)
    dense = random.normal(size=(600, 600)) * (random.random((600, 600)) < 0.1)
    parts, table = csr(dense, torch.float32, torch.int32), torch.randn(600, width)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = csr_product(*parts, table)
        torch.set_num_threads(2)
        assert torch.equal(csr_product(*parts, table), alone)
    finally:
        torch.set_num_threads(threads)
