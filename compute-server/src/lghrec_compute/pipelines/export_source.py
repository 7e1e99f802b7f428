"""Loads the embeddings of an export, from a model artifact or from a run's newest checkpoint.

Shapes: U users, I items, D embedding size.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import torch
from torch import Tensor

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.store import load_dataset
from lghrec_compute.errors import ConfigError
from lghrec_compute.events import Log
from lghrec_compute.json_types import Json, json_sha256
from lghrec_compute.layout import DataDir, RunDir
from lghrec_compute.pipelines.assemble import assemble
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.model_store import load_model
from lghrec_compute.spec import ExportSpec, TrainSpec, parse, spec_digest
from lghrec_compute.state_tensors import under_prefix
from lghrec_compute.training import Checkpoints, make_deterministic, resolve_device


@dataclass(frozen=True)
class Exported:
    """The embeddings of an export. `users_UD` and `items_ID` are float32 on the CPU, scored by dot product.

    `origin` identifies the model or the checkpoint: {"model": id} or {"checkpoint": {"name", "epoch",
    "is_best"}}. It is the same for equal embeddings. `train_digest` is the digest of the train spec.
    """

    users_UD: Tensor
    items_ID: Tensor
    dataset: Dataset
    dataset_id: str
    origin: Json
    train_digest: str

    @property
    def dim(self) -> int:
        """Embedding size D."""
        return self.users_UD.shape[1]


def load_source(spec: ExportSpec, context: RunContext) -> Exported:
    """Loads the model or the checkpoint of `spec`, and checks the hashes.

    Raises the errors of `load_model`, `ConfigError` for a run that is not a train run or has no checkpoint,
    and `IntegrityError` if the files of the run cannot be read.
    """
    return _of_run(spec, context) if spec.model is None else _of_model(spec.model, context)


def _of_model(model_id: str, context: RunContext) -> Exported:
    model = load_model(context.store, model_id)
    digest = json_sha256({"kind": "train", "spec": model.artifact.meta["spec"]})
    return Exported(
        model.users_UD, model.items_ID, model.dataset, model.dataset_id, {"model": model_id}, digest
    )


def _of_run(spec: ExportSpec, context: RunContext) -> Exported:
    assert spec.run is not None, "a spec has a model or a run"
    folder = DataDir(context.data_dir).run(spec.run)
    train = _train_spec(folder, spec.run)
    digest = spec_digest("train", train)
    snapshot = Checkpoints(folder.checkpoints, spec_digest=digest, emit=context.emit).load()
    if snapshot is None:
        raise ConfigError(
            f"run {spec.run} has no checkpoint: got none, expected at least one in its folder",
            hint="export the run's model if it has one, or train again with more frequent checkpoints",
        )
    dataset = load_dataset(context.store.verified(train.dataset, "dataset"))
    best = under_prefix("best", snapshot.tensors)
    tensors = best or under_prefix("backbone", snapshot.tensors)
    users_UD, items_ID = _embeddings(train, dataset, tensors, spec, context)
    epoch = snapshot.plain["early_stop"]["best_epoch"] if best else snapshot.epoch
    which = f"the best tensors, of epoch {epoch}" if best else f"the last tensors, after {epoch} epochs"
    context.emit(Log(f"the export contains {which}, from checkpoint {snapshot.name} of run {spec.run}"))
    origin = {"checkpoint": {"name": snapshot.name, "epoch": epoch, "is_best": bool(best)}}
    return Exported(users_UD, items_ID, dataset, train.dataset, origin, digest)


def _train_spec(folder: RunDir, run_id: str) -> TrainSpec:
    try:
        job: Json = json.loads(folder.job.read_text())
    except OSError as error:
        raise ConfigError(
            f"run {run_id} has no folder any more: {error.strerror}", hint="export the run's model"
        ) from error
    if job["kind"] != "train":
        raise ConfigError(f"run {run_id} is not a train run: got {job['kind']}, expected train")
    return parse(TrainSpec, job["spec"])


def _embeddings(
    train: TrainSpec, dataset: Dataset, tensors: dict[str, Tensor], spec: ExportSpec, context: RunContext
) -> tuple[Tensor, Tensor]:
    make_deterministic(train.seed)
    device: torch.device = resolve_device(spec.device)
    backbone = assemble(train, dataset, device, context)
    backbone.load_state_dict(tensors)
    users_UD, items_ID = backbone.embeddings()
    return users_UD.float().cpu().contiguous(), items_ID.float().cpu().contiguous()
