"""Uploaded data sets: uploading, rejected requests, lists, deletion."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from server_kit import (
    CANCELLED,
    RUNNING,
    Refusal,
    Server,
    refusal,
    script,
    serving,
    set_unknown,
    start_request,
)
from uploading import CHUNK, announcement, begin, chunk, delete, get, header, messages, send, upload

from lghrec.v1 import artifact_pb2, dataset_pb2, run_pb2
from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.source import UPLOADED
from lghrec_compute.server.uploads import FOLDER

BIG = bytes(range(256)) * 4000  # 1,024,000 bytes: three chunks of 262,144 bytes and a rest


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("uploads")
    with serving(folder, "--max-upload-bytes", "50000000") as server:
        yield server


def fresh(tag: str) -> dict[str, bytes]:
    """Return the files of a data set that no other test uses."""
    return {"a.inter": BIG + tag.encode(), "deep/b.item": tag.encode(), "empty": b""}


def refused(server: Server, requests: list[dataset_pb2.UploadFileRequest]) -> Refusal:
    return refusal(lambda: server.datasets.UploadFile(iter(requests), timeout=20))


def test_an_upload_becomes_an_artifact_with_the_announced_id(server: Server):
    files = fresh("whole")
    begun = begin(server, files, "My data")
    assert [(p.path, p.received_bytes) for p in begun.pending] == [("a.inter", 0), ("deep/b.item", 0)]
    assert not send(server, begun.dataset_id, "a.inter", files["a.inter"]).complete
    last = send(server, begun.dataset_id, "deep/b.item", files["deep/b.item"])
    assert (last.received_bytes, last.complete) == (5, True)
    store = ArtifactStore(server.data_dir / "artifacts")
    artifact = store.verified(begun.dataset_id, "source")
    assert {file.path: artifact.path(file.path).read_bytes() for file in artifact.files} == {
        f"files/{path}": content for path, content in files.items()
    }
    assert FOLDER == UPLOADED  # the folder that a preprocess run reads
    assert not (server.data_dir / "uploads" / begun.dataset_id).exists()


def test_a_data_set_has_its_name_and_files(server: Server):
    files = fresh("told")
    dataset = get(server, upload(server, files, "Käse 2023"))
    assert (dataset.name, dataset.size_bytes) == ("Käse 2023", sum(map(len, files.values())))
    assert {file.path: file.sha256 for file in dataset.files} == {
        path: hashlib.sha256(content).hexdigest() for path, content in files.items()
    }
    request = artifact_pb2.GetArtifactRequest(artifact_id=dataset.id)
    assert server.artifacts.GetArtifact(request).artifact.kind == artifact_pb2.ARTIFACT_KIND_SOURCE


def test_the_same_bytes_are_sent_once_and_keep_their_first_name(server: Server):
    files = fresh("twice")
    first = upload(server, files, "first")
    again = begin(server, dict(reversed(files.items())), "second")
    assert (again.dataset_id, again.complete, len(again.pending)) == (first, True, 0)
    assert get(server, first).name == "first"
    # A client that began before the data set was complete sends its bytes again.
    late = send(server, first, "a.inter", files["a.inter"])
    assert (late.received_bytes, late.complete) == (len(files["a.inter"]), True)


def test_an_upload_of_empty_files_is_complete_at_once(server: Server):
    begun = begin(server, {"nothing": b"", "z/nothing": b""})
    assert (begun.complete, get(server, begun.dataset_id).size_bytes) == (True, 0)


def test_an_upload_resumes_where_it_stopped(server: Server):
    files = fresh("resumed")
    begun = begin(server, files)
    part = send(server, begun.dataset_id, "a.inter", files["a.inter"][:300_001])
    assert (part.received_bytes, part.complete) == (300_001, False)
    pending = begin(server, files).pending[0]
    assert (pending.path, pending.received_bytes) == ("a.inter", 300_001)
    # from an earlier offset: received bytes are not written again
    whole = send(server, begun.dataset_id, "a.inter", files["a.inter"], offset=299_990, size=100_000)
    assert whole.received_bytes == len(files["a.inter"])
    assert [p.path for p in begin(server, files).pending] == ["deep/b.item"]


def test_an_invalid_chunk_is_rejected_and_earlier_bytes_stay(server: Server):
    files = fresh("chunks")
    name, content = "a.inter", files["a.inter"]
    dataset_id = begin(server, files).dataset_id
    good = [header(dataset_id, name), chunk(0, content[:10])]
    bad = {
        "chunk.offset": chunk(11, b"x"),
        "chunk.crc32": chunk(10, b"x", zlib.crc32(b"y")),
        "chunk.data": chunk(10, b"x" * (CHUNK + 1)),
        "chunk": header(dataset_id, name),
    }
    for path, request in bad.items():
        answer = refused(server, [*good, request])
        assert (answer.code, list(answer.violations)) == (grpc.StatusCode.INVALID_ARGUMENT, [path])
        assert begin(server, files).pending[0].received_bytes == 10
    past = refused(server, [header(dataset_id, "deep/b.item"), chunk(0, b"too long by far")])
    assert "after the end: got byte 15, expected at most 6" in past.violations["chunk.data"]


def test_a_stream_without_a_valid_header_is_rejected(server: Server):
    files = fresh("headers")
    dataset_id = begin(server, files).dataset_id
    assert list(refused(server, []).violations) == ["header"]
    assert list(refused(server, [chunk(0, b"x")]).violations) == ["header"]
    assert list(refused(server, [header(dataset_id, "a.inter", 1)]).violations) == ["header.offset"]
    assert refused(server, [header(dataset_id, "b")]).detail.reason == "FILE_UNKNOWN"
    for unknown in ("", "0" * 64, "../" * 21 + "x", dataset_id.upper()):
        assert refused(server, [header(unknown, "a.inter")]).detail.reason == "DATASET_UNKNOWN"


def test_bytes_with_another_hash_are_discarded(server: Server):
    files = fresh("hash")
    dataset_id = begin(server, files).dataset_id
    wrong = bytes([files["a.inter"][0] ^ 1]) + files["a.inter"][1:]
    answer = refused(server, list(messages(dataset_id, "a.inter", wrong)))
    assert (answer.code, answer.detail.reason) == (grpc.StatusCode.DATA_LOSS, "HASH_MISMATCH")
    assert begin(server, files).pending[0].received_bytes == 0
    assert upload(server, files) == dataset_id


@pytest.mark.parametrize(
    "path",
    [
        *(
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a/./b",
            "a//b",
            "a/",
            ".",
            "..",
            "a\\b",
            "a\nb",
            "a\x1b[31mb",
        ),
        *("a\0b", "a\u202eb", "x" * 256, "a/" * 33 + "b", "y/" * 512 + "z"),
    ],
)
def test_an_unsafe_path_is_rejected(server: Server, path: str):
    answer = refusal(lambda: begin(server, {"fine": b"1", path: b"2"}))
    assert list(answer.violations) in (["files.0.path"], ["files.1.path"])


def test_conflicting_names_are_rejected(server: Server):
    request = announcement({"a": b"1", "a/b": b"2", "c": b"3"})
    request.files.add().CopyFrom(request.files[2])
    found = refusal(lambda: server.datasets.BeginUpload(request)).violations
    assert {path: text.partition(",")[0] for path, text in found.items()} == {
        "files.0.path": "is both a file and a folder",
        "files.2.path": "listed twice",
        "files.3.path": "listed twice",
    }


def test_an_announcement_is_checked_as_a_whole(server: Server):
    request = announcement({"a": b"1", "b": b""}, name="n" * 129)
    request.files[0].sha256 = "A" * 64
    request.files[1].sha256 = "0" * 64
    set_unknown(request)
    found = refusal(lambda: server.datasets.BeginUpload(request)).violations
    assert set(found) == {"request.999", "name", "files.0.sha256", "files.1.sha256"}
    too_many = dataset_pb2.BeginUploadRequest(files=[dataset_pb2.DatasetFile(path="a")] * 10_001)
    for bad in (dataset_pb2.BeginUploadRequest(), too_many):
        assert list(refusal(lambda r=bad: server.datasets.BeginUpload(r)).violations) == ["files"]


def test_an_upload_over_the_limit_is_rejected_before_its_first_byte(server: Server):
    request = announcement({"a": b"1", "b": b"2"})
    request.files[0].size_bytes = 49_999_999
    assert not server.datasets.BeginUpload(request).complete
    for size in (50_000_000, 2**64 - 1):
        request.files[0].size_bytes = size
        assert "too large" in refusal(lambda: server.datasets.BeginUpload(request)).violations["files"]


def test_ten_thousand_files_are_announced_in_one_call(server: Server):
    request = dataset_pb2.BeginUploadRequest()
    for i in range(10_000):
        sha256 = f"{i:064x}"
        request.files.add(path=f"part-{i:05}.parquet", size_bytes=1, sha256=sha256)
    begun = server.datasets.BeginUpload(request, timeout=30)
    assert len(begun.pending) == 10_000
    delete(server, begun.dataset_id)


def test_pages_hold_every_data_set_newest_first(server: Server):
    made = [upload(server, fresh(f"page-{i}")) for i in range(3)]
    got, token = [], ""
    while not got or token:
        request = dataset_pb2.ListDatasetsRequest(page_size=2, page_token=token)
        page = server.datasets.ListDatasets(request)
        got += [dataset.id for dataset in page.datasets]
        token = page.next_page_token
    assert got[:3] == made[::-1]
    assert len(got) == len(set(got))
    bad = dataset_pb2.ListDatasetsRequest(page_token="x")
    assert list(refusal(lambda: server.datasets.ListDatasets(bad)).violations) == ["page_token"]


def test_a_deleted_data_set_is_unknown_and_can_be_sent_again(server: Server):
    files = fresh("deleted")
    dataset_id = upload(server, files, "old")
    delete(server, dataset_id)
    delete(server, dataset_id)  # a second request is no error
    assert refusal(lambda: get(server, dataset_id)).detail.reason == "DATASET_UNKNOWN"
    assert not (server.data_dir / "artifacts" / dataset_id[:2] / dataset_id).exists()
    assert upload(server, files, "new") == dataset_id
    assert get(server, dataset_id).name == "new"


def test_deleting_an_unfinished_upload_removes_its_bytes(server: Server):
    files = fresh("dropped")
    dataset_id = begin(server, files).dataset_id
    send(server, dataset_id, "a.inter", files["a.inter"][:100])
    delete(server, dataset_id)
    assert refused(server, [header(dataset_id, "a.inter")]).detail.reason == "DATASET_UNKNOWN"
    assert begin(server, files).pending[0].received_bytes == 0


@pytest.mark.parametrize("dataset_id", ["", "0" * 64, "../" * 20])
def test_an_unknown_data_set_is_not_found(server: Server, dataset_id: str):
    with ArtifactStore(server.data_dir / "artifacts").draft("dataset", {}, run_id="x") as draft:
        draft.path("a").write_text("prepared, not uploaded")
    for unknown in (dataset_id, draft.stored.id):
        for call in (get, delete):
            answer = refusal(lambda c=call, u=unknown: c(server, u))
            assert (answer.code, answer.detail.reason) == (grpc.StatusCode.NOT_FOUND, "DATASET_UNKNOWN")


def test_a_data_set_stays_while_an_unfinished_run_needs_it(server: Server):
    dataset_id = upload(server, fresh("in use"))
    request = start_request("in-use", script(server.data_dir, 1, steps=1, step_s=600))
    request.spec.source.ClearField("builtin")
    request.spec.source.upload = dataset_id
    run = server.preprocess.StartPreprocess(request).run
    server.wait_for(run.id, RUNNING)
    answer = refusal(lambda: delete(server, dataset_id))
    assert (answer.code, answer.detail.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "DATASET_IN_USE")
    assert get(server, dataset_id).id == dataset_id
    server.cancel(run.id, mode=run_pb2.CANCEL_MODE_NOW)
    assert server.finish(run.id).state == CANCELLED
    delete(server, dataset_id)


def test_the_memory_of_the_server_does_not_grow_with_the_upload(server: Server):
    def peak() -> int:
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    upload(server, {"warm": os.urandom(2_000_000)})
    before = peak()
    upload(server, {"large": os.urandom(40_000_000)})
    assert peak() - before < 15_000_000
