"""The content-addressed store: ids from content, verified bytes, and no partial artifacts."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.errors import ConfigError, IntegrityError, NotFoundError
from lghrec_compute.json_types import Json
from lghrec_compute.results import ArtifactRef


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "artifacts")


def add(
    store: ArtifactStore,
    files: dict[str, bytes],
    *,
    kind: str = "model",
    meta: Json | None = None,
    run_id: str = "run-1",
) -> Artifact:
    with store.draft(kind, meta or {}, run_id=run_id) as draft:
        for name, data in files.items():
            draft.path(name).write_bytes(data)
    return draft.stored


def add_until(store: ArtifactStore, error: BaseException) -> None:
    with store.draft("model", {}, run_id="run-1") as draft:
        draft.path("a/b").write_bytes(b"1")
        raise error


def everything_in(store: ArtifactStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


def test_an_artifact_is_read_back_unchanged(store: ArtifactStore):
    artifact = add(store, {"b.txt": b"two", "sub/a.txt": b"one!"}, meta={"x": 1}, run_id="run-7")
    found = store.get(artifact.id, "model")
    assert found == artifact
    assert found.path("sub/a.txt").read_bytes() == b"one!"
    assert [(file.path, file.size_bytes) for file in found.files] == [("b.txt", 3), ("sub/a.txt", 4)]
    assert found.files[0].sha256 == hashlib.sha256(b"two").hexdigest()
    assert (found.meta, found.run_id, found.size_bytes) == ({"x": 1}, "run-7", 7)
    assert found.ref == ArtifactRef(artifact.id, "model", 7)
    assert found.folder == store.root / artifact.id[:2] / artifact.id
    assert store.ids() == [artifact.id]


def test_the_id_is_the_hash_of_the_manifest(store: ArtifactStore):
    artifact = add(store, {"a": b"1"})
    assert hashlib.sha256((artifact.folder / "manifest.json").read_bytes()).hexdigest() == artifact.id


def test_equal_content_has_one_id_and_the_first_run_keeps_it(store: ArtifactStore, tmp_path: Path):
    first = add(store, {"a": b"1"}, run_id="run-1")
    second = add(store, {"a": b"1"}, run_id="run-2")
    assert second.id == first.id
    assert second.run_id == "run-1"
    assert store.ids() == [first.id]
    elsewhere = add(ArtifactStore(tmp_path / "other"), {"a": b"1"}, run_id="run-3")
    assert elsewhere.id == first.id


def test_other_bytes_names_kinds_or_meta_have_other_ids(store: ArtifactStore):
    artifacts = [
        add(store, {"a": b"1"}),
        add(store, {"a": b"2"}),
        add(store, {"b": b"1"}),
        add(store, {"a": b"1"}, kind="export"),
        add(store, {"a": b"1"}, meta={"x": 1}),
        add(store, {}),
    ]
    assert len({artifact.id for artifact in artifacts}) == len(artifacts) == len(store.ids())


def test_a_draft_leaves_nothing_after_an_error(store: ArtifactStore):
    with pytest.raises(RuntimeError, match="half way"):
        add_until(store, RuntimeError("half way"))
    assert everything_in(store) == []
    assert list((store.root / "drafts").iterdir()) == []
    assert store.ids() == []


def test_a_draft_leaves_nothing_after_a_keyboard_interrupt(store: ArtifactStore):
    with pytest.raises(KeyboardInterrupt):
        add_until(store, KeyboardInterrupt())
    assert everything_in(store) == []


def test_drafts_are_no_artifacts_while_they_are_written(store: ArtifactStore):
    with store.draft("model", {}, run_id="run-1") as draft:
        draft.path("a").write_bytes(b"1")
        assert store.ids() == []
    assert store.ids() == [draft.stored.id]


@pytest.mark.parametrize("index", [0, 500, 999])
def test_a_changed_byte_is_detected_and_named(store: ArtifactStore, index: int):
    artifact = add(store, {"a": b"fine", "b.bin": bytes(1000)})
    assert store.verified(artifact.id) == artifact
    data = bytearray(1000)
    data[index] = 1
    artifact.path("b.bin").write_bytes(data)
    with pytest.raises(IntegrityError, match=r"b\.bin does not match its recorded hash") as caught:
        store.verified(artifact.id)
    assert caught.value.hint


def test_a_missing_or_a_cut_file_is_seen(store: ArtifactStore):
    artifact = add(store, {"a": b"1234"})
    artifact.path("a").write_bytes(b"123")
    with pytest.raises(IntegrityError, match="a does not match"):
        store.verified(artifact.id)
    artifact.path("a").unlink()
    with pytest.raises(IntegrityError, match="a does not match"):
        store.verified(artifact.id)


def test_a_changed_manifest_is_seen(store: ArtifactStore):
    artifact = add(store, {"a": b"1"}, meta={"x": 1})
    manifest = json.loads((artifact.folder / "manifest.json").read_text())
    manifest["meta"]["x"] = 2
    (artifact.folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(IntegrityError, match="manifest does not match its id"):
        store.verified(artifact.id)


@pytest.mark.parametrize("wrong", ["", "0" * 64, "A" * 64, "0" * 63, "../" * 21 + "x", "manifest.json"])
def test_an_unknown_id_is_not_found(store: ArtifactStore, wrong: str):
    add(store, {"a": b"1"})
    with pytest.raises(NotFoundError, match="no artifact") as caught:
        store.get(wrong)
    assert caught.value.reason == "ARTIFACT_UNKNOWN"


def test_another_kind_is_refused(store: ArtifactStore):
    artifact = add(store, {"a": b"1"}, kind="dataset")
    for read in (store.get, store.verified):
        with pytest.raises(ConfigError, match="got dataset, expected model"):
            read(artifact.id, "model")


@pytest.mark.parametrize("name", ["b", "manifest.json", "../../x", "sub"])
def test_a_file_that_is_not_listed_is_not_found(store: ArtifactStore, name: str):
    artifact = add(store, {"a": b"1", "sub/c": b"2"})
    with pytest.raises(NotFoundError, match="has no file") as caught:
        artifact.path(name)
    assert caught.value.reason == "FILE_UNKNOWN"


_COMMIT = """
import sys, time
from pathlib import Path
from lghrec_compute.artifacts import ArtifactStore

root, start, run_id = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
ids = set()
while time.time() < start:
    pass
for number in range(40):
    with ArtifactStore(root).draft("model", {"number": number}, run_id=run_id) as draft:
        draft.path("a").write_bytes(b"%d" % number)
    ids.add(draft.stored.id)
print(len(ids))
"""


def test_processes_that_commit_the_same_content_at_once_make_one_artifact(store: ArtifactStore):
    start = str(time.time() + 1.0)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _COMMIT, str(store.root), start, f"run-{number}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(3)
    ]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert out.strip() == "40", err
    assert len(store.ids()) == 40
    for artifact_id in store.ids():
        store.verified(artifact_id)
    assert list((store.root / "drafts").iterdir()) == []
