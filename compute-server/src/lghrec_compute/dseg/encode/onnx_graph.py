"""The ONNX graph of a BERT encoder, written from its configuration and its weights.

The graph holds no weights: they are handed over beside it, straight from the safetensors file. It uses the
fused operators of ONNX Runtime (domain com.microsoft); attention is told the length of each window.

Shapes: B windows of a batch, T tokens of the longest, C hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lghrec_compute.json_types import Json
from lghrec_compute.types import Floats

VERSION = 1
"""Raised when the graph changes, so that an older one that lies in a cache is not taken."""

_KINDS = frozenset({"bert", "roberta", "xlm-roberta", "camembert"})
_OLD_NAMES = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}
_PREFIXES = ("bert.", "roberta.")
_FUSED = "com.microsoft"


def is_served(config: Json) -> bool:
    """Whether this graph is that of a model with `config`; others run through torch."""
    plain = config.get("position_embedding_type", "absolute") == "absolute" and not config.get("is_decoder")
    return config["model_type"] in _KINDS and config.get("hidden_act") == "gelu" and plain


def graph_weights(weights: Mapping[str, Floats], config: Json, *, pooler: bool) -> dict[str, Floats]:
    """The graph's tensors by name, laid out as its operators want them.

    Raises `KeyError` with the name of a tensor that is not there.
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
        at = f"encoder.layer.{layer}."
        heads = [f"{at}attention.self.{name}." for name in ("query", "key", "value")]
        out[f"{layer}.heads.weight"] = np.concatenate([named[head + "weight"].T for head in heads], axis=1)
        out[f"{layer}.heads.bias"] = np.concatenate([named[head + "bias"] for head in heads])
        for mine, theirs in (("attended", "attention.output."), ("out", "output.")):
            out[f"{layer}.{mine}.weight"] = named[f"{at}{theirs}dense.weight"].T
            out[f"{layer}.{mine}.bias"] = named[f"{at}{theirs}dense.bias"]
            out[f"{layer}.{mine}.norm.weight"] = named[f"{at}{theirs}LayerNorm.weight"]
            out[f"{layer}.{mine}.norm.bias"] = named[f"{at}{theirs}LayerNorm.bias"]
        out[f"{layer}.inner.weight"] = named[f"{at}intermediate.dense.weight"].T
        out[f"{layer}.inner.bias"] = named[f"{at}intermediate.dense.bias"]
    if pooler:
        out["pooler.weight"] = named["pooler.dense.weight"].T
        out["pooler.bias"] = named["pooler.dense.bias"]
    return {name: np.ascontiguousarray(value, np.float32) for name, value in out.items()}


def build_graph(shapes: Mapping[str, tuple[int, ...]], config: Json, *, pooler: bool) -> bytes:
    """The model: ids and positions int64 [B, T], lengths int32 [B] -> hidden float32 [B, T, C].

    With `pooler`, tanh of the dense layer over the first token instead, [B, C]. `shapes`: of `graph_weights`.
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
            info("places", TensorProto.INT64, ["B", "T"]),
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
    """Collects nodes; each has one output, and `add` returns its name."""

    def __init__(self, config: Json) -> None:
        self.all: list[Any] = []
        self._config = config
        self._epsilon = float(config["layer_norm_eps"])

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self.all.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def encoder(self) -> str:
        """All layers; returns the name of the last hidden states."""
        self.add("Gather", ["words", "ids"], "words.rows")
        self.add("Gather", ["positions", "places"], "positions.rows")
        self.add("Add", ["words.rows", "positions.rows"], "embedded")
        norm = ["embedded", "norm.weight", "norm.bias"]
        hidden = self.add("LayerNormalization", norm, "hidden", epsilon=self._epsilon)
        for layer in range(self._config["num_hidden_layers"]):
            hidden = self._layer(f"{layer}.", hidden)
        return hidden

    def _layer(self, at: str, hidden: str) -> str:
        heads = self._config["num_attention_heads"]
        inputs = [hidden, at + "heads.weight", at + "heads.bias", "lengths"]
        self.add("Attention", inputs, at + "attention", num_heads=heads, domain=_FUSED)
        attended = self._add_and_norm(at + "attended", at + "attention", hidden)
        self.add("MatMul", [attended, at + "inner.weight"], at + "inner.product")
        self.add("BiasGelu", [at + "inner.product", at + "inner.bias"], at + "inner", domain=_FUSED)
        return self._add_and_norm(at + "out", at + "inner", attended)

    def _add_and_norm(self, at: str, rows: str, residual: str) -> str:
        """LayerNorm(rows W + b + residual)."""
        product = self.add("MatMul", [rows, at + ".weight"], at + ".product")
        inputs = [product, residual, at + ".norm.weight", at + ".norm.bias", at + ".bias"]
        return self.add(
            "SkipLayerNormalization", inputs, at + ".normed", epsilon=self._epsilon, domain=_FUSED
        )


def _outside(name: str, shape: tuple[int, ...]) -> Any:
    """A float32 tensor whose bytes the session is given apart."""
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
