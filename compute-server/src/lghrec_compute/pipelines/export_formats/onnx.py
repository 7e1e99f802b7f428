"""Export as two ONNX graphs that share one file of embeddings, checked against torch before they are stored.

score.onnx: users int64 [B] -> scores float32 [B, I].
topk.onnx: users int64 [B], mask bool [B, I] (true leaves an item out), k int64 [1] -> scores float32 [B, K],
items int64 [B, K]. Equal scores are ordered by the lower item, as ONNX defines TopK. A position for which no
item remains has the score -inf.

The graphs sum in float32, and the runtime chooses the order of the sum. Scores that differ by less than its
rounding may therefore have another order than in the other exports.

Shapes: B users of a batch, I items, D embedding size, K length of a list, U checked users, E seen pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from lghrec_compute.artifacts import Draft
from lghrec_compute.errors import IntegrityError
from lghrec_compute.evaluation.pairs import Lists, lists_of, pair_keys
from lghrec_compute.events import Log, Progress
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_ids import write_ids
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.pipelines.model_store import seen_parts
from lghrec_compute.spec import ExportSpec
from lghrec_compute.types import Bools, Ints

TEXT = """\
score.onnx: users int64 [batch] -> scores float32 [batch, {num_items}].
topk.onnx: users int64 [batch], mask bool [batch, {num_items}] (true excludes an item), k int64 [1],
at most {num_items} -> scores float32 [batch, k] and items int64 [batch, k], best first.
Both read embeddings.bin, which must be in the same folder. {ids}

Equal scores are ordered by the lower item. A position for which no item remains has the score -inf: ignore
it. The runtime sums scores in float32. The scores were compared with those of PyTorch, to {facts[checked_to]}
of the largest. Scores that differ by less than that may have another order than in other exports.
"""

CODE = """\
import json
import numpy as np
import onnxruntime

ids = json.load(open("ids.json", encoding="utf-8"))
session = onnxruntime.InferenceSession("topk.onnx")
users = np.array([0])
mask = np.zeros((len(users), len(ids["items"])), dtype=bool)  # true: exclude the item
k = np.array([min(10, len(ids["items"]))])
scores, items = session.run(["scores", "items"], {{"users": users, "mask": mask, "k": k}})
print("best items of user", ids["users"][0], "are", [ids["items"][item] for item in items[0]])
"""

_OPSET, _IR_VERSION = 17, 8  # old versions, so that older runtimes can load the graphs
_DATA, _PAGE = "embeddings.bin", 4096
TOLERANCE = 1e-5
"""Largest allowed difference: relative to the largest score of a batch, or absolute if all are below 1."""
_CHECKED_USERS, _CHECKED_K = 256, 20
_CELLS = 2**22


def write(draft: Draft, source: Exported, _spec: ExportSpec, context: RunContext) -> Json:
    """Write score.onnx, topk.onnx, embeddings.bin and ids.json.

    Raises `IntegrityError` if the graphs do not compute the scores of the model.
    """
    tables = _write_tables(draft.path(_DATA), source)
    _save(draft.path("score.onnx"), _score_graph(source), tables)
    _save(draft.path("topk.onnx"), _topk_graph(source), tables)
    write_ids(draft, source)
    largest = check_graphs(draft.folder, source, context)
    context.emit(Log(f"the ONNX graphs differ from torch by {largest:.1e} of the largest score at most"))
    return {"opset": _OPSET, "checked_to": TOLERANCE}


def check_graphs(folder: Path, source: Exported, context: RunContext) -> float:
    """Compares both graphs with torch for up to 256 users. Returns the largest relative difference of scores.

    Raises `IntegrityError` if scores differ by more than `TOLERANCE`, or if a list contains a masked item,
    the same item twice, or worse items than the exact list.
    """
    score, topk = _session(folder / "score.onnx"), _session(folder / "topk.onnx")
    num_users, num_items = source.dataset.num_users, source.dataset.num_items
    keys = pair_keys(seen_parts(source.dataset, "train_valid"), num_users, num_items)
    cutoff, largest = min(_CHECKED_K, num_items), 0.0
    for users_B in _batches(num_users, num_items):
        context.check_stop()
        with torch.no_grad():
            expected_BI = (source.users_UD[torch.from_numpy(users_B)] @ source.items_ID.T).numpy()
        allowed = TOLERANCE * max(1.0, float(np.abs(expected_BI).max()))
        got_BI = np.asarray(score.run(["scores"], {"users": users_B})[0])
        off = float(np.abs(got_BI - expected_BI).max())
        if not off <= allowed:  # this form also rejects NaN
            _refuse("score.onnx", f"got scores that are {off:.2e} off, expected at most {allowed:.2e}")
        largest = max(largest, off / allowed * TOLERANCE)
        mask_BI = _mask(lists_of(keys, users_B, num_items), num_items)
        feed = {"users": users_B, "mask": mask_BI, "k": np.array([cutoff], np.int64)}
        scores_BK, items_BK = (np.asarray(part) for part in topk.run(["scores", "items"], feed))
        _check_lists(np.where(mask_BI, -np.inf, expected_BI), scores_BK, items_BK, allowed=allowed)
    context.emit(Progress("check", 1, 1))
    return largest


def _check_lists(expected_BI: np.ndarray, scores_BK: np.ndarray, items_BK: Ints, *, allowed: float) -> None:
    best_BK = -np.sort(-expected_BI, axis=1)[:, : items_BK.shape[1]]
    chosen_BK = np.take_along_axis(expected_BI, items_BK, axis=1)
    sorted_BK = np.sort(items_BK, axis=1)
    both = np.isneginf(best_BK)
    if not np.array_equal(both, np.isneginf(chosen_BK)) or not np.array_equal(both, np.isneginf(scores_BK)):
        _refuse("topk.onnx", "got masked items before others")
    if (sorted_BK[:, 1:] == sorted_BK[:, :-1]).any():
        _refuse("topk.onnx", "got an item twice in a list")
    for got_BK in (scores_BK, chosen_BK):
        off = float(np.abs(np.where(both, 0, got_BK) - np.where(both, 0, best_BK)).max(initial=0))
        if not off <= allowed:
            _refuse("topk.onnx", f"got lists that are {off:.2e} off, expected at most {allowed:.2e}")


def _refuse(name: str, what: str) -> None:
    raise IntegrityError(
        f"{name} does not compute the scores of the model: {what}",
        hint="export as safetensors, or install another version of onnxruntime",
    )


def _batches(num_users: int, num_items: int) -> Iterator[Ints]:
    count = min(num_users, _CHECKED_USERS)
    users_U = np.unique(np.linspace(0, num_users - 1, count).astype(np.int64))
    at_once = max(1, _CELLS // num_items)
    yield from (users_U[first : first + at_once] for first in range(0, len(users_U), at_once))


def _mask(seen: Lists, num_items: int) -> Bools:
    mask_BI = np.zeros((len(seen.sizes), num_items), np.bool_)
    mask_BI[seen.rows_E, seen.items_E] = True
    return mask_BI


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _write_tables(path: Path, source: Exported) -> tuple[TensorProto, TensorProto]:
    """Writes both tables, little-endian, each at the start of a page. Returns tensors that refer to them."""
    tables: list[TensorProto] = []
    with path.open("wb") as file:
        for name, embeddings in (("users_UD", source.users_UD), ("items_ID", source.items_ID)):
            file.write(b"\0" * (-file.tell() % _PAGE))
            offset = file.tell()
            data = embeddings.contiguous().numpy().astype("<f4", copy=False)
            file.write(data.data.cast("B"))
            tables.append(_outside(name, data.shape, offset=offset, length=data.nbytes))
    return tables[0], tables[1]


def _outside(name: str, shape: Sequence[int], *, offset: int, length: int) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", _DATA), ("offset", str(offset)), ("length", str(length))):
        tensor.external_data.add(key=key, value=value)
    return tensor


_SCORING = (
    helper.make_node("Gather", ["users_UD", "users"], ["rows_BD"]),
    helper.make_node("Gemm", ["rows_BD", "items_ID"], ["scores_BI"], transB=1),
)

_Values = list[ValueInfoProto]


def _score_graph(source: Exported) -> tuple[list[NodeProto], _Values, _Values]:
    rename = helper.make_node("Identity", ["scores_BI"], ["scores"])
    users = helper.make_tensor_value_info("users", TensorProto.INT64, ["batch"])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", source.dataset.num_items])
    return [*_SCORING, rename], [users], [scores]


def _topk_graph(source: Exported) -> tuple[list[NodeProto], _Values, _Values]:
    lowest = helper.make_tensor("lowest", TensorProto.FLOAT, [], [-np.inf])
    nodes = [
        *_SCORING,
        helper.make_node("Constant", [], ["lowest"], value=lowest),
        helper.make_node("Where", ["mask", "lowest", "scores_BI"], ["left_BI"]),
        helper.make_node("TopK", ["left_BI", "k"], ["scores", "items"], axis=1, largest=1, sorted=1),
    ]
    inputs = [
        helper.make_tensor_value_info("users", TensorProto.INT64, ["batch"]),
        helper.make_tensor_value_info("mask", TensorProto.BOOL, ["batch", source.dataset.num_items]),
        helper.make_tensor_value_info("k", TensorProto.INT64, [1]),
    ]
    outputs = [
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", "k"]),
        helper.make_tensor_value_info("items", TensorProto.INT64, ["batch", "k"]),
    ]
    return nodes, inputs, outputs


def _save(
    path: Path,
    graph: tuple[list[NodeProto], _Values, _Values],
    tables: tuple[TensorProto, TensorProto],
) -> None:
    graph_proto = helper.make_graph(graph[0], path.stem, graph[1], graph[2], initializer=tables)
    model: ModelProto = helper.make_model(
        graph_proto,
        producer_name="lghrec",
        ir_version=_IR_VERSION,
        opset_imports=[helper.make_opsetid("", _OPSET)],
    )
    path.write_bytes(model.SerializeToString(deterministic=True))
    onnx.checker.check_model(str(path), full_check=True)
