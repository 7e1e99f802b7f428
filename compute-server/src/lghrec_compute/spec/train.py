"""What a train run may ask for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from lghrec_compute.spec.backbone import Backbone
from lghrec_compute.spec.base import Spec, served
from lghrec_compute.spec.common import ArtifactId, Device, Seed, Threads
from lghrec_compute.spec.metrics import check_metric
from lghrec_compute.spec.policy import NativePolicy, Policy

FUSIONS = frozenset({"concat_linear", "weighted_sum"})


class Fusion(Spec):
    """How semantic ids enter the item rows of the ego table."""

    method: Annotated[str, AfterValidator(lambda v: served(v, FUSIONS, "fusion"))] = "concat_linear"
    learning_rate_factor: Annotated[float, Field(gt=0, le=100)] = 0.01
    """The fusion matrix is shared by all items and moves each of them at every step, and its semantic columns
    are standardised: it has to learn much slower than the ids. On ml-100k .3, .03 and .005 gave a valid
    NDCG@20 of .259, .276 and .279."""


class Optimizer(Spec):
    """Adam."""

    learning_rate: Annotated[float, Field(gt=0, le=10)] = 1e-3
    regularization: Annotated[float, Field(ge=0, le=10)] = 1e-4
    """Weight of the squared norm of the batch's ego rows."""


class EarlyStop(Spec):
    """When training ends before its last epoch."""

    metric: Annotated[str, AfterValidator(check_metric)] = "ndcg@20"
    """A metric on the valid part."""
    patience: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Evaluations without a better value."""
    every_epochs: Annotated[int, Field(ge=1, le=10_000)] = 1


class Checkpointing(Spec):
    """When a checkpoint to go on from is committed."""

    every_epochs: Annotated[int, Field(ge=1, le=10_000)] = 5


class TrainSpec(Spec):
    """A backbone on a data set, with or without semantic ids, under a policy."""

    kind: Literal["train"] = Field(default="train", exclude=True)
    dataset: ArtifactId
    semantic_ids: ArtifactId | None = None
    backbone: Backbone
    policy: Policy = NativePolicy()
    fusion: Fusion = Fusion()
    optimizer: Optimizer = Optimizer()
    embedding_dim: Annotated[int, Field(ge=2, le=4096)] = 64
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)] = 2048
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 300
    early_stop: EarlyStop = EarlyStop()
    checkpoint: Checkpointing = Checkpointing()
    seed: Seed = 0
    device: Device = "auto"
    threads: Threads | None = None
    """None: chosen by the worker from the cores that are free and the size of the graph."""
