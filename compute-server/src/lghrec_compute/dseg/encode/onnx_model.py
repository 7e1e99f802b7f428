"""Runs a BERT encoder with ONNX Runtime on the CPU. It starts without torch, and takes less time per text.

When a model is used for the first time, its graph is built and compared with torch on a few texts. The cache
contains the graph and the result of the comparison, by the hash of the weights.

Shapes: B windows of a batch, T tokens of the longest, C semantic id.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from lghrec_compute.artifacts import write_atomic
from lghrec_compute.dseg.encode import onnx_graph
from lghrec_compute.dseg.encode.folder import ModelFolder
from lghrec_compute.dseg.encode.windows import pool
from lghrec_compute.json_types import json_sha256
from lghrec_compute.types import Floats, Ints

TOLERANCE = 1e-5
"""Maximum difference of unit vectors from those of torch that counts as equal."""


@dataclass(frozen=True)
class EncoderCheck:
    """Result of the comparison. `graph_sha256` identifies the graph that was compared."""

    max_difference: float
    graph_sha256: str

    @property
    def is_equal(self) -> bool:
        """False also if a value is NaN."""
        return self.max_difference <= TOLERANCE


class OnnxModel:
    """Runs the graph in one thread. The bits depend only on the texts and on the version of ONNX Runtime."""

    runtime = "onnxruntime"

    def __init__(self, session: Any, folder: ModelFolder, pooling: str) -> None:
        self._session = session
        self._first_position = folder.first_position
        self._pooling = pooling

    @staticmethod
    def load(folder: ModelFolder, pooling: str, model: bytes | None = None) -> tuple[OnnxModel, bytes]:
        """Open a session with `model`, or with a graph that is built now. Returns the model and the graph.

        Raises `KeyError` if the weights lack a tensor.
        """
        from safetensors.numpy import load_file

        pooler = pooling == "pooler"
        stored: dict[str, Floats] = {}
        for path in folder.weights:
            stored.update(load_file(path))
        weights = onnx_graph.graph_weights(stored, folder.config, pooler=pooler)
        shapes = {name: value.shape for name, value in weights.items()}
        model = model or onnx_graph.build_graph(shapes, folder.config, pooler=pooler)
        return OnnxModel(_session(model, weights), folder, pooling), model

    def pooled(self, ids_BT: Ints, length_B: Ints) -> Floats:
        """Return vectors [B, C] of windows of tokens, of any norm. Tokens after the length of a window are
        zero."""
        width = ids_BT.shape[1]
        position_BT = np.broadcast_to(np.arange(width) + self._first_position, ids_BT.shape)
        inputs = {
            "ids": ids_BT,
            "positions.ids": np.ascontiguousarray(position_BT, np.int64),
            "lengths": length_B.astype(np.int32),
        }
        out = self._session.run(None, inputs)[0]
        if self._pooling == "pooler":
            return out
        kept_BT = (np.arange(width) < length_B[:, None]).astype(np.float32)
        return pool(out, kept_BT, self._pooling)


class EncoderChecks:
    """The compared graphs in one folder of the cache."""

    def __init__(self, root: Path, folder: ModelFolder, pooling: str) -> None:
        import onnxruntime

        parts = [onnx_graph.VERSION, onnxruntime.__version__, folder.sha256, pooling == "pooler"]
        name = f"{folder.sha256[:16]}-{json_sha256(parts)[:16]}"
        self._graph = root / f"{name}.onnx"
        self._check = root / f"{name}.json"

    def find(self) -> tuple[EncoderCheck, bytes] | None:
        """Return the stored check and graph, or None if they are missing or incomplete."""
        try:
            model = self._graph.read_bytes()
            check = EncoderCheck(**json.loads(self._check.read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        return (check, model) if sha256(model).hexdigest() == check.graph_sha256 else None

    def keep(self, model: bytes, max_difference: float) -> EncoderCheck:
        """Store the graph, then the check. Raises `DiskError` on failure."""
        check = EncoderCheck(max_difference, sha256(model).hexdigest())
        self._graph.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(self._graph, model)
        write_atomic(self._check, json.dumps(asdict(check)).encode())
        return check


def max_difference(first: Floats, second: Floats) -> float:
    """Return the maximum absolute difference between the rows' unit vectors."""
    units = [
        rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12) for rows in (first, second)
    ]
    return float(np.abs(units[0] - units[1]).max())


def _session(model: bytes, weights: dict[str, Floats]) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # the shapes of the batches differ
    options.log_severity_level = 3
    names: Sequence[str] = list(weights)
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(weights[name]) for name in names]
    options.add_external_initializers(names, values)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
