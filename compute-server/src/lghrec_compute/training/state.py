"""The state of a training run, and its conversion to a checkpoint and back, with the same bits.

The order and the negatives of batches need no state, because they depend only on seed, epoch and step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.state_tensors import (
    load_optimizer_tensors,
    optimizer_tensors,
    under_prefix,
    with_prefix,
)
from lghrec_compute.training.checkpoint import Snapshot
from lghrec_compute.training.early_stop import EarlyStop
from lghrec_compute.training.losses import LossLog
from lghrec_compute.training.setup import TrainingSetup


@dataclass
class State:
    """State between two steps.

    `epoch` (from 1) and `step` (from 0) are those of the next step. `seconds` is the training time so far.
    `best` contains the tensors of the backbone at the best epoch.
    """

    early_stop: EarlyStop
    losses: LossLog
    epoch: int = 1
    step: int = 0
    seconds: float = 0.0
    best: dict[str, Tensor] = field(default_factory=dict)
    history: list[Json] = field(default_factory=list)

    def next_epoch(self, losses: LossLog) -> None:
        """Start the next epoch."""
        self.epoch, self.step, self.losses = self.epoch + 1, 0, losses


def new_state(setup: TrainingSetup) -> State:
    """Return the state before the first step."""
    return State(EarlyStop(setup.spec.early_stop.patience), LossLog(setup.sampler.num_steps, setup.device))


def capture(setup: TrainingSetup, state: State) -> Snapshot:
    """Return everything that later steps depend on."""
    tensors = {
        **with_prefix("backbone", setup.backbone.state_dict()),
        **with_prefix("best", state.best),
        **with_prefix("policy", setup.policy.state_dict()),
        **with_prefix("optimizer", optimizer_tensors(setup.optimizer)),
        "losses": state.losses.values_SP[: state.losses.num_added].clone(),
        "random/torch": torch.get_rng_state(),
    }
    if setup.device.type == "cuda":
        tensors["random/cuda"] = torch.cuda.get_rng_state(setup.device)
    plain = {
        "early_stop": state.early_stop.state(),
        "loss_names": list(state.losses.names),
        "seconds": state.seconds,
        "history": list(state.history),
        "sampler_seed": setup.sampler.seed,
        "random_numpy": _plain_numpy_random(),
    }
    return Snapshot(state.epoch - 1, state.step, tensors, plain)


def restore(setup: TrainingSetup, snapshot: Snapshot) -> State:
    """Load a snapshot into the parts of `setup`, and return the state to resume from."""
    tensors, plain = snapshot.tensors, snapshot.plain
    assert plain["sampler_seed"] == setup.sampler.seed, "the checkpoint has other batches"
    setup.backbone.load_state_dict(under_prefix("backbone", tensors))
    setup.policy.load_state_dict(under_prefix("policy", tensors))
    # the learning rates come from the spec, whose digest the checkpoint contains
    load_optimizer_tensors(setup.optimizer, under_prefix("optimizer", tensors))
    torch.set_rng_state(tensors["random/torch"])
    if "random/cuda" in tensors and setup.device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random/cuda"], setup.device)
    _load_numpy_random(plain["random_numpy"])
    state = new_state(setup)
    state.epoch, state.step, state.seconds = snapshot.epoch + 1, snapshot.step, plain["seconds"]
    state.early_stop.load(plain["early_stop"])
    state.history = list(plain["history"])
    state.losses.load(plain["loss_names"], tensors["losses"].to(setup.device))
    state.best = {name: value.to(setup.device) for name, value in under_prefix("best", tensors).items()}
    return state


def copy_tensors(setup: TrainingSetup) -> dict[str, Tensor]:
    """Return a copy of the backbone's tensors."""
    return {name: value.detach().clone() for name, value in setup.backbone.state_dict().items()}


def _plain_numpy_random() -> Json:
    state: Any = np.random.get_state(legacy=False)
    return {**state, "state": {**state["state"], "key": state["state"]["key"].tolist()}}


def _load_numpy_random(plain: Json) -> None:
    key = np.array(plain["state"]["key"], dtype=np.uint32)
    np.random.set_state({**plain, "state": {**plain["state"], "key": key}})
