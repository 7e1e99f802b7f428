"""Time one backbone in a process of its own: `python speed_one.py '{"backbone": ..., "dataset": ...}'`.

It prints one line of JSON: seconds per epoch and per evaluation, the seconds of an epoch in which the
policy selects and learns, the peak of memory, the estimate from before the start, and the minimum number of
bytes that an epoch moves.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

Json = dict[str, Any]


def main(request: Json) -> Json:
    """Measure one backbone on one prepared data set."""
    import torch

    if request.get("threads"):
        torch.set_num_threads(request["threads"])
    from lghrec_compute.worker.allocator import keep_freed_memory

    keep_freed_memory()  # as the worker does
    setup, estimated = _build(request)
    watches = [Watch(setup.policy, name) for name in ("act", "learn")]
    parts = [_epoch(setup, epoch, watches) for epoch in range(1, request.get("epochs", 3) + 2)][1:]
    epoch_seconds, act_seconds, learn_seconds = (median(part) for part in zip(*parts, strict=True))
    evaluations = [_evaluation(setup) for _ in range(3)][1:]
    cuda = setup.device.type == "cuda"
    return {
        "epoch_seconds": epoch_seconds,
        "act_seconds": act_seconds,
        "learn_seconds": learn_seconds,
        "evaluation_seconds": median(evaluations),
        "peak_bytes": _peak_bytes(),
        "peak_device_bytes": torch.cuda.max_memory_allocated() if cuda else 0,
        "estimated_bytes": estimated,
        "least_bytes": least_bytes(setup),
        "device": torch.cuda.get_device_name() if cuda else "cpu",
        "threads": torch.get_num_threads(),
    }


def _build(request: Json) -> tuple[Any, int]:
    """Return a setup as the train pipeline builds it, and the estimate of its memory in bytes."""
    import numpy as np
    import torch

    from lghrec_compute.artifacts import ArtifactStore
    from lghrec_compute.backbones import EgoTable, Inputs, build_backbone
    from lghrec_compute.data.store import load_dataset
    from lghrec_compute.graph import build_graph
    from lghrec_compute.policy import PolicyInput, build_policy
    from lghrec_compute.spec import TrainSpec, parse
    from lghrec_compute.training import build_setup, make_deterministic, memory, resolve_device

    dataset = load_dataset(ArtifactStore(Path(request["store"])).get(request["dataset"], "dataset"))
    device = resolve_device(request.get("device", "auto"))
    fields = {
        name: request[name] for name in ("dataset", "backbone", "policy", "batch_size") if name in request
    }
    spec = parse(TrainSpec, fields)
    make_deterministic(0)
    train = dataset.train
    graph = build_graph(train.user_E, train.item_E, dataset.num_users, dataset.num_items, device=device)
    ego = EgoTable(dataset.num_users, dataset.num_items, spec.embedding_dim, seed=0)
    semantic_IC = np.random.default_rng(0).normal(size=(dataset.num_items, 384)).astype(np.float32)
    inputs = Inputs(graph, ego, 0, torch.from_numpy(semantic_IC).to(device))
    backbone = build_backbone(spec.backbone, inputs).to(device)
    known = PolicyInput(graph.degree_V, graph.num_users, spec.embedding_dim, 0, device)
    setup = build_setup(spec, dataset, backbone, build_policy(spec.policy, known), device=device)
    needed = memory.estimate(spec, dataset, backbone, device)
    return setup, needed.host + needed.device


def least_bytes(setup: Any) -> int:
    """Return the minimum bytes of an epoch: a sparse product reads each gathered row once and writes its
    result.

    The bytes are those of the forward and backward pass of the final encoding and of Adam's seven passes
    over the tables. Views and contrasts move more, so the reported share of the bandwidth is a lower bound.
    """
    graph, dim = setup.backbone.graph, setup.spec.embedding_dim
    table = graph.num_nodes * dim * 4
    options = setup.spec.backbone
    layers = getattr(options, "layers", 0) if options.has_graph_layers else 0
    product = 2 * table + graph.num_edges * 2 * 8
    weights = sum(parameter.numel() for parameter in setup.backbone.parameters()) * 4
    return setup.sampler.num_steps * (2 * layers * product + 7 * weights)


def _peak_bytes() -> int:
    """Return the peak of this program; getrusage would include the memory of the process before exec."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


class Watch:
    """Sum the seconds spent in one method of a policy; on a GPU, the seconds in which it submits work."""

    def __init__(self, policy: Any, name: str) -> None:
        self.seconds = 0.0
        self._method = getattr(policy, name)
        setattr(policy, name, self)

    def __call__(self, *args: Any) -> Any:
        """Call the method and add its seconds."""
        started = time.perf_counter()
        try:
            return self._method(*args)
        finally:
            self.seconds += time.perf_counter() - started


def _epoch(setup: Any, epoch: int, watches: list[Watch]) -> tuple[float, ...]:
    """Return the seconds of an epoch and of each watch in it."""
    from lghrec_compute.training.step import train_step

    before = [watch.seconds for watch in watches]
    started = time.perf_counter()
    setup.backbone.on_epoch(epoch, resumed=False)
    setup.policy.on_epoch(epoch)
    for step, batch in enumerate(setup.sampler.batches(epoch, device=setup.device)):
        losses = train_step(setup, batch, epoch, step)
    float(losses["loss/total"])  # waits for the device
    seconds = time.perf_counter() - started
    return seconds, *(watch.seconds - then for watch, then in zip(watches, before, strict=True))


def _evaluation(setup: Any) -> float:
    started = time.perf_counter()
    setup.validate(*setup.backbone.embeddings())
    return time.perf_counter() - started


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
