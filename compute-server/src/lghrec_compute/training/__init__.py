"""The loop that joins a backbone, a policy and batches. Knows no wire, no artifact, no one model."""

from lghrec_compute.training.checkpoint import Checkpoints, Snapshot, write_tensors
from lghrec_compute.training.device import device_name, make_deterministic, resolve_device
from lghrec_compute.training.early_stop import EarlyStop
from lghrec_compute.training.fit import Summary, Surroundings, fit
from lghrec_compute.training.job import Job, build_job

__all__ = [
    "Checkpoints",
    "EarlyStop",
    "Job",
    "Snapshot",
    "Summary",
    "Surroundings",
    "build_job",
    "device_name",
    "fit",
    "make_deterministic",
    "resolve_device",
    "write_tensors",
]
