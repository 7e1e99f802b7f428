"""Exports are loaded again and compared with the model; README snippets are executed."""

from __future__ import annotations

import hashlib
import json
import re
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
from exporting import file_names, run

from lghrec_compute.errors import ConfigError, NotFoundError, RunCancelled
from lghrec_compute.events import ArtifactStored
from lghrec_compute.pipelines import export
from lghrec_compute.spec import ExportSpec, parse
from lghrec_compute.spec.export import EXPORT_FORMATS


@pytest.mark.parametrize("format_name", sorted(EXPORT_FORMATS))
def test_an_export_twice_gives_the_same_artifact(workplace, model_id, format_name):
    assert run(workplace, model_id, format_name).id == run(workplace, model_id, format_name).id


@pytest.mark.parametrize("format_name", sorted(EXPORT_FORMATS))
def test_the_readme_s_snippet_runs_in_the_folder_of_the_files(
    workplace, model_id, format_name, tmp_path: Path
):
    artifact = run(workplace, model_id, format_name, top_k=3, mask="all")
    text = artifact.path("README.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=artifact.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "of user user é 0" in done.stdout
    assert model_id in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize("format_name", sorted(EXPORT_FORMATS))
def test_every_export_describes_itself_and_lists_its_hashes(workplace, model_id, format_name):
    artifact = run(workplace, model_id, format_name)
    described = json.loads(artifact.path("export.json").read_text())
    assert (described["format"], described["model"]) == (format_name, model_id)
    assert described["dataset"] == workplace.store.get(model_id).meta["dataset"]
    assert (described["dtype"], described["shapes"]) == ("float32", {"users": [40, 6], "items": [30, 6]})
    train = b'{"kind":"train","spec":{}}'  # the canonical text of what the model was trained with
    assert described["train_spec_digest"] == hashlib.sha256(train).hexdigest()
    listed = {file["path"]: (file["size_bytes"], file["sha256"]) for file in described["files"]}
    assert sorted(listed) == [name for name in file_names(artifact) if name != "export.json"]
    for name, facts in listed.items():
        data = artifact.path(name).read_bytes()
        assert facts == (len(data), hashlib.sha256(data).hexdigest())


def test_safetensors_export_loads_as_it_was_trained(workplace, model_id, make_embeddings, make_dataset):
    artifact = run(workplace, model_id, "safetensors")
    names = ["README.md", "export.json", "ids.json", "items.safetensors", "users.safetensors"]
    assert file_names(artifact) == names
    for name, expected in zip(("users", "items"), make_embeddings(), strict=True):
        loaded = safetensors.torch.load_file(artifact.path(f"{name}.safetensors"))
        assert list(loaded) == ["embeddings"]
        assert torch.equal(loaded["embeddings"], expected)
    dataset = make_dataset()
    ids = json.loads(artifact.path("ids.json").read_text())
    assert ids == {"users": dataset.user_ids, "items": dataset.item_ids}


def test_npz_export_loads_without_pickle(workplace, model_id, make_embeddings):
    artifact = run(workplace, model_id, "npz")
    assert file_names(artifact) == ["README.md", "embeddings.npz", "export.json", "ids.json"]
    loaded = np.load(artifact.path("embeddings.npz"), allow_pickle=False)
    assert sorted(loaded) == ["items", "users"]
    for name, expected in zip(("users", "items"), make_embeddings(), strict=True):
        assert loaded[name].dtype == np.float32
        assert np.array_equal(loaded[name], expected.numpy())


def test_parquet_export_contains_external_ids_and_vectors(workplace, model_id, make_embeddings, make_dataset):
    artifact = run(workplace, model_id, "parquet")
    assert file_names(artifact) == ["README.md", "export.json", "items.parquet", "users.parquet"]
    dataset = make_dataset()
    for name, ids, expected in zip(
        ("users", "items"), (dataset.user_ids, dataset.item_ids), make_embeddings(), strict=True
    ):
        table = pq.read_table(artifact.path(f"{name}.parquet"))
        assert table.schema.field("embedding").type == pa.list_(pa.float32(), 6)
        assert table["external_id"].to_pylist() == ids
        assert np.array_equal(np.stack(table["embedding"].to_numpy()), expected.numpy())
        assert pl.read_parquet(artifact.path(f"{name}.parquet"))["embedding"].dtype == pl.Array(pl.Float32, 6)


def test_an_export_emits_its_artifact_last(workplace, model_id):
    artifact = run(workplace, model_id, "npz")
    assert workplace.events[-1] == ArtifactStored(artifact.ref)


@pytest.mark.parametrize("format_name", ["topk", "topk_jsonl", "onnx", "usearch"])
def test_an_export_stops_on_request_and_stores_nothing(workplace, model_id, format_name):
    before = set(workplace.store.ids())
    context = workplace.context()
    context.stop.set()
    with pytest.raises(RunCancelled):
        export.run(parse(ExportSpec, {"model": model_id, "format": format_name}), context)
    assert set(workplace.store.ids()) == before


def test_an_export_of_an_unknown_model_is_not_found(workplace):
    with pytest.raises(NotFoundError):
        run(workplace, "0" * 64, "parquet")


def test_an_export_of_another_kind_of_artifact_is_rejected(workplace, make_dataset):
    with pytest.raises(ConfigError, match="got dataset, expected model"):
        run(workplace, workplace.add_dataset(make_dataset()), "parquet")


@pytest.mark.parametrize(
    ("subject", "path", "text"),
    [
        ({}, "", "give exactly one of model, run, got none"),
        ({"model": "0" * 64, "run": "0190a1b2-0000-7000-8000-000000000000"}, "", "got model and run"),
        ({"run": "../../0190a1b2-0000-7000-8000-000000000000"}, "run", "string should match pattern"),
        ({"run": "0190a1b2-0000-7000-8000-000000000000\n"}, "run", "string should match pattern"),
    ],
)
def test_a_spec_names_either_a_model_or_a_run(subject: dict[str, Any], path: str, text: str):
    with pytest.raises(ConfigError) as caught:
        parse(ExportSpec, {**subject, "format": "npz"})
    (violation,) = caught.value.violations
    assert violation.path == path
    assert text in violation.description
