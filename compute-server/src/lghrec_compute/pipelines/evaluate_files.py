"""Finds the file of an evaluate run's predictions, and computes its hash.

This module imports no large library, because a worker needs the hash before it knows whether it has anything
to compute.
"""

from __future__ import annotations

from pathlib import Path

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.data.archive import is_archive
from lghrec_compute.data.source import UPLOADED, ServerPaths, locate, unreadable
from lghrec_compute.data.source_files import COMPRESSED, SourceFiles
from lghrec_compute.errors import ConfigError, DataError, LghrecError, Violation
from lghrec_compute.layout import DataDir
from lghrec_compute.spec import EvaluateSpec
from lghrec_compute.spec.evaluate import PredictionsSpec
from lghrec_compute.spec.formats import SourceFormat
from lghrec_compute.spec.source import ColumnsSpec, FilesSpec, SourceSpec

_ENDINGS: dict[str, SourceFormat] = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".txt": "delimited",
    ".dat": "delimited",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_FIELDS = {
    "source.files.interactions": "predictions.file",
    "source.files.items": "predictions.file",
    "source.columns": "predictions.columns",
    "source.format": "the file's ending",
    "source.path": "predictions.path",
    "source.upload": "predictions.upload",
}
"""Field of a data set's source, as the errors of the package `data` name it -> field of an evaluate spec."""


def predictions_file(spec: PredictionsSpec, paths: ServerPaths) -> SourceFiles:
    """Finds the file, and unpacks an archive. The columns are those of `spec`, with the score as the rating.

    Raises `ConfigError` for a path outside the import roots, and if the spec names no file and there are
    several. Raises `NotFoundError` for an unknown upload and `DataError` for a missing file.
    """
    if spec.file and spec.path and any(_is_plain_file(Path(root, spec.path)) for root in paths.import_roots):
        raise _wrong("file", f"got {spec.file!r}, expected no file name, because the path is a file")
    name = spec.file or _only_file(spec, paths)
    columns = spec.columns
    source = SourceSpec(
        path=spec.path,
        upload=spec.upload,
        format=_format(name, "file" if spec.file else "path" if spec.path else "upload"),
        files=FilesSpec(interactions=spec.file or (name if spec.upload else None)),
        columns=ColumnsSpec(
            user=columns.user, item=columns.item, rating=columns.score, separator=columns.separator
        ),
    )
    try:
        located = locate(source, paths)
    except (ConfigError, DataError) as error:
        raise with_prediction_fields(error) from None
    return SourceFiles(
        located.name, located.format, {"interactions": located.files["interactions"]}, located.columns
    )


def predictions_digest(spec: EvaluateSpec, paths: ServerPaths) -> str:
    """Returns the SHA-256 of the file of predictions, or "" for a model.

    Raises the errors of `predictions_file`.
    """
    if spec.predictions is None:
        return ""
    path = predictions_file(spec.predictions, paths).files["interactions"]
    try:
        return file_sha256(path)
    except OSError as error:
        raise unreadable(path, error) from error


def with_prediction_fields(error: LghrecError) -> LghrecError:
    """Returns the same error, with the fields of predictions instead of the fields of a data set's source."""
    hint, message = _renamed(error.hint), _renamed(error.message)
    if isinstance(error, ConfigError):
        violations = tuple(Violation(_renamed(v.path), _renamed(v.description)) for v in error.violations)
        return ConfigError(message, violations=violations, hint=hint)
    return DataError(message, hint=hint)


def _renamed(text: str) -> str:
    for source, here in _FIELDS.items():
        text = text.replace(source, here)
    return text


def _only_file(spec: PredictionsSpec, paths: ServerPaths) -> str:
    """Returns the file name if the spec has none: that of the path, or of the only file of the upload."""
    if spec.path is not None:
        return Path(spec.path).name
    assert spec.upload is not None, "predictions have a path or an upload"
    upload = ArtifactStore(DataDir(paths.data_dir).artifacts).get(spec.upload, "source")
    names = [file.path.removeprefix(f"{UPLOADED}/") for file in upload.files]
    if len(names) == 1 and not is_archive(Path(names[0])):
        return names[0]
    got = ", ".join(sorted(names)[:10]) or "none"
    raise _wrong("file", f"required if the upload is not exactly one file, got {got}")


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not is_archive(path)


def _format(name: str, field: str) -> SourceFormat:
    path = Path(name)
    ending = Path(path.stem if path.suffix in COMPRESSED else path.name).suffix.lower()
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    expected = f"a file that ends in one of {', '.join(_ENDINGS)}, with or without {' or '.join(COMPRESSED)}"
    if field == "path":
        expected += "; if it is a folder or an archive, name the file in predictions.file"
    raise _wrong(field, f"got {name!r}, expected {expected}")


def _wrong(field: str, text: str) -> ConfigError:
    path = f"predictions.{field}"
    return ConfigError.at(path, text, hint="correct this field")
