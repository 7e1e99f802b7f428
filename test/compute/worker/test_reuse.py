"""Which work is the same, and when its stored result is reused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lghrec_compute.artifacts import Artifact, ArtifactStore
from lghrec_compute.results import ExportResult
from lghrec_compute.spec import SPECS, parse
from lghrec_compute.worker.reuse import FoundWork, ReuseCache, reuse_is_sound, work_key

EXPORT = {"model": "a" * 64, "format": "parquet"}


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "artifacts")


def stored(store: ArtifactStore) -> Artifact:
    with store.draft("export", {}, run_id="r1") as draft:
        draft.path("users.parquet").write_bytes(b"12345")
    return draft.stored


def test_a_stored_result_is_found_with_its_artifacts(tmp_path: Path, store: ArtifactStore) -> None:
    cache, artifact = ReuseCache(tmp_path, store), stored(store)
    cache.keep("k", run_id="r1", result=ExportResult(artifact.ref))
    assert cache.find("k", ExportResult) == FoundWork("r1", ExportResult(artifact.ref), [artifact])


def test_unknown_work_is_not_found(tmp_path: Path, store: ArtifactStore) -> None:
    assert ReuseCache(tmp_path, store).find("k", ExportResult) is None


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_result_whose_artifact_is_damaged_does_not_count(
    tmp_path: Path, store: ArtifactStore, damage: str
) -> None:
    cache, artifact = ReuseCache(tmp_path, store), stored(store)
    cache.keep("k", run_id="r1", result=ExportResult(artifact.ref))
    file = artifact.path("users.parquet")
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(b"123")
    assert cache.find("k", ExportResult) is None


def test_the_key_follows_kind_spec_and_source() -> None:
    spec = parse(SPECS["export"], EXPORT)
    other = parse(SPECS["export"], EXPORT | {"top_k": 5})
    keys = {work_key("export", spec, ""), work_key("export", other, ""), work_key("export", spec, "x")}
    assert len(keys) == 3
    assert work_key("export", parse(SPECS["export"], EXPORT), "") in keys


def test_a_variant_by_name_and_the_same_fields_by_hand_are_the_same_work() -> None:
    plain = {"dataset": "d" * 64, "backbone": {"name": "simgcl"}, "semantic_ids": "e" * 64}
    named = parse(SPECS["train"], plain | {"variant": "full"})
    by_hand = parse(SPECS["train"], plain | {"policy": {"name": "hgpo"}})
    assert work_key("train", named, "") == work_key("train", by_hand, "")


OPENAI = {"text_source": "openai", "generation": {"endpoint": "house"}}


@pytest.mark.parametrize(
    ("semantic", "sound"),
    [
        (None, True),
        ({"text_source": "extractive"}, True),
        ({"text_source": "extractive", "stage": "estimate"}, False),
        (OPENAI, False),
        (OPENAI | {"stage": "preview"}, False),
    ],
)
def test_work_that_depends_on_a_language_model_is_never_reused(semantic, sound: bool) -> None:
    spec = parse(SPECS["preprocess"], {"source": {"path": "x"}, "semantic": semantic})
    assert reuse_is_sound(spec) is sound
