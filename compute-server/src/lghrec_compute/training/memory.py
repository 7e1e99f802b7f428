"""How much memory a training run will need, known before it starts.

An upper estimate by counting what is alive at the worst moment of a step, of an epoch's change and of a
checkpoint; `test/bench/speed.py` prints it beside what was measured.
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
"""Torch, NumPy and Arrow, loaded and used once."""
_HOST_BYTES_AN_INTERACTION = 200
"""Parts, sampler, an epoch's batches and the building of the graph: int64 columns, about 25 of them."""
_GRAPH_BYTES_AN_EDGE = 24
"""CSR: index and value of both directions, and offsets."""
_COPIES_OF_WEIGHTS = 7
"""Weights, gradient, two moments, the best epoch's, and a checkpoint's two on their way to the disk."""
_RANKING = 80_000_000
"""One chunk of an evaluation, all scores tied."""
_KEPT_TABLES = 130_000_000
"""Terms of two contrasts that are kept for the backward pass."""
_POOL_BYTES_A_PAIR = 24
"""Two cosines, logits, noise and masks of a policy, for one task at a time."""


@dataclass(frozen=True)
class Estimate:
    """Bytes at the peak, on the host and on the device; on a CPU all of it is the host's."""

    host: int
    device: int


def estimate(spec: TrainSpec, dataset: Dataset, backbone: Backbone, device: torch.device) -> Estimate:
    """The peak of a run on `device`."""
    num_nodes, dim = backbone.graph.num_nodes, spec.embedding_dim
    num_weights = sum(parameter.numel() for parameter in backbone.parameters())
    buffers = sum(_bytes(buffer) for buffer in backbone.buffers())
    table = num_nodes * dim * 4
    on_device = (
        4 * num_weights * _COPIES_OF_WEIGHTS
        + 2 * buffers
        + table * backbone.step_tables
        + dataset.num_interactions * _GRAPH_BYTES_AN_EDGE
        + _pool_bytes(spec, backbone)
        + (_KEPT_TABLES if spec.backbone.has_contrast else 0)
        + backbone.bytes_per_interaction * dataset.num_interactions
        + _RANKING
    )
    host = _LIBRARIES + dataset.num_interactions * _HOST_BYTES_AN_INTERACTION
    if device.type == "cpu":
        return Estimate(host + on_device, 0)
    return Estimate(host + 4 * num_weights * 3, on_device)


def check(needed: Estimate, device: torch.device) -> None:
    """Raises `MemoryLimitError` if the run cannot fit into what is free now."""
    _compare(needed.host, available_bytes(), "memory")
    if device.type == "cuda":
        _compare(needed.device, torch.cuda.mem_get_info(device)[0], f"memory of {device}")


def available_bytes() -> int:
    """Memory that this process may still take: of the machine, and of its control group."""
    free = psutil.virtual_memory().available
    group = Path("/sys/fs/cgroup")
    limit, used = group / "memory.max", group / "memory.current"
    if limit.is_file() and used.is_file() and (most := limit.read_text().strip()) != "max":
        free = min(free, max(0, int(most) - int(used.read_text())))
    return free


def _bytes(tensor: torch.Tensor) -> int:
    if tensor.layout is not torch.sparse_csr:
        return tensor.numel() * tensor.element_size()
    # numel of a sparse one counts the zeros as well
    return sum(_bytes(part) for part in (tensor.crow_indices(), tensor.col_indices(), tensor.values()))


def _pool_bytes(spec: TrainSpec, backbone: Backbone) -> int:
    if isinstance(spec.policy, NativePolicy):
        return 0
    most = max(backbone.graph.num_users, backbone.graph.num_items)
    return spec.batch_size * min(2 * spec.policy.pool_size, most) * _POOL_BYTES_A_PAIR


def _compare(needed: int, free: int, what: str) -> None:
    if needed > free:
        raise MemoryLimitError(
            f"not enough {what}: the run needs about {needed / 1e9:.1f} GB, {free / 1e9:.1f} GB are free",
            hint="take a smaller embedding_dim, pool_size or batch_size, less data, or a larger machine",
        )
