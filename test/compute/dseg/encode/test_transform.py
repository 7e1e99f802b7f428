from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lghrec_compute.dseg.encode.spread import spread, spread_report
from lghrec_compute.dseg.encode.transform import METHODS, Transform, fit_transform, transform_vectors
from lghrec_compute.errors import ConfigError, DataError


def cone(num: int = 600, dim: int = 24, seed: int = 0) -> np.ndarray:
    """Unit vectors with nearly the same direction, and a very different spread in each direction."""
    rng = np.random.default_rng(seed)
    rows = (
        rng.normal(size=(num, dim))
        * np.geomspace(1, 0.02, dim)
        @ np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    )
    rows += 3 * rng.normal(size=dim)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


VECTORS = cone()
MASK = np.arange(600) % 7 != 0
FIT = MASK & (np.arange(600) % 3 != 0)


def masked(vectors_IC: np.ndarray) -> np.ndarray:
    return vectors_IC * MASK[:, None]


@pytest.mark.parametrize("method", METHODS)
def test_rows_without_text_stay_zero_and_others_have_norm_one(method: str) -> None:
    out = fit_transform(method, masked(VECTORS), FIT).apply(masked(VECTORS), MASK)
    assert not out[~MASK].any()
    assert np.allclose(np.linalg.norm(out[MASK], axis=1), 1, atol=1e-6)


def test_centring_subtracts_the_mean_of_the_fitted_rows() -> None:
    transform = fit_transform("center", VECTORS, FIT)
    assert np.abs(transform.project(VECTORS)[FIT].mean(axis=0)).max() < 1e-7
    by_hand = VECTORS[5] - VECTORS[FIT].mean(axis=0)
    assert np.allclose(transform.apply(VECTORS, MASK)[5], by_hand / np.linalg.norm(by_hand), atol=1e-5)


@pytest.mark.parametrize(("dim", "groups"), [(None, 1), (8, 1), (None, 4), (8, 4)])
def test_whitening_gives_the_identity_as_covariance(dim: int | None, groups: int) -> None:
    transform = fit_transform("whiten", VECTORS, FIT, dim=dim, groups=groups)
    rows = transform.project(VECTORS)[FIT].astype(np.float64)
    kept = dim or 24
    assert rows.shape[1] == kept
    covariance = np.cov(rows.T, bias=True)
    for part in range(groups):
        at = slice(part * kept // groups, (part + 1) * kept // groups)
        assert np.abs(covariance[at, at] - np.eye(kept // groups)).max() <= 1e-3


def test_whitening_spreads_a_cone_out() -> None:
    assert spread(VECTORS, MASK).mean_cosine > 0.8
    transform = fit_transform("whiten", masked(VECTORS), FIT)
    figures = spread_report(transform, masked(VECTORS), MASK)
    assert abs(figures["mean_cosine_after"]) <= 0.05 < 0.8 < figures["mean_cosine_before"]
    assert figures["effective_rank_after"] > 2 * figures["effective_rank_before"]
    assert figures["norm_cv_before"] < 1e-6 < figures["norm_cv_after"]


def test_pca_keeps_the_directions_of_the_largest_variance() -> None:
    transform = fit_transform("pca", VECTORS, FIT, dim=5)
    centred = VECTORS[FIT].astype(np.float64) - VECTORS[FIT].mean(axis=0, dtype=np.float64)
    singular = np.linalg.svd(centred, compute_uv=False)
    got = transform.project(VECTORS)[FIT].astype(np.float64)
    assert np.allclose(np.sqrt((got**2).sum(axis=0)), singular[:5], rtol=1e-4)
    assert np.allclose(transform.matrix_CK.T @ transform.matrix_CK, np.eye(5), atol=1e-10)


def test_pca_without_a_dimension_keeps_distances() -> None:
    rows = fit_transform("pca", VECTORS, FIT).project(VECTORS)
    before = np.linalg.norm(VECTORS[:50, None] - VECTORS[None, :50], axis=2)
    assert np.allclose(np.linalg.norm(rows[:50, None] - rows[None, :50], axis=2), before, atol=1e-5)


def test_only_the_fitted_rows_decide() -> None:
    others = VECTORS.copy()
    others[~FIT] = cone(seed=9)[~FIT]
    first, second = (fit_transform("whiten", rows, FIT) for rows in (VECTORS, others))
    assert np.array_equal(first.matrix_CK, second.matrix_CK)


@pytest.mark.parametrize("method", METHODS)
def test_a_transform_is_read_back_to_the_bit(tmp_path: Path, method: str) -> None:
    transform = fit_transform(method, VECTORS, FIT)
    for name in ("1", "2"):
        transform.save(tmp_path / name)
    loaded = Transform.load(tmp_path / "1")
    assert loaded.method == method
    assert loaded.apply(VECTORS, MASK).tobytes() == transform.apply(VECTORS, MASK).tobytes()
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_recomputed_from_the_stored_vectors_the_bits_are_the_same() -> None:
    first = transform_vectors("whiten", masked(VECTORS), MASK, fit_I=FIT, dim=8)
    assert first.raw_IC is not None
    assert first.raw_IC.dtype == np.float16
    again = transform_vectors("whiten", first.raw_IC.astype(np.float32), MASK, fit_I=FIT, dim=8)
    assert again.semantic_IC.tobytes() == first.semantic_IC.tobytes()
    assert first.semantic_IC.shape == (600, 8)


def test_without_a_transform_the_vectors_are_untouched() -> None:
    done = transform_vectors("none", masked(VECTORS), MASK, fit_I=FIT)
    assert done.raw_IC is None
    assert done.semantic_IC.tobytes() == masked(VECTORS).tobytes()


def test_whitening_leaves_directions_without_variance_out() -> None:
    flat = VECTORS.copy()
    flat[:, 3:] = flat[:, [0]] * np.ones(21, np.float32)  # 3 directions
    assert fit_transform("whiten", flat, FIT).matrix_CK.shape == (24, 3)
    with pytest.raises(ConfigError, match=r"semantic\.dim: got 4, expected at most 3") as caught:
        fit_transform("whiten", flat, FIT, dim=4)
    assert [violation.path for violation in caught.value.violations] == ["semantic.dim"]


def test_more_dimensions_than_the_encoder_has_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"semantic\.dim: got 25, expected a multiple of 1 up to 24"):
        fit_transform("pca", VECTORS, FIT, dim=25)


def test_a_fit_needs_two_rows() -> None:
    with pytest.raises(DataError, match="got 1"):
        fit_transform("center", VECTORS, np.arange(600) == 5)
