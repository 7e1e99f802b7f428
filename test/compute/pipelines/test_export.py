"""Exports are loaded again and compared with the model; README snippets are run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import safetensors.torch
import torch

from lghrec_compute.artifacts import Artifact
from lghrec_compute.errors import ConfigError, NotFoundError, RunCancelled
from lghrec_compute.evaluation import Evaluator
from lghrec_compute.events import ArtifactStored, Progress
from lghrec_compute.pipelines import export
from lghrec_compute.spec import ExportSpec, parse
from lghrec_compute.spec.export import EXPORT_FORMATS


def run(workplace: Any, model_id: str, format: str, **fields: object) -> Artifact:  # noqa: A002 - the field
    spec = parse(ExportSpec, {"model": model_id, "format": format, **fields})
    result = export.run(spec, workplace.context())
    assert set(result) == {"export"}
    return workplace.store.verified(result["export"]["id"], "export")


def file_names(artifact: Artifact) -> list[str]:
    return [file.path for file in artifact.files]


def test_safetensors_export_loads_as_it_was_trained(workplace, model_id, make_embeddings, make_dataset):
    artifact = run(workplace, model_id, "safetensors")
    assert file_names(artifact) == ["README.txt", "ids.json", "items.safetensors", "users.safetensors"]
    for name, expected in zip(("users", "items"), make_embeddings(), strict=True):
        loaded = safetensors.torch.load_file(artifact.path(f"{name}.safetensors"))
        assert list(loaded) == ["embeddings"]
        assert torch.equal(loaded["embeddings"], expected)
    dataset = make_dataset()
    ids = json.loads(artifact.path("ids.json").read_text())
    assert ids == {"users": dataset.user_ids, "items": dataset.item_ids}


def test_parquet_export_holds_external_ids_and_vectors(workplace, model_id, make_embeddings, make_dataset):
    artifact = run(workplace, model_id, "parquet")
    assert file_names(artifact) == ["README.txt", "items.parquet", "users.parquet"]
    dataset = make_dataset()
    for name, ids, expected in zip(
        ("users", "items"), (dataset.user_ids, dataset.item_ids), make_embeddings(), strict=True
    ):
        table = pq.read_table(artifact.path(f"{name}.parquet"))
        assert table.schema.field("embedding").type == pa.list_(pa.float32(), 6)
        assert table["external_id"].to_pylist() == ids
        assert np.array_equal(np.stack(table["embedding"].to_numpy()), expected.numpy())
        assert pl.read_parquet(artifact.path(f"{name}.parquet"))["embedding"].dtype == pl.Array(pl.Float32, 6)


def test_topk_export_equals_the_lists_that_are_evaluated(workplace, model_id, make_dataset, make_embeddings):
    dataset = make_dataset()
    rows = pq.read_table(run(workplace, model_id, "topk", top_k=7).path("topk.parquet")).to_pylist()
    evaluator = Evaluator(
        dataset.test, [dataset.train, dataset.valid], num_users=40, num_items=30, cutoffs=[7]
    )
    ranked = evaluator(*make_embeddings()).ranked
    for row, user in enumerate(evaluator.users_U):
        mine = [r for r in rows if r["user"] == user]
        kept = ranked.items_UK[row] >= 0
        assert [r["item"] for r in mine] == ranked.items_UK[row][kept].tolist()
        assert [r["score"] for r in mine] == ranked.scores_UK[row][kept].tolist()
        assert [r["rank"] for r in mine] == list(range(1, len(mine) + 1))


def test_topk_export_names_users_and_items_by_their_external_ids(workplace, model_id, make_dataset):
    dataset = make_dataset()
    table = pq.read_table(run(workplace, model_id, "topk", top_k=3).path("topk.parquet"))
    assert table.column_names == ["user", "rank", "item", "score", "user_external_id", "item_external_id"]
    for row in table.to_pylist():
        assert row["user_external_id"] == dataset.user_ids[row["user"]]
        assert row["item_external_id"] == dataset.item_ids[row["item"]]
    assert len(set(table["user"].to_pylist())) == 40  # every user has a list, cold ones too


@pytest.mark.parametrize(("mask", "hidden"), [("train", 1), ("train_valid", 2), ("all", 3)])
def test_topk_export_leaves_out_the_masked_parts_only(workplace, model_id, make_dataset, mask, hidden):
    dataset = make_dataset()
    # lists as long as the catalogue: all that is not masked is in them
    rows = pq.read_table(
        run(workplace, model_id, "topk", top_k=30, mask=mask).path("topk.parquet")
    ).to_pylist()
    listed = {(row["user"], row["item"]) for row in rows}
    masked = {
        pair
        for part in dataset.parts[:hidden]
        for pair in zip(part.user_E.tolist(), part.item_E.tolist(), strict=True)
    }
    assert not listed & masked
    assert len(listed) == len(rows) == 40 * 30 - len(masked)


def test_topk_export_in_several_row_groups_has_the_same_rows(workplace, model_id, monkeypatch):
    whole = pq.read_table(run(workplace, model_id, "topk", top_k=5).path("topk.parquet"))
    monkeypatch.setattr(export, "_ROWS_AT_ONCE", 35)  # 7 users
    path = run(workplace, model_id, "topk", top_k=5).path("topk.parquet")
    assert pq.ParquetFile(path).num_row_groups == 6
    assert pq.read_table(path).equals(whole)


@pytest.mark.parametrize("format_name", sorted(EXPORT_FORMATS))
def test_export_twice_gives_the_same_artifact(workplace, model_id, format_name):
    assert run(workplace, model_id, format_name).id == run(workplace, model_id, format_name).id


@pytest.mark.parametrize("format_name", sorted(EXPORT_FORMATS))
def test_readme_snippet_runs_in_the_folder_of_the_files(workplace, model_id, format_name, tmp_path: Path):
    artifact = run(workplace, model_id, format_name, top_k=3, mask="all")
    lines = artifact.path("README.txt").read_text().splitlines()
    code = "\n".join(line[4:] for line in lines if line.startswith("    ") or not line)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=artifact.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "of user user é 0" in done.stdout
    assert str(tmp_path) not in "\n".join(lines)


def test_readme_of_lists_says_which_items_are_left_out(workplace, model_id):
    text = run(workplace, model_id, "topk", mask="all").path("README.txt").read_text()
    assert "without the items of the user's train, valid and test parts" in text
    assert model_id in text


def test_export_tells_its_progress_and_its_artifact(workplace, model_id):
    artifact = run(workplace, model_id, "topk")
    assert Progress("rank", 40, 40) in workplace.events
    assert workplace.events[-1] == ArtifactStored(artifact.id, "export", artifact.size_bytes)


def test_export_stops_when_asked_to_and_stores_nothing(workplace, model_id):
    before = set(workplace.store.ids())
    context = workplace.context()
    context.stop.set()
    with pytest.raises(RunCancelled):
        export.run(parse(ExportSpec, {"model": model_id, "format": "topk"}), context)
    assert set(workplace.store.ids()) == before


def test_export_of_an_unknown_model_is_not_found(workplace):
    with pytest.raises(NotFoundError):
        run(workplace, "0" * 64, "parquet")


def test_export_of_another_kind_of_artifact_is_refused(workplace, make_dataset):
    with pytest.raises(ConfigError, match="got dataset, expected model"):
        run(workplace, workplace.add_dataset(make_dataset()), "parquet")
