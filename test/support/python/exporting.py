"""Export runs for tests, without a worker."""

from __future__ import annotations

from typing import Any

from lghrec_compute.artifacts import Artifact
from lghrec_compute.pipelines import export
from lghrec_compute.spec import ExportSpec, parse


def run(workplace: Any, model_id: str, format_name: str, **fields: object) -> Artifact:
    """Return the artifact of one export after checking its hashes."""
    spec = parse(ExportSpec, {"model": model_id, "format": format_name, **fields})
    result = export.run(spec, workplace.context())
    assert (result.index_recall is not None) == (format_name == "usearch")
    return workplace.store.verified(result.export.id, "export")


def file_names(artifact: Artifact) -> list[str]:
    """Return the paths of all files."""
    return [file.path for file in artifact.files]
