"""The reference implementation of an encoder: transformers with torch, on the CPU, in one thread.

Shapes: B windows of a batch, T tokens of the longest, C semantic id.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from lghrec_compute.dseg.encode.folder import ModelFolder
from lghrec_compute.dseg.encode.windows import pool
from lghrec_compute.errors import ConfigError
from lghrec_compute.types import Floats, Ints


class TorchModel:
    """Runs any encoder that transformers supports without code from its folder."""

    runtime = "torch"

    def __init__(self, model: Any, pooling: str) -> None:
        self._model = model
        self._pooling = pooling

    @staticmethod
    def load(folder: ModelFolder, pooling: str) -> TorchModel:
        """Load the weights in float32. Raises `ConfigError` for a model that is not usable as an encoder."""
        forbid_network()
        from transformers import AutoModel
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            model, info = AutoModel.from_pretrained(
                str(folder.path),
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype="float32",
                output_loading_info=True,
            )
        except (ValueError, OSError, KeyError, ImportError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise ConfigError(f"{folder.path.name} cannot be loaded as an encoder: {reason}") from error
        missing = sorted(name for name in info["missing_keys"] if _is_needed(name, pooling))
        if missing:
            found = f"{len(missing)} tensors that its encoder needs, such as {missing[0]}"
            raise ConfigError(f"{folder.path.name} lacks {found}")
        return TorchModel(model.eval(), pooling)

    def pooled(self, ids_BT: Ints, length_B: Ints) -> Floats:
        """Return vectors [B, C] of windows of tokens, of any norm. Tokens after the length of a window are
        zero."""
        import torch

        kept_BT = torch.from_numpy(np.arange(ids_BT.shape[1]) < length_B[:, None])
        ids = torch.from_numpy(ids_BT).masked_fill(~kept_BT, self._model.config.pad_token_id or 0)
        with torch.inference_mode(), one_thread():
            out = self._model(input_ids=ids, attention_mask=kept_BT.long())
            if self._pooling == "pooler":
                return out.pooler_output.numpy()
            return pool(out.last_hidden_state, kept_BT.float(), self._pooling).numpy()


def forbid_network() -> None:
    """Set the variables that these libraries read at import: no network, no telemetry, no threads."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        os.environ[name] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute in one thread, so that the bits do not depend on the number of cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _is_needed(name: str, pooling: str) -> bool:
    """Position ids are a constant, and only the pooling `pooler` uses the pooler's layer."""
    return not name.endswith("position_ids") and ("pooler." not in name or pooling == "pooler")
