"""Where a training run stands, and its way into a checkpoint and back to the bit.

Order and negatives of a batch need no state: they depend on seed, epoch and step alone (data/batches.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.training.checkpoint import Snapshot
from lghrec_compute.training.early_stop import EarlyStop
from lghrec_compute.training.losses import LossLog
from lghrec_compute.training.setup import TrainingSetup


@dataclass
class State:
    """`epoch`, from 1, and `step`, from 0, are next to do; `best` are the backbone's best tensors."""

    early_stop: EarlyStop
    losses: LossLog
    epoch: int = 1
    step: int = 0
    seconds: float = 0.0
    best: dict[str, Tensor] = field(default_factory=dict)
    history: list[Json] = field(default_factory=list)

    def next_epoch(self, losses: LossLog) -> None:
        """Steps over the end of an epoch."""
        self.epoch, self.step, self.losses = self.epoch + 1, 0, losses


def new_state(setup: TrainingSetup) -> State:
    """The state before the first step."""
    return State(EarlyStop(setup.spec.early_stop.patience), LossLog(setup.sampler.num_steps, setup.device))


def capture(setup: TrainingSetup, state: State) -> Snapshot:
    """Everything that the steps to come depend on."""
    optimizer = setup.optimizer.state_dict()
    tensors = {
        **_prefixed("backbone", setup.backbone.state_dict()),
        **_prefixed("best", state.best),
        **_prefixed("policy", setup.policy.state_dict()),
        **_flat_optimizer(optimizer),
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
    """Puts a snapshot back into the job's parts and returns the state to go on from."""
    tensors, plain = snapshot.tensors, snapshot.plain
    assert plain["sampler_seed"] == setup.sampler.seed, "a checkpoint of other batches"
    setup.backbone.load_state_dict(_under("backbone", tensors))
    setup.policy.load_state_dict(_under("policy", tensors))
    _load_optimizer(setup.optimizer, _under("optimizer", tensors))
    torch.set_rng_state(tensors["random/torch"])
    if "random/cuda" in tensors and setup.device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random/cuda"], setup.device)
    _load_numpy_random(plain["random_numpy"])
    state = new_state(setup)
    state.epoch, state.step, state.seconds = snapshot.epoch + 1, snapshot.step, plain["seconds"]
    state.early_stop.load(plain["early_stop"])
    state.history = list(plain["history"])
    state.losses.load(plain["loss_names"], tensors["losses"].to(setup.device))
    state.best = {name: value.to(setup.device) for name, value in _under("best", tensors).items()}
    return state


def copy_tensors(setup: TrainingSetup) -> dict[str, Tensor]:
    """The backbone's tensors as they are now."""
    return {name: value.detach().clone() for name, value in setup.backbone.state_dict().items()}


def _prefixed(prefix: str, tensors: dict[str, Any]) -> dict[str, Tensor]:
    return {f"{prefix}/{name}": value for name, value in tensors.items()}


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = prefix + "/"
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}


def _flat_optimizer(optimizer: dict[str, Any]) -> dict[str, Tensor]:
    return {
        f"optimizer/{index}/{name}": value
        for index, moments in optimizer["state"].items()
        for name, value in moments.items()
    }


def _load_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    moments: dict[int, dict[str, Tensor]] = {}
    for path, value in tensors.items():
        index, _, name = path.partition("/")
        moments.setdefault(int(index), {})[name] = value
    # learning rates come from the spec, which the checkpoint's digest pins
    optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})


def _plain_numpy_random() -> Json:
    state: Any = np.random.get_state(legacy=False)
    return {**state, "state": {**state["state"], "key": state["state"]["key"].tolist()}}


def _load_numpy_random(plain: Json) -> None:
    key = np.array(plain["state"]["key"], dtype=np.uint32)
    np.random.set_state({**plain, "state": {**plain["state"], "key": key}})
