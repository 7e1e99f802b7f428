"""The training loop, which joins a backbone, a policy and batches. It knows no wire format and no
artifacts."""

from lghrec_compute.training.checkpoint import Checkpoints, Snapshot, write_tensors
from lghrec_compute.training.device import device_name, make_deterministic, resolve_device
from lghrec_compute.training.early_stop import EarlyStop
from lghrec_compute.training.fit import Summary, TrainingHooks, fit
from lghrec_compute.training.setup import TrainingSetup, build_setup

__all__ = [
    "Checkpoints",
    "EarlyStop",
    "Snapshot",
    "Summary",
    "TrainingHooks",
    "TrainingSetup",
    "build_setup",
    "device_name",
    "fit",
    "make_deterministic",
    "resolve_device",
    "write_tensors",
]
