"""Recommendations of stored models from a real server, which does not load torch for them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from served_models import StoredModel, store_model
from server_kit import Server, refusal, serving, set_unknown

from lghrec.v1 import recommend_pb2, recommend_pb2_grpc
from lghrec_compute.artifacts import ArtifactStore


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("recommend")) as server:
        yield server


@pytest.fixture(scope="module")
def stub(server: Server) -> Any:
    return recommend_pb2_grpc.RecommendServiceStub(server.channel)


@pytest.fixture(scope="module")
def store(server: Server) -> ArtifactStore:
    return ArtifactStore(server.data_dir / "artifacts")


@pytest.fixture(scope="module")
def model(store: ArtifactStore) -> StoredModel:
    return store_model(store)


def recommend(stub: Any, model: str, users: list[str], **fields: Any) -> list[recommend_pb2.UserItems]:
    request = recommend_pb2.RecommendRequest(model=model, users=users, **fields)
    return list(stub.Recommend(request, timeout=60).users)


def similar(stub: Any, model: str, item: str, **fields: Any) -> list[recommend_pb2.ScoredItem]:
    request = recommend_pb2.SimilarItemsRequest(model=model, item=item, **fields)
    return list(stub.SimilarItems(request, timeout=60).items)


def same(got: Any, expected: list[tuple[str, float]]) -> bool:
    assert [each.item for each in got] == [item for item, _ in expected]
    return np.allclose([each.score for each in got], [score for _, score in expected], rtol=1e-6, atol=1e-7)


def loaded(server: Server) -> str:
    """Return the memory map of the server process."""
    return Path(f"/proc/{server.process.pid}/maps").read_text()


def test_the_server_loads_numpy_with_the_first_request_and_never_torch(tmp_path: Path):
    with serving(tmp_path / "data") as server:
        stub = recommend_pb2_grpc.RecommendServiceStub(server.channel)
        assert "/numpy/" not in loaded(server)
        model = store_model(ArtifactStore(server.data_dir / "artifacts"))
        assert same(recommend(stub, model.id, ["ü1"], k=4)[0].items, model.expected("ü1", 4))
        assert same(similar(stub, model.id, "i/1", k=4), model.expected_similar("i/1", 4))
        assert "/numpy/" in loaded(server)
        for library in ("torch", "scipy", "polars", "onnxruntime", "usearch"):
            assert f"/{library}/" not in loaded(server)


def test_lists_are_those_of_brute_force(stub: Any, model: StoredModel):
    users = [*reversed(model.user_ids), "nobody", "ü3"]
    for include_seen in (False, True):
        answers = recommend(stub, model.id, users, include_seen=include_seen)
        assert [answer.user for answer in answers] == users
        assert [answer.user for answer in answers if not answer.known] == ["nobody"]
        for answer in answers:
            expected = model.expected(answer.user, 10, include_seen=include_seen) if answer.known else []
            assert same(answer.items, expected)


def test_similar_items_are_those_of_brute_force(stub: Any, model: StoredModel):
    assert same(similar(stub, model.id, "i/9"), model.expected_similar("i/9", 10))
    assert same(similar(stub, model.id, "i/9", k=1000), model.expected_similar("i/9", 49))


def test_concurrent_requests_to_many_models_get_their_own_responses(stub: Any, store: ArtifactStore):
    models = [store_model(store, 20, 15, seed=seed) for seed in range(1, 7)]  # more than stay in memory

    def ask(number: int) -> bool:
        model = models[number % 6]
        user, item = f"ü{number % 20}", f"i/{number % 15}"
        (answer,) = recommend(stub, model.id, [user], k=5)
        return same(answer.items, model.expected(user, 5)) and same(
            similar(stub, model.id, item, k=3), model.expected_similar(item, 3)
        )

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(120)))


def test_an_error_names_what_is_missing(stub: Any, store: ArtifactStore, model: StoredModel):
    gone, orphan = store_model(store, seed=20), store_model(store, seed=21)
    assert recommend(stub, gone.id, ["ü0"])[0].known
    shutil.rmtree(gone.artifact.folder)
    shutil.rmtree(store.get(orphan.artifact.meta["dataset"]).folder)
    for call, reason in (
        (lambda: recommend(stub, "0" * 64, ["ü0"]), "ARTIFACT_UNKNOWN"),
        (lambda: recommend(stub, "../../etc/passwd", ["ü0"]), "ARTIFACT_UNKNOWN"),
        (lambda: recommend(stub, gone.id, ["ü0"]), "ARTIFACT_UNKNOWN"),  # loaded, then deleted
        (lambda: recommend(stub, orphan.id, ["ü0"]), "ARTIFACT_UNKNOWN"),
        (lambda: similar(stub, model.id, "i/50"), "ITEM_UNKNOWN"),
    ):
        answer = refusal(call)
        assert (answer.code, answer.detail.reason) == (grpc.StatusCode.NOT_FOUND, reason)


def test_requests_have_bounds(stub: Any, model: StoredModel):
    for call, paths in (
        (lambda: recommend(stub, model.id, []), ["users"]),
        (lambda: recommend(stub, model.id, ["u"] * 1001), ["users"]),
        (lambda: recommend(stub, model.id, ["ü0"], k=0), ["k"]),
        (lambda: recommend(stub, model.id, [], k=1001), ["k", "users"]),
        (lambda: recommend(stub, model.id, ["ü0"] * 1000, k=101), ["k"]),  # 101,000 items
        (lambda: recommend(stub, model.artifact.meta["dataset"], ["ü0"]), ["model"]),
        (lambda: similar(stub, model.id, "i/0", k=1001), ["k"]),
        (lambda: similar(stub, model.artifact.meta["dataset"], "i/0"), ["model"]),
        (lambda: similar(stub, "", ""), ["item", "model"]),
        (lambda: stub.Recommend(set_unknown(recommend_pb2.RecommendRequest(users=["u"]))), ["999"]),
        (lambda: stub.SimilarItems(set_unknown(recommend_pb2.SimilarItemsRequest())), ["999"]),
    ):
        answer = refusal(call)
        assert (answer.code, answer.detail.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID")
        assert sorted(answer.violations) == paths
    answers = recommend(stub, model.id, ["ü0"] * 1000, k=100)
    assert len(answers) == 1000
    assert len(recommend(stub, model.id, ["ü0"], k=1000)[0].items) == len(model.expected("ü0", 1000))


def test_a_response_too_large_for_a_message_is_rejected_with_the_cure(stub: Any, store: ArtifactStore):
    model = store_model(store, 2, 110, seed=30, item_id="a rather long id of some forty letters: {}")
    answer = refusal(lambda: recommend(stub, model.id, ["ü0"] * 1000, k=100, include_seen=True))
    assert answer.code == grpc.StatusCode.INVALID_ARGUMENT
    assert answer.violations["users"].endswith("expected at most 4,000,000; request fewer users or items")
