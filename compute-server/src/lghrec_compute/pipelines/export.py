"""The export service. It writes a model, or the checkpoint of a stopped run, to files for other programs.

Every export contains export.json, which describes the files and lists their hashes, and README.md, which
shows how to load them.
"""

from __future__ import annotations

from lghrec_compute.artifacts import Draft
from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.events import Progress
from lghrec_compute.json_types import Json, canonical_json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_formats import format_module
from lghrec_compute.pipelines.export_readme import readme
from lghrec_compute.pipelines.export_source import Exported, load_source
from lghrec_compute.results import ExportResult
from lghrec_compute.spec import ExportSpec
from lghrec_compute.spec.export import LIST_FORMATS

DESCRIPTION = "export.json"


def run(spec: ExportSpec, context: RunContext) -> ExportResult:
    """Writes files in one format, and stores them as an artifact.

    Raises the errors of `load_source`, `NonFiniteError` if lists are requested and the embeddings are not
    finite, and `IntegrityError` if an ONNX graph does not compute the scores of the model. After an error
    nothing is stored.
    """
    context.emit(Progress("load", 0, 1))
    source = load_source(spec, context)
    context.emit(Progress("load", 1, 1))
    with context.store.draft("export", _meta(spec, source), run_id=context.run_id) as draft:
        facts = format_module(spec.format).write(draft, source, spec, context)
        draft.path("README.md").write_text(readme(spec, source, facts), encoding="utf-8")
        described = _described(draft, spec, source, facts)
        draft.path(DESCRIPTION).write_text(canonical_json(described) + "\n")
    return ExportResult(context.announce(draft).ref, index_recall=facts.get("recall@10"))


def _meta(spec: ExportSpec, source: Exported) -> Json:
    meta = {**source.origin, "dataset": source.dataset_id, "format": spec.format}
    return meta | {"top_k": spec.top_k, "mask": spec.mask} if spec.format in LIST_FORMATS else meta


def _described(draft: Draft, spec: ExportSpec, source: Exported, facts: Json) -> Json:
    paths = sorted(path for path in draft.folder.rglob("*") if path.is_file())
    return {
        "version": 1,
        "format": spec.format,
        **source.origin,
        "dataset": source.dataset_id,
        "train_spec_digest": source.train_digest,
        "dtype": "float32",
        "shapes": {"users": list(source.users_UD.shape), "items": list(source.items_ID.shape)},
        **facts,
        "files": [
            {
                "path": path.relative_to(draft.folder).as_posix(),
                "size_bytes": path.stat().st_size,
                "sha256": file_sha256(path),
            }
            for path in paths
        ],
    }
