"""Encodes the items' texts and transforms the vectors. Shapes: I items, C size of a semantic id."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.dseg.encode.encoder import EncoderOptions, TextEncoder, encode_items, open_encoder
from lghrec_compute.dseg.encode.spread import spread_report
from lghrec_compute.dseg.encode.transform import transform_vectors
from lghrec_compute.dseg.store import SemanticIds
from lghrec_compute.errors import ConfigError
from lghrec_compute.events import Log, WarningRaised
from lghrec_compute.import_roots import find_inside
from lghrec_compute.layout import DataDir
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.describe import Described
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.spec import spec_to_dict
from lghrec_compute.spec.semantic import SemanticSpec

_OPERATION = frozenset({"generation", "stage", "encoder_path"})  # these fields do not change the vectors


def encode(
    described: Described, dataset: Dataset, semantic: SemanticSpec, context: RunContext
) -> SemanticIds:
    """Encodes and transforms the texts. `meta` of the result contains all settings that change the vectors.

    A transform is fitted only on items that have a text and train interactions. Raises the errors of
    `open_encoder` and `transform_vectors`.
    """
    tick = ticker(context, "encode")
    tick(0, 0)  # reported before the weights are loaded, which takes seconds
    encoder = _open(semantic, context)
    vectors_IC, rows = encode_items(described.texts, encoder, max_tokens=semantic.max_tokens, tick=tick)
    mask_I = described.texts.mask()
    trained_I = np.bincount(dataset.train.item_E, minlength=dataset.num_items) > 0
    done = transform_vectors(semantic.transform, vectors_IC, mask_I, fit_I=trained_I, dim=semantic.dim)
    if done.raw_IC is not None:
        figures = spread_report(done.transform, vectors_IC, mask_I)
        context.emit(Log("transform: " + ", ".join(f"{name} {value:.3g}" for name, value in figures.items())))
    wanted = {name: value for name, value in spec_to_dict(semantic).items() if name not in _OPERATION}
    meta = {
        **wanted,
        **described.generation,
        "encoder_sha256": encoder.sha256,
        "encoder_runtime": encoder.runtime,
        "dim": int(done.semantic_IC.shape[1]),
        "num_items": dataset.num_items,
        "num_missing": int((~mask_I).sum()),
        "num_truncated": sum("truncated" in row.flags for row in rows),
    }
    return SemanticIds(done.semantic_IC, mask_I, rows, meta, done.raw_IC, done.transform)


def _open(semantic: SemanticSpec, context: RunContext) -> TextEncoder:
    folder = _under_roots(semantic.encoder_path, context.import_roots) if semantic.encoder_path else None
    options = EncoderOptions(
        semantic.pooling,
        semantic.windowing,
        DataDir(context.data_dir).encoders,
        lambda code, message: context.emit(WarningRaised(code, message)),
    )
    return open_encoder(semantic.encoder, folder, options, roots=context.import_roots)


def _under_roots(path: str, roots: Sequence[Path]) -> Path:
    """Return the resolved folder. Raises `ConfigError` if there is no such folder under the roots."""
    if (found := find_inside(path, roots, folder=True)) is not None:
        return found
    raise ConfigError.at(
        "semantic.encoder_path",
        f"got {path!r}, expected a folder under one of the server's import roots",
        hint="move the model under an import root, or start the server with --import-root <folder>",
    )
