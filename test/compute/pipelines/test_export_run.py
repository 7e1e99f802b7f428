"""Exports of train runs that were stopped, from their checkpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from checkerboard import checkerboard, colour_vectors
from safetensors.torch import load_file

from lghrec_compute.artifacts import Artifact
from lghrec_compute.dseg.store import SemanticIds, save_semantic_ids
from lghrec_compute.dseg.text.item_texts import TextRow
from lghrec_compute.errors import ConfigError, RunCancelled
from lghrec_compute.events import Event, Log, Metric, WarningRaised
from lghrec_compute.pipelines import export, train
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.spec import ExportSpec, TrainSpec, parse, spec_digest, spec_to_dict

RUN_ID = "0190a1b2-0000-7000-8000-00000000000a"


def train_spec(workplace: Any, **fields: object) -> TrainSpec:
    small = {
        "dataset": workplace.add_dataset(checkerboard()),
        "backbone": {"name": "lightccf", "layers": 2},
        "embedding_dim": 16,
        "batch_size": 128,
        "epochs": 6,
        "optimizer": {"learning_rate": 0.01},
        "device": "cpu",
    }
    return parse(TrainSpec, {**small, **fields})


def stopped_run(workplace: Any, spec: TrainSpec, *, after_epoch: int) -> Path:
    """Train like a worker, stop in the epoch after `after_epoch`, and return the run's folder."""
    plain = workplace.context(RUN_ID)

    def emit(event: Event) -> None:
        plain.emit(event)
        if isinstance(event, Metric) and event.step == after_epoch:
            plain.stop.set()

    context = RunContext(RUN_ID, plain.run_dir, plain.data_dir, plain.store, emit, stop=plain.stop)
    (plain.run_dir / "job.json").write_text(json.dumps({"kind": "train", "spec": spec_to_dict(spec)}))
    with pytest.raises(RunCancelled):
        train.run(spec, context)
    return plain.run_dir


def export_run(workplace: Any) -> Artifact:
    spec = parse(ExportSpec, {"run": RUN_ID, "format": "npz", "device": "cpu"})
    result = export.run(spec, workplace.context("export"))
    return workplace.store.verified(result.export.id, "export")


def test_the_best_tensors_of_a_stopped_run_equal_the_model_of_a_complete_run(workplace):
    vectors = SemanticIds(
        colour_vectors(),
        np.ones(40, dtype=bool),
        [TextRow(f"item {item}", "", ()) for item in range(40)],
        {"dataset": workplace.add_dataset(checkerboard()), "dim": 8},
    )
    semantic_id = save_semantic_ids(workplace.store, vectors, run_id="r0").stored.id
    spec = train_spec(workplace, semantic_ids=semantic_id)
    stopped_run(workplace, spec, after_epoch=2)
    exported = export_run(workplace)

    described = json.loads(exported.path("export.json").read_text())
    checkpoint = described["checkpoint"]
    assert checkpoint["is_best"]
    assert checkpoint["epoch"] in (1, 2)
    assert described["train_spec_digest"] == spec_digest("train", spec)
    # an unbroken run that ends with that epoch has it as its best
    whole = parse(TrainSpec, {**spec_to_dict(spec), "epochs": checkpoint["epoch"]})
    result = train.run(whole, workplace.context("whole"))
    assert result.best_epoch == checkpoint["epoch"]
    model = load_file(workplace.store.get(result.model.id).path("embeddings.safetensors"))
    loaded = np.load(exported.path("embeddings.npz"))
    assert np.array_equal(loaded["users"], model["users_UD"].numpy())
    assert np.array_equal(loaded["items"], model["items_ID"].numpy())
    assert RUN_ID not in exported.path("README.md").read_text()


def test_the_last_tensors_are_exported_before_the_first_evaluation(workplace):
    spec = train_spec(workplace, early_stop={"every_epochs": 6}, backbone={"name": "mf"})
    folder = stopped_run(workplace, spec, after_epoch=1)
    (newest,) = (folder / "checkpoints").glob("epoch-000001-step-*")
    exported = export_run(workplace)
    described = json.loads(exported.path("export.json").read_text())
    assert described["checkpoint"] == {"name": newest.name, "epoch": 1, "is_best": False}
    # of plain matrix factorisation the embeddings are the tensor itself
    nodes_VD = load_file(newest / "tensors.safetensors")["backbone/ego.node_VD"]
    loaded = np.load(exported.path("embeddings.npz"))
    assert torch.equal(torch.from_numpy(np.concatenate([loaded["users"], loaded["items"]])), nodes_VD)
    assert any("the last tensors" in event.line for event in workplace.events if isinstance(event, Log))


def test_the_checkpoint_before_a_damaged_one_is_exported(workplace):
    spec = train_spec(workplace, checkpoint={"every_epochs": 1})
    folder = stopped_run(workplace, spec, after_epoch=3)
    before, newest = sorted((folder / "checkpoints").iterdir())
    (newest / "tensors.safetensors").write_bytes(b"cut")
    described = json.loads(export_run(workplace).path("export.json").read_text())
    assert described["checkpoint"]["name"] == before.name
    assert any(
        isinstance(event, WarningRaised) and event.code == "checkpoint_damaged" for event in workplace.events
    )


def test_a_run_without_a_checkpoint_is_rejected(workplace):
    with pytest.raises(ConfigError, match="no folder any more"):
        export_run(workplace)
    folder = workplace.context(RUN_ID).run_dir
    (folder / "job.json").write_text(json.dumps({"kind": "evaluate", "spec": {}}))
    with pytest.raises(ConfigError, match="got evaluate, expected train"):
        export_run(workplace)
    job = {"kind": "train", "spec": spec_to_dict(train_spec(workplace))}
    (folder / "job.json").write_text(json.dumps(job))
    with pytest.raises(ConfigError, match="has no checkpoint"):
        export_run(workplace)
