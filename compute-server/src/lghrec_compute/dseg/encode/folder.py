"""A folder with a text encoder, in the layout of transformers or sentence-transformers.

No code of a folder is run: weights are safetensors, never pickle, and Python files in it are not imported.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.errors import ConfigError
from lghrec_compute.import_roots import is_inside
from lghrec_compute.json_types import Json, json_sha256

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_FIELD = "semantic.encoder_path"
_PICKLES = ("pytorch_model.bin", "model.bin", "tf_model.h5")
_OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert", "mpnet"})
_OLD_POOLINGS = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}


@dataclass(frozen=True)
class ModelFolder:
    """The parts of the folder that are used.

    `pooling` is the folder's own pooling, "" if it names none. `sha256` covers everything that influences the
    vectors.
    """

    path: Path
    config: Json
    weights: tuple[Path, ...]
    pooling: str
    lower_case: bool
    sha256: str

    @property
    def dim(self) -> int:
        """Number of columns of the vectors."""
        return int(self.config.get("hidden_size") or self.config["dim"])

    @property
    def first_position(self) -> int:
        """Position id of a text's first token. RoBERTa and related models count from after the padding's
        id."""
        return self.config.get("pad_token_id", 1) + 1 if self.kind in _OFFSET_POSITIONS else 0

    @property
    def max_tokens(self) -> int | None:
        """Maximum number of tokens of a window, with framing tokens. None means that the model has no such
        limit."""
        positions = self.config.get("max_position_embeddings")
        return positions - self.first_position if positions else None

    @property
    def kind(self) -> str:
        """`model_type` of the configuration."""
        return str(self.config["model_type"])

    def tokenizer(self) -> Tokenizer:
        """Return the tokenizer, without padding and truncation."""
        from tokenizers import Tokenizer
        from tokenizers.implementations.bert_wordpiece import BertWordPieceTokenizer

        if (self.path / "tokenizer.json").is_file():
            tokenizer = Tokenizer.from_file(str(self.path / "tokenizer.json"))
        else:
            lower = _read_json(self.path / "tokenizer_config.json").get("do_lower_case", True)
            words = BertWordPieceTokenizer(str(self.path / "vocab.txt"), lowercase=bool(lower))
            tokenizer = Tokenizer.from_str(words.to_str())
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer


def read_folder(folder: Path, roots: Sequence[Path] = ()) -> ModelFolder:
    """Read the configuration and compute the hashes. It loads no weights.

    With `roots`, no file of the folder may link outside of them. Raises `ConfigError` for a folder that
    contains no encoder, that contains only pickles, or that requires modules that are not supported.
    """
    model, pooling = _modules(folder)
    config = _read_json(model / "config.json")
    if not isinstance(config.get("model_type"), str):
        raise _wrong(f"{folder.name} contains no text encoder: expected config.json with a model_type")
    weights = tuple(sorted(model.glob("*.safetensors")))
    if not weights:
        pickles = [name for name in _PICKLES if (model / name).is_file()]
        found = f"got only {', '.join(pickles)}, which can run code when read" if pickles else "got none"
        raise _wrong(f"{folder.name} needs weights in *.safetensors: {found}")
    tokenizer = [path for name in ("tokenizer.json", "vocab.txt") if (path := model / name).is_file()]
    if not tokenizer:
        raise _wrong(f"{folder.name} needs tokenizer.json or vocab.txt")
    used = [model / "config.json", *weights, tokenizer[0]]
    outside = [path.name for path in used if roots and not is_inside(path.resolve(), roots)]
    if outside:
        raise _wrong(f"{outside[0]} of {folder.name} is a link to a file outside of the import roots")
    lower_case = bool(_read_json(model / "sentence_bert_config.json").get("do_lower_case", False))
    hashes = {path.name: file_sha256(path) for path in used}
    digest = json_sha256({**hashes, "lower_case": lower_case})
    return ModelFolder(model, config, weights, pooling, lower_case, digest)


def _modules(folder: Path) -> tuple[Path, str]:
    """Return the folder of the transformer, and the pooling that modules.json names, if any."""
    path = folder / "modules.json"
    listed: list[Json] = _parsed(path) if path.is_file() else []
    model, pooling = folder, ""
    for module in listed:
        kind = str(module.get("type", "")).rpartition(".")[2]
        path = folder / str(module.get("path", ""))
        if kind == "Transformer":
            model = path
        elif kind == "Pooling":
            pooling = _pooling(_read_json(path / "config.json"))
        elif kind != "Normalize":
            raise _wrong(f"{folder.name} has a module {kind!r}, expected Transformer, Pooling and Normalize")
    return model, pooling


def _pooling(config: Json) -> str:
    if isinstance(named := config.get("pooling_mode"), str):
        return named
    return next((mode for name, mode in _OLD_POOLINGS.items() if config.get(name)), "another")


def _read_json(path: Path) -> Json:
    """Read a file that may be missing."""
    return _parsed(path) if path.is_file() else {}


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise _wrong(f"{path.name} of {path.parent.name} is not JSON: {error}") from None


def _wrong(message: str) -> ConfigError:
    return ConfigError.at(_FIELD, message)
