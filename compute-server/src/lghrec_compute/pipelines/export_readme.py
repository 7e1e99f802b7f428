"""README.md of an export: the contents of the files, and the Python that loads them."""

from __future__ import annotations

from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.export_formats import format_module
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.spec import ExportSpec

_IDS = 'ids.json contains the external ids: row r belongs to the id at index r of "users" or "items".'
_MASKS = {
    "train": "train part",
    "train_valid": "train and valid parts",
    "all": "train, valid and test parts",
}


def readme(spec: ExportSpec, source: Exported, facts: Json) -> str:
    """Return the whole text, with one fenced block of Python. `facts` are those of export.json."""
    values = {
        "num_users": source.dataset.num_users,
        "num_items": source.dataset.num_items,
        "dim": source.dim,
        "top_k": spec.top_k,
        "mask": _MASKS[spec.mask],
        "ids": _IDS,
        "facts": facts,
    }
    module = format_module(spec.format)
    text, code = module.TEXT.format(**values), module.CODE.format(**values)
    name = source.dataset.meta.get("name") or "data set"
    return (
        f"# {_title(source)}\n\nTrained on {name} {source.dataset_id}.\n\n{text}\n"
        f"export.json states the same for programs, with the SHA-256 of each file.\n\n"
        f"Load with Python, from this folder:\n\n```python\n{code}```\n"
    )


def _title(source: Exported) -> str:
    if "model" in source.origin:
        return f"Model {source.origin['model']}"
    checkpoint = source.origin["checkpoint"]
    which = f"best epoch {checkpoint['epoch']}" if checkpoint["is_best"] else "its last step"
    return f"Checkpoint {checkpoint['name']}, {which}"
