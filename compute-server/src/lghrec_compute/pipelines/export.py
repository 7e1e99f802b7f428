"""The export service: a model, or a stopped run's checkpoint, in; files for other programs out.

Every format comes with export.json, which says what the files hold and lists their hashes, and with
README.md, which shows how to load them.
"""

from __future__ import annotations

from collections.abc import Callable

from lghrec_compute.artifacts import Draft
from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.events import Progress
from lghrec_compute.json_types import Json, canonical_json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_index import write_usearch
from lghrec_compute.pipelines.export_lists import write_topk, write_topk_jsonl
from lghrec_compute.pipelines.export_onnx import write_onnx
from lghrec_compute.pipelines.export_readme import readme
from lghrec_compute.pipelines.export_source import Exported, load_source
from lghrec_compute.pipelines.export_tables import write_npz, write_parquet, write_safetensors
from lghrec_compute.results import ExportResult
from lghrec_compute.spec import ExportSpec
from lghrec_compute.spec.export import LIST_FORMATS

DESCRIPTION = "export.json"


def run(spec: ExportSpec, context: RunContext) -> ExportResult:
    """Writes files in one format, and stores them.

    Raises the errors of `load_source`, `NonFiniteError` for lists of embeddings that are not finite, and
    `IntegrityError` for an ONNX graph that does not compute what the model does; then nothing is stored.
    """
    context.emit(Progress("load", 0, 1))
    source = load_source(spec, context)
    context.emit(Progress("load", 1, 1))
    with context.store.draft("export", _meta(spec, source), run_id=context.run_id) as draft:
        facts = _WRITERS[spec.format](draft, source, spec, context)
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


_WRITERS: dict[str, Callable[[Draft, Exported, ExportSpec, RunContext], Json]] = {
    "safetensors": write_safetensors,
    "npz": write_npz,
    "parquet": write_parquet,
    "topk": write_topk,
    "topk_jsonl": write_topk_jsonl,
    "onnx": write_onnx,
    "usearch": write_usearch,
}
"""One for each of `spec.export.EXPORT_FORMATS`; each returns what export.json tells of its format alone."""
