"""Open models: answers compared with brute force, mapped embeddings, and rejected files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import safetensors.numpy
from served_models import StoredModel, add_model, store_model

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.errors import IntegrityError, NotFoundError
from lghrec_compute.mapped_tensors import map_matrix
from lghrec_compute.serving import Models, ScoredItem
from lghrec_compute.serving import model as served_model
from lghrec_compute.serving.ids import ExternalIds


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "artifacts")


@pytest.fixture
def model(store: ArtifactStore) -> StoredModel:
    return store_model(store)


def close(got: list[ScoredItem], expected: list[tuple[str, float]]) -> bool:
    assert [each.item for each in got] == [item for item, _ in expected]
    return np.allclose([each.score for each in got], [score for _, score in expected], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("include_seen", [False, True])
def test_lists_of_all_users_are_those_of_brute_force(store, model, include_seen, monkeypatch):
    monkeypatch.setattr(served_model, "CELLS", 7 * 50)  # 7 users per block
    lists = Models(store).recommend(model.artifact, model.user_ids, k=12, include_seen=include_seen)
    assert [entry.user for entry in lists] == model.user_ids
    for entry in lists:
        assert entry.known
        assert close(list(entry.items), model.expected(entry.user, 12, include_seen=include_seen))


def test_unknown_users_are_named_and_the_order_is_kept(store, model):
    users = ["nobody", "ü7", "", "ü7", "ü70", "ü"]
    lists = Models(store).recommend(model.artifact, users, k=3)
    assert [(entry.user, entry.known, len(entry.items)) for entry in lists] == [
        ("nobody", False, 0),
        ("ü7", True, 3),
        ("", False, 0),
        ("ü7", True, 3),
        ("ü70", False, 0),
        ("ü", False, 0),
    ]
    assert lists[1].items == lists[3].items


def test_a_list_longer_than_the_catalogue_contains_all_unseen_items(store, model):
    (entry,) = Models(store).recommend(model.artifact, ["ü0"], k=1000)
    assert len(entry.items) == 50 - model.seen_UI[0].sum()


def test_similar_items_are_those_of_brute_force(store, model):
    models = Models(store)
    for item in model.item_ids:
        assert close(models.similar(model.artifact, item, k=9), model.expected_similar(item, 9))
    with pytest.raises(NotFoundError, match="no item 'i/50'"):
        models.similar(model.artifact, "i/50", k=9)


def test_few_models_stay_open_and_each_is_opened_once(store):
    stored = [store_model(store, seed=seed) for seed in range(4)]
    models = Models(store, size=2)
    first = models.open(stored[0].artifact)
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: models.open(stored[1].artifact), range(16)))
    assert all(each is opened[0] for each in opened)
    assert models.open(stored[0].artifact) is first  # used last
    models.open(stored[2].artifact)  # closes the second
    assert models.open(stored[0].artifact) is first
    assert models.open(stored[1].artifact) is not opened[0]
    for each in stored:  # answers do not mix
        (entry,) = models.recommend(each.artifact, ["ü4"], k=5)
        assert close(list(entry.items), each.expected("ü4", 5))


def test_embeddings_are_mapped_and_not_copied(model):
    path = model.artifact.path("embeddings.safetensors")
    matrix = map_matrix(path, "items_ID")
    assert isinstance(matrix, np.memmap)
    assert not matrix.flags.writeable
    assert np.array_equal(matrix, safetensors.numpy.load_file(path)["items_ID"])


def test_a_model_that_does_not_fit_or_is_changed_is_refused(store, model):
    models = Models(store)
    dataset_id = model.artifact.meta["dataset"]
    for users_UD, text in (
        (model.users_UD[:-1], "got embeddings of 29 users and 50 items, expected 30 and 50"),
        (np.full_like(model.users_UD, np.nan), "are not finite"),
    ):
        with pytest.raises(IntegrityError, match=text):
            models.open(add_model(store, dataset_id, users_UD, model.items_ID))
    path = model.artifact.path("embeddings.safetensors")
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    with pytest.raises(IntegrityError, match="does not match its recorded hash"):
        models.open(model.artifact)


def test_ids_are_found_in_any_order_and_alphabet():
    names = ["b", "", "a", "ü", "a\0", "日本", "Z", "aa"]
    ids = ExternalIds(pa.chunked_array([names[:3], names[3:]], pa.string()))
    assert [ids.find(name) for name in names] == list(range(8))
    assert [ids.name(row) for row in range(8)] == names
    assert [ids.find(name) for name in ("c", "A", "日", "a\0\0", "\ud800")] == [None] * 5
    assert ExternalIds(pa.chunked_array([], pa.string())).find("a") is None
