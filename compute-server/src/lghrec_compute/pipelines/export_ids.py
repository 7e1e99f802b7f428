"""The external ids of an export whose files contain rows without ids."""

from __future__ import annotations

from lghrec_compute.artifacts import Draft
from lghrec_compute.json_types import canonical_json
from lghrec_compute.pipelines.export_source import Exported


def write_ids(draft: Draft, source: Exported) -> None:
    """Write ids.json: the external ids of users and items, in the order of their rows."""
    ids = {"users": list(source.dataset.user_ids), "items": list(source.dataset.item_ids)}
    draft.path("ids.json").write_text(canonical_json(ids) + "\n")
