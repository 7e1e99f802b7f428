"""The train service. It trains a model on a data set, with semantic ids if the spec has them."""

from __future__ import annotations

import torch

from lghrec_compute.artifacts import Artifact
from lghrec_compute.backbones import Backbone
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.store import load_dataset
from lghrec_compute.events import Log, WarningRaised
from lghrec_compute.json_types import canonical_json
from lghrec_compute.pipelines.assemble import assemble
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.policy import PolicyInput, build_policy
from lghrec_compute.results import TrainResult
from lghrec_compute.spec import TrainSpec, spec_digest, spec_to_dict
from lghrec_compute.training import (
    Checkpoints,
    Summary,
    TrainingHooks,
    build_setup,
    device_name,
    fit,
    make_deterministic,
    memory,
    resolve_device,
    write_tensors,
)


def run(spec: TrainSpec, context: RunContext) -> TrainResult:
    """Trains the model of `spec` and stores it.

    It resumes from the run's newest checkpoint if there is one. Raises the errors of `fit`, `DeviceError` for
    a device that does not exist, `NotFoundError` for missing artifacts, and `ConfigError` for artifacts that
    do not belong together.
    """
    make_deterministic(spec.seed)
    device = resolve_device(spec.device)
    dataset = load_dataset(context.store.verified(spec.dataset, "dataset"))
    _log_start(spec, dataset, device, context)

    backbone = assemble(spec, dataset, device, context)
    graph = backbone.graph
    known = PolicyInput(graph.degree_V, graph.num_users, spec.embedding_dim, spec.seed, device)
    setup = build_setup(spec, dataset, backbone, build_policy(spec.policy, known), device=device)
    needed = memory.estimate(spec, dataset, backbone, device)
    memory.check(needed, device)
    context.emit(Log(f"the run needs at most about {(needed.host + needed.device) / 1e9:.2f} GB of memory"))
    checkpoints = Checkpoints(
        context.checkpoint_dir, spec_digest=spec_digest("train", spec), emit=context.emit
    )
    summary = fit(setup, TrainingHooks(context.emit, context.check_stop, checkpoints))

    model = save_model(spec, backbone, summary, context)
    return TrainResult(
        model=model.ref,
        best_epoch=summary.best_epoch,
        epochs_run=summary.epochs_run,
        metrics=summary.metrics,
        train_seconds=summary.seconds,
        device=device_name(device),
        threads=torch.get_num_threads(),
    )


def save_model(spec: TrainSpec, backbone: Backbone, summary: Summary, context: RunContext) -> Artifact:
    """Stores the final embeddings and the tensors of the backbone. Equal runs give equal bytes.

    embeddings.safetensors contains users_UD and items_ID, float32, scored by dot product.
    checkpoint.safetensors contains the backbone's tensors at the best epoch, and checkpoint.json describes
    them. history.json contains the reported values of each epoch.
    """
    meta = {
        "dataset": spec.dataset,
        "semantic_ids": spec.semantic_ids,
        "spec": spec_to_dict(spec),
        "best_epoch": summary.best_epoch,
        "metrics": summary.metrics,
    }
    users_UD, items_ID = backbone.embeddings()
    tensors = backbone.state_dict()
    described = {
        "format": 1,
        "spec": spec_to_dict(spec),
        "epoch": summary.best_epoch,
        "shapes": {name: list(value.shape) for name, value in tensors.items()},
    }
    with context.store.draft("model", meta, run_id=context.run_id) as draft:
        draft.path("history.json").write_text(canonical_json({"epochs": summary.history}))
        write_tensors(draft.path("embeddings.safetensors"), {"users_UD": users_UD, "items_ID": items_ID})
        write_tensors(draft.path("checkpoint.safetensors"), tensors)
        draft.path("checkpoint.json").write_text(canonical_json(described))
    return context.announce(draft)


def _log_start(spec: TrainSpec, dataset: Dataset, device: torch.device, context: RunContext) -> None:
    context.emit(
        Log(
            f"training {spec.backbone.name} on {device_name(device)} with {torch.get_num_threads()} threads: "
            f"{dataset.num_users} users, {dataset.num_items} items, {len(dataset.train)} train interactions"
        )
    )
    if not len(dataset.valid):
        context.emit(
            WarningRaised(
                "no_valid_part",
                "the data set has no valid part: training runs all epochs and keeps the last one",
            )
        )
