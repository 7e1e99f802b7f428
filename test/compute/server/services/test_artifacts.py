"""Listing and downloading artifacts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from server_kit import Server, refusal, serving

from lghrec.v1 import artifact_pb2
from lghrec_compute.artifacts import Artifact, ArtifactStore

CONTENT = bytes(range(256)) * 2500  # 640,000 bytes: two full chunks of 262,144 bytes and a rest


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[Artifact]]]:
    folder = tmp_path_factory.mktemp("artifacts")
    with serving(folder) as server:
        store, made = ArtifactStore(folder / "artifacts"), []
        for i in range(5):
            with store.draft("model" if i % 2 else "dataset", {"i": i}, run_id=f"run-{i}") as draft:
                draft.path("deep/bytes.bin").write_bytes(CONTENT)
                draft.path("empty").write_bytes(b"")
            made.append(draft.stored)
        yield server, made


def download(server: Server, artifact_id: str, path: str, offset: int = 0) -> list:
    request = artifact_pb2.DownloadArtifactRequest(artifact_id=artifact_id, path=path, offset=offset)
    return list(server.artifacts.DownloadArtifact(request, timeout=20))


def test_pages_hold_every_artifact_once_newest_first(stored: tuple[Server, list[Artifact]]):
    server, made = stored
    got, token = [], ""
    while True:
        request = artifact_pb2.ListArtifactsRequest(page_size=2, page_token=token)
        page = server.artifacts.ListArtifacts(request)
        got += [artifact.id for artifact in page.artifacts]
        token = page.next_page_token
        if not token:
            break
    assert got == [artifact.id for artifact in reversed(made)]


def test_a_list_contains_the_requested_kind(stored: tuple[Server, list[Artifact]]):
    server, made = stored
    request = artifact_pb2.ListArtifactsRequest(kind=artifact_pb2.ARTIFACT_KIND_MODEL)
    assert [a.id for a in server.artifacts.ListArtifacts(request).artifacts] == [made[3].id, made[1].id]
    for bad in ({"kind": 99}, {"page_token": "x"}):
        request = artifact_pb2.ListArtifactsRequest(**bad)  # type: ignore[arg-type]
        assert list(refusal(lambda r=request: server.artifacts.ListArtifacts(r)).violations) == list(bad)


def test_an_artifact_lists_its_files_and_its_run(stored: tuple[Server, list[Artifact]]):
    server, made = stored
    request = artifact_pb2.GetArtifactRequest(artifact_id=made[0].id)
    artifact = server.artifacts.GetArtifact(request).artifact
    assert (artifact.kind, artifact.run_id) == (artifact_pb2.ARTIFACT_KIND_DATASET, "run-0")
    assert [(file.path, file.size_bytes) for file in artifact.files] == [
        ("deep/bytes.bin", len(CONTENT)),
        ("empty", 0),
    ]
    assert artifact.files[0].sha256 == hashlib.sha256(CONTENT).hexdigest()


@pytest.mark.parametrize("offset", [0, 1, 262_143, 262_144, 639_999, 640_000])
def test_a_download_resumes_from_any_offset(stored: tuple[Server, list[Artifact]], offset: int):
    server, made = stored
    parts = download(server, made[0].id, "deep/bytes.bin", offset)
    place = offset
    for part in parts:
        assert (part.offset, len(part.chunk) <= 262_144) == (place, True)
        place += len(part.chunk)
    assert b"".join(part.chunk for part in parts) == CONTENT[offset:]


def test_an_empty_file_has_no_chunk(stored: tuple[Server, list[Artifact]]):
    server, made = stored
    assert download(server, made[0].id, "empty") == []


@pytest.mark.parametrize("offset", [640_001, 2**63, 2**64 - 1])
def test_an_offset_after_the_end_is_out_of_range(stored: tuple[Server, list[Artifact]], offset: int):
    server, made = stored
    refused = refusal(lambda: download(server, made[0].id, "deep/bytes.bin", offset))
    assert (refused.code, refused.detail.reason) == (grpc.StatusCode.OUT_OF_RANGE, "OFFSET_PAST_END")


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "deep",
        "manifest.json",
        "../../../state.db",
        "deep/../empty",
        "/etc/passwd",
        "empty\0",
        "%2e%2e/x",
    ],
)
def test_only_the_files_of_the_manifest_are_served(stored: tuple[Server, list[Artifact]], path: str):
    server, made = stored
    refused = refusal(lambda: download(server, made[0].id, path))
    assert (refused.code, refused.detail.reason) == (grpc.StatusCode.NOT_FOUND, "FILE_UNKNOWN")


@pytest.mark.parametrize("artifact_id", ["", "0" * 64, "../" * 20, "A" * 64, "ab"])
def test_an_unknown_artifact_is_not_found(stored: tuple[Server, list[Artifact]], artifact_id: str):
    server, _ = stored
    refused = refusal(lambda: download(server, artifact_id, "empty"))
    assert (refused.code, refused.detail.reason) == (grpc.StatusCode.NOT_FOUND, "ARTIFACT_UNKNOWN")


def test_a_file_replaced_by_a_link_is_not_followed(tmp_path: Path, stored: tuple[Server, list[Artifact]]):
    server, made = stored
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (made[4].folder / "empty").unlink()
    (made[4].folder / "empty").symlink_to(secret)
    refused = refusal(lambda: download(server, made[4].id, "empty"))
    assert (refused.code, refused.detail.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert refused.detail.metadata["error_id"] in refused.message
    assert "secret" not in refused.message
