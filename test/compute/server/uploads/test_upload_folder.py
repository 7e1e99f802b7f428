"""Unfinished uploads on disk after a restart: they are resumed, stored, rejected as damaged, or removed."""

from __future__ import annotations

import os
import time
import zlib
from pathlib import Path

import pytest
from uploading import announcement

from lghrec.v1 import dataset_pb2
from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.errors import IntegrityError, NotFoundError
from lghrec_compute.server.uploads import Plan, Uploads, plan_upload
from lghrec_compute.server.uploads.registry import STALE_S


def opened(folder: Path) -> Uploads:
    """Return the uploads as after a start of the server."""
    (folder / "uploads").mkdir(exist_ok=True)
    return Uploads(folder / "uploads", ArtifactStore(folder / "artifacts"))


def planned(*contents: bytes) -> Plan:
    return plan_upload(announcement({f"{i}": content for i, content in enumerate(contents)}), 10**9)


async def sent(uploads: Uploads, plan: Plan, number: int, content: bytes, offset: int = 0) -> int:
    upload = await uploads.open(plan.dataset_id)
    assert upload is not None
    chunk = dataset_pb2.UploadChunk(offset=offset, data=content, crc32=zlib.crc32(content))
    return await uploads.append(upload, number, chunk)


async def test_an_upload_resumes_from_its_state_on_the_disk(tmp_path: Path):
    plan = planned(b"abcdef", b"gh")
    first = opened(tmp_path)
    assert await first.begin(plan) == {0: 0, 1: 0}
    assert await sent(first, plan, 0, b"abc") == 3
    second = opened(tmp_path)
    assert await sent(second, plan, 0, b"bcde", offset=1) == 5
    assert await second.begin(plan) == {0: 5, 1: 0}
    await sent(second, plan, 1, b"gh")
    await sent(second, plan, 0, b"f", offset=5)
    assert await second.open(plan.dataset_id) is None
    artifact = ArtifactStore(tmp_path / "artifacts").verified(plan.dataset_id, "source")
    assert artifact.path("files/0").read_bytes() == b"abcdef"


async def test_complete_files_become_the_data_set_at_the_next_begin(tmp_path: Path):
    plan = planned(b"1", b"2")
    uploads = opened(tmp_path)
    await uploads.begin(plan)
    await sent(uploads, plan, 0, b"1")
    # The server was killed before it stored the data set.
    (tmp_path / "uploads" / plan.dataset_id / "1.complete").write_bytes(b"2")
    assert await opened(tmp_path).begin(plan) == {}
    assert ArtifactStore(tmp_path / "artifacts").verified(plan.dataset_id).kind == "source"
    assert list((tmp_path / "uploads").iterdir()) == []


async def test_bytes_that_changed_on_the_disk_are_detected_and_requested_again(tmp_path: Path):
    plan = planned(b"1", b"2")
    uploads = opened(tmp_path)
    await uploads.begin(plan)
    await sent(uploads, plan, 0, b"1")
    (tmp_path / "uploads" / plan.dataset_id / "0.complete").write_bytes(b"X")
    with pytest.raises(IntegrityError, match="changed on the server's disk"):
        await sent(uploads, plan, 1, b"2")
    assert ArtifactStore(tmp_path / "artifacts").ids() == []
    assert await uploads.begin(plan) == {0: 0, 1: 0}


async def test_an_upload_removed_by_hand_starts_again(tmp_path: Path):
    plan = planned(b"12")
    uploads = opened(tmp_path)
    await uploads.begin(plan)
    (tmp_path / "uploads" / plan.dataset_id).rename(tmp_path / "moved")
    with pytest.raises(NotFoundError, match="no upload of data set"):
        await sent(uploads, plan, 0, b"1")
    assert await uploads.begin(plan) == {0: 0}
    assert await sent(uploads, plan, 0, b"12") == 2


async def test_uploads_not_used_for_a_week_are_removed(tmp_path: Path):
    old, young = planned(b"old"), planned(b"young")
    uploads = opened(tmp_path)
    for plan in (old, young):
        await uploads.begin(plan)
        await sent(uploads, plan, 0, b"o" if plan is old else b"y")
    folder, drafts = tmp_path / "uploads", tmp_path / "artifacts" / "drafts"
    for left in (folder / "gone-1", drafts / "left", drafts / "new"):
        left.mkdir(parents=True)
    week_ago = time.time() - STALE_S - 60
    for path in (folder / old.dataset_id, folder / "gone-1", drafts / "left"):
        os.utime(path, (week_ago, week_ago))
    await uploads.sweep()
    assert [path.name for path in folder.iterdir()] == [young.dataset_id]
    assert [path.name for path in drafts.iterdir()] == ["new"]
    with pytest.raises(NotFoundError):
        await uploads.open(old.dataset_id)
    assert await uploads.begin(young) == {0: 1}
    assert await uploads.begin(old) == {0: 0}


async def test_the_id_equals_that_of_the_store_for_any_names(tmp_path: Path):
    # as texts, "a-b" < "a.b" < "a/x"; the store sorts by folder and name, so that "a/x" comes first
    names = (
        "a-b",
        "a/x",
        "a.b",
        "a/y/z",
        "\u00e9t\u00e9",
        "Z",
        "a b",
        "\U0001f600",
        "manifest.json",
        "files/1",
    )
    plan = plan_upload(announcement({name: name.encode() for name in names}), 10**9)
    uploads = opened(tmp_path)
    await uploads.begin(plan)
    for number, file in enumerate(plan.files):
        await sent(uploads, plan, number, file.path.encode())
    artifact = ArtifactStore(tmp_path / "artifacts").verified(plan.dataset_id, "source")
    assert {file.path for file in artifact.files} == {f"files/{name}" for name in names}
