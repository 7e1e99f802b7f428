"""Builds the ONNX graph of a BERT encoder from its configuration and the shapes of its weights.

The graph contains no weights; the session gets them separately, directly from the safetensors file. The graph
uses the fused operators of ONNX Runtime (domain com.microsoft). The attention operator gets the length of
each window.

Shapes: B windows of a batch, T tokens of the longest, C hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lghrec_compute.json_types import Json
from lghrec_compute.types import Floats

VERSION = 2
"""Increase it with each change of the graph, so that an older cached graph is not used."""

_KINDS = frozenset({"bert", "roberta", "xlm-roberta", "camembert"})
_OLD_NAMES = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}
_PREFIXES = ("bert.", "roberta.")
_FUSED = "com.microsoft"


def is_supported(config: Json) -> bool:
    """Return whether this graph represents a model with `config`. Other models run with torch."""
    plain = config.get("position_embedding_type", "absolute") == "absolute" and not config.get("is_decoder")
    return config["model_type"] in _KINDS and config.get("hidden_act") == "gelu" and plain


def graph_weights(weights: Mapping[str, Floats], config: Json, *, pooler: bool) -> dict[str, Floats]:
    """Return the graph's tensors by name, in the layout of its operators.

    Raises `KeyError` with the name of a missing tensor.
    """
    named = {_plain_name(name): value for name, value in weights.items()}
    embeddings = "embeddings."
    token_type_C = named[embeddings + "token_type_embeddings.weight"][0]
    out = {
        "words": named[embeddings + "word_embeddings.weight"],
        "positions": named[embeddings + "position_embeddings.weight"] + token_type_C,
        "norm.weight": named[embeddings + "LayerNorm.weight"],
        "norm.bias": named[embeddings + "LayerNorm.bias"],
    }
    for layer in range(config["num_hidden_layers"]):
        prefix = f"encoder.layer.{layer}."
        heads = [f"{prefix}attention.self.{name}." for name in ("query", "key", "value")]
        out[f"{layer}.heads.weight"] = np.concatenate([named[head + "weight"].T for head in heads], axis=1)
        out[f"{layer}.heads.bias"] = np.concatenate([named[head + "bias"] for head in heads])
        for name, source in (("attended", "attention.output."), ("out", "output.")):
            out[f"{layer}.{name}.weight"] = named[f"{prefix}{source}dense.weight"].T
            out[f"{layer}.{name}.bias"] = named[f"{prefix}{source}dense.bias"]
            out[f"{layer}.{name}.norm.weight"] = named[f"{prefix}{source}LayerNorm.weight"]
            out[f"{layer}.{name}.norm.bias"] = named[f"{prefix}{source}LayerNorm.bias"]
        out[f"{layer}.inner.weight"] = named[f"{prefix}intermediate.dense.weight"].T
        out[f"{layer}.inner.bias"] = named[f"{prefix}intermediate.dense.bias"]
    if pooler:
        out["pooler.weight"] = named["pooler.dense.weight"].T
        out["pooler.bias"] = named["pooler.dense.bias"]
    return {name: np.ascontiguousarray(value, np.float32) for name, value in out.items()}


def build_graph(shapes: Mapping[str, tuple[int, ...]], config: Json, *, pooler: bool) -> bytes:
    """Return the serialised model: ids and positions int64 [B, T], lengths int32 [B] -> hidden float32 [B, T,
    C].

    With `pooler`, the result is the tanh of the dense layer over the first token, [B, C]. `shapes` are those
    of `graph_weights`.
    """
    from onnx import TensorProto, helper

    nodes = _Nodes(config)
    last = nodes.encoder()
    if pooler:
        nodes.add("Gather", [last, "first"], "head", axis=1)
        nodes.add("MatMul", ["head", "pooler.weight"], "pooler.product")
        nodes.add("Add", ["pooler.product", "pooler.bias"], "pooler.sum")
        last = nodes.add("Tanh", ["pooler.sum"], "pooled")
    info = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes.all,
        "encoder",
        [
            info("ids", TensorProto.INT64, ["B", "T"]),
            info("positions.ids", TensorProto.INT64, ["B", "T"]),
            info("lengths", TensorProto.INT32, ["B"]),
        ],
        [info(last, TensorProto.FLOAT, None)],
        initializer=[
            helper.make_tensor("first", TensorProto.INT64, [], [0]),
            *(_outside(name, shape) for name, shape in shapes.items()),
        ],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


class _Nodes:
    """Collects nodes. Each node has one output, and `add` returns its name."""

    def __init__(self, config: Json) -> None:
        self.all: list[Any] = []
        self._config = config
        self._epsilon = float(config["layer_norm_eps"])

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self.all.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def encoder(self) -> str:
        """Add all layers. Returns the name of the last hidden states."""
        self.add("Gather", ["words", "ids"], "words.rows")
        self.add("Gather", ["positions", "positions.ids"], "positions.rows")
        self.add("Add", ["words.rows", "positions.rows"], "embedded")
        norm = ["embedded", "norm.weight", "norm.bias"]
        hidden = self.add("LayerNormalization", norm, "hidden", epsilon=self._epsilon)
        for layer in range(self._config["num_hidden_layers"]):
            hidden = self._layer(f"{layer}.", hidden)
        return hidden

    def _layer(self, prefix: str, hidden: str) -> str:
        heads = self._config["num_attention_heads"]
        inputs = [hidden, prefix + "heads.weight", prefix + "heads.bias", "lengths"]
        self.add("Attention", inputs, prefix + "attention", num_heads=heads, domain=_FUSED)
        attended = self._add_and_norm(prefix + "attended", prefix + "attention", hidden)
        self.add("MatMul", [attended, prefix + "inner.weight"], prefix + "inner.product")
        self.add(
            "BiasGelu", [prefix + "inner.product", prefix + "inner.bias"], prefix + "inner", domain=_FUSED
        )
        return self._add_and_norm(prefix + "out", prefix + "inner", attended)

    def _add_and_norm(self, prefix: str, rows: str, residual: str) -> str:
        """Compute LayerNorm(rows W + b + residual)."""
        product = self.add("MatMul", [rows, prefix + ".weight"], prefix + ".product")
        inputs = [product, residual, prefix + ".norm.weight", prefix + ".norm.bias", prefix + ".bias"]
        return self.add(
            "SkipLayerNormalization", inputs, prefix + ".normed", epsilon=self._epsilon, domain=_FUSED
        )


def _outside(name: str, shape: tuple[int, ...]) -> Any:
    """Return a float32 tensor whose bytes the session gets separately."""
    from onnx import TensorProto

    tensor = TensorProto(
        name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL
    )
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "weights"
    return tensor


def _plain_name(name: str) -> str:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    for old, new in _OLD_NAMES.items():
        name = name.replace(old, new)
    return name
