"""Item cards and providers of texts, as clients read them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from openai_server import OpenAiServer
from server_kit import Server, refusal, serving

from lghrec.v1 import artifact_pb2, semantic_pb2
from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.cards import write_cards
from lghrec_compute.json_types import Json

CARDS: list[Json] = [
    {
        "item": "B001",
        "text": "Steel pan, 24 cm",
        "reasoning": 'The title says "Steel pan".',
        "quotes": [{"start": 16, "end": 25, "exact": True, "fuzzy": False}],
        "keywords": ["steel", "pan"],
        "neighbors": [{"item": "Über", "similarity": 0.5, "title": "Lid"}],
        "status": "ok",
        "flags": ["repaired"],
        "provenance": {"provider": "openai", "prompt": "fig4@1", "attempts": 2, "cache_key": "c" * 64},
    },
    {"item": "Über", "text": "", "status": "missing", "flags": [], "quotes": [], "neighbors": []},
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("semantic"), HOUSE_KEY="k3y") as server:
        yield server


def stored(server: Server, kind: str, cards: list[Json]) -> str:
    with ArtifactStore(server.data_dir / "artifacts").draft(kind, {"cards": len(cards)}, run_id="x") as draft:
        draft.path("vectors").write_bytes(b"")
        if cards:
            write_cards(draft.folder, cards)
    return draft.stored.id


def card(server: Server, artifact_id: str, item: str) -> semantic_pb2.ItemCard:
    request = semantic_pb2.GetItemCardRequest(artifact_id=artifact_id, item=item)
    return server.semantic.GetItemCard(request, timeout=20).card


def providers(server: Server) -> list[semantic_pb2.ProviderStatus]:
    return list(server.semantic.ListProviders(semantic_pb2.ListProvidersRequest(), timeout=30).providers)


def test_a_card_contains_the_origin_of_a_semantic_id(server: Server):
    artifact_id = stored(server, "semantic_ids", CARDS)
    got = card(server, artifact_id, "B001")
    assert (got.text, got.reasoning[got.quotes[0].start : got.quotes[0].end]) == (
        "Steel pan, 24 cm",
        "Steel pan",
    )
    assert (list(got.keywords), got.neighbors[0].item) == (["steel", "pan"], "Über")
    assert (got.provenance.prompt, got.provenance.attempts) == ("fig4@1", 2)
    for each in (got, card(server, artifact_id, "Über")):
        ref = each.provenance.semantic_ids
        assert (ref.id, ref.kind) == (artifact_id, artifact_pb2.ARTIFACT_KIND_SEMANTIC_IDS)


def test_the_error_for_a_missing_card_names_what_is_missing(server: Server):
    with_cards = stored(server, "semantic_ids", CARDS)
    without = stored(server, "semantic_ids", [])
    for artifact_id, item, reason in (
        ("0" * 64, "B001", "ARTIFACT_UNKNOWN"),
        ("../" * 20, "B001", "ARTIFACT_UNKNOWN"),
        (with_cards, "B002", "ITEM_UNKNOWN"),
        (with_cards, "", "ITEM_UNKNOWN"),
        (with_cards, "x" * 100_000, "ITEM_UNKNOWN"),
        (without, "B001", "ITEM_UNKNOWN"),
    ):
        answer = refusal(lambda a=artifact_id, i=item: card(server, a, i))
        assert (answer.code, answer.detail.reason) == (grpc.StatusCode.NOT_FOUND, reason)


def test_cards_of_other_kinds_of_artifacts_are_rejected(server: Server):
    answer = refusal(lambda: card(server, stored(server, "dataset", []), "B001"))
    assert (answer.code, list(answer.violations)) == (grpc.StatusCode.INVALID_ARGUMENT, ["artifact_id"])


def test_providers_are_listed_with_endpoints_by_name_and_no_key(server: Server):
    with OpenAiServer() as endpoint:
        entry = f'url = "{endpoint.url}"\nallow_loopback = true\nmodel = "tiny"'
        text = (
            f'[endpoints.house]\n{entry}\nkey = "env:HOUSE_KEY"\n[endpoints.bare]\n{entry}\nkey = "env:NONE"'
        )
        (server.data_dir / "endpoints.toml").write_text(text)
        with ThreadPoolExecutor(8) as pool:  # one check for all calls
            answers = list(pool.map(lambda _: providers(server), range(8)))
    found = {status.endpoint or status.provider: status for status in answers[0]}
    assert list(found) == ["extractive", "raw_text", "llamacpp", "bare", "house"]
    assert (found["house"].available, found["house"].model, found["house"].reason) == (True, "tiny", "")
    assert not found["bare"].available
    assert "environment variable NONE" in found["bare"].reason
    assert found["llamacpp"].available == (found["llamacpp"].reason == "")
    assert "k3y" not in str(answers)


def test_unreadable_endpoints_are_reported_as_the_reason(server: Server):
    (server.data_dir / "endpoints.toml").write_text('[endpoints.house]\nurll = "https://secret"')
    statuses = providers(server)
    assert [status.provider for status in statuses] == ["extractive", "raw_text", "llamacpp", "openai"]
    assert "endpoints.toml, endpoint 'house'" in statuses[-1].reason
    assert "secret" not in statuses[-1].reason
    (server.data_dir / "endpoints.toml").unlink()


def test_the_check_for_the_model_loads_nothing(server: Server):
    providers(server)
    loaded = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "llama" not in loaded
    assert "numpy" not in loaded
