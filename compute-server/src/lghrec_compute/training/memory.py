"""Estimate of the memory that a training run needs, before it starts.

The estimate is an upper bound. It counts the data that exist at the peak of a step, at the change of an epoch
and at a checkpoint. `test/bench/speed.py` prints it next to the measured memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

from lghrec_compute.backbones import Backbone
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.errors import MemoryLimitError
from lghrec_compute.spec.policy import NativePolicy
from lghrec_compute.spec.train import TrainSpec

_LIBRARIES = 450_000_000
"""Bytes of PyTorch, NumPy and Arrow after their first use."""
_HOST_BYTES_PER_INTERACTION = 200
"""About 25 int64 columns: the parts, the sampler, the batches of an epoch, and the construction of the
graph."""
_GRAPH_BYTES_PER_INTERACTION = 24
"""Bytes of the CSR matrix: index and value of both directions, and offsets."""
_COPIES_OF_WEIGHTS = 7
"""Weights, gradient, two moments, those of the best epoch, and two copies while a checkpoint is written."""
_RANKING = 80_000_000
"""Bytes of one chunk of an evaluation in the worst case, in which all scores are equal."""
_STORED_TERMS = 130_000_000
"""Bytes of the terms of two contrasts that are stored for the backward pass."""
_POOL_BYTES_PER_PAIR = 24
"""Bytes of two cosines, logits, noise and masks of a policy, for one task at a time."""


@dataclass(frozen=True)
class Estimate:
    """Bytes at the peak, on the host and on the device. On a CPU the device needs 0."""

    host: int
    device: int


def estimate(spec: TrainSpec, dataset: Dataset, backbone: Backbone, device: torch.device) -> Estimate:
    """Return the estimate for a run on `device`."""
    num_nodes, dim = backbone.graph.num_nodes, spec.embedding_dim
    num_weights = sum(parameter.numel() for parameter in backbone.parameters())
    buffers = sum(_bytes(buffer) for buffer in backbone.buffers())
    table = num_nodes * dim * 4
    on_device = (
        4 * num_weights * _COPIES_OF_WEIGHTS
        + 2 * buffers
        + table * backbone.step_tables
        + dataset.num_interactions * _GRAPH_BYTES_PER_INTERACTION
        + _pool_bytes(spec, backbone)
        + (_STORED_TERMS if spec.backbone.has_contrast else 0)
        + backbone.bytes_per_interaction * dataset.num_interactions
        + _RANKING
    )
    host = _LIBRARIES + dataset.num_interactions * _HOST_BYTES_PER_INTERACTION
    if device.type == "cpu":
        return Estimate(host + on_device, 0)
    return Estimate(host + 4 * num_weights * 3, on_device)


def check(needed: Estimate, device: torch.device) -> None:
    """Raise `MemoryLimitError` if the run needs more memory than is free now."""
    _compare(needed.host, available_bytes(), "memory")
    if device.type == "cuda":
        _compare(needed.device, torch.cuda.mem_get_info(device)[0], f"memory of {device}")


def available_bytes() -> int:
    """Return the free memory of the machine, or of the control group of this process if that is less."""
    free = psutil.virtual_memory().available
    group = Path("/sys/fs/cgroup")
    limit, used = group / "memory.max", group / "memory.current"
    if limit.is_file() and used.is_file() and (most := limit.read_text().strip()) != "max":
        free = min(free, max(0, int(most) - int(used.read_text())))
    return free


def _bytes(tensor: torch.Tensor) -> int:
    if tensor.layout is not torch.sparse_csr:
        return tensor.numel() * tensor.element_size()
    # numel of a sparse tensor includes its zeros
    return sum(_bytes(part) for part in (tensor.crow_indices(), tensor.col_indices(), tensor.values()))


def _pool_bytes(spec: TrainSpec, backbone: Backbone) -> int:
    if isinstance(spec.policy, NativePolicy):
        return 0
    most = max(backbone.graph.num_users, backbone.graph.num_items)
    return spec.batch_size * min(2 * spec.policy.pool_size, most) * _POOL_BYTES_PER_PAIR


def _compare(needed: int, free: int, what: str) -> None:
    if needed > free:
        raise MemoryLimitError(
            f"not enough {what}: the run needs about {needed / 1e9:.1f} GB, {free / 1e9:.1f} GB are free",
            hint="use a smaller embedding_dim, pool_size or batch_size, less data, or a larger machine",
        )
