"""Hidden states of tokens to one vector a window; the same code for NumPy arrays and torch tensors.

Shapes: B windows of a batch, T tokens of the longest, C semantic id.
"""

from __future__ import annotations

from typing import Any

POOLINGS = frozenset({"mean", "cls", "pooler", "mean_no_cls"})


def pool(hidden_BTC: Any, kept_BT: Any, pooling: str) -> Any:
    """`mean` over the tokens that are no padding; `cls`: the first token; `mean_no_cls`: all but the first.

    `kept_BT` is 1 for tokens and 0 for padding, of the type of `hidden_BTC`. `pooler` takes the first token
    here; the dense layer that follows it belongs to the model.
    """
    if pooling in ("cls", "pooler"):
        return hidden_BTC[:, 0]
    if pooling == "mean_no_cls":
        hidden_BTC, kept_BT = hidden_BTC[:, 1:], kept_BT[:, 1:]
    assert pooling in ("mean", "mean_no_cls"), pooling
    return (hidden_BTC * kept_BT[:, :, None]).sum(1) / kept_BT.sum(1)[:, None]
