"""Embeddings as safetensors."""

from __future__ import annotations

import safetensors.torch

from lghrec_compute.artifacts import Draft
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_ids import write_ids
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.spec import ExportSpec

TEXT = """\
users.safetensors and items.safetensors contain one tensor, "embeddings", float32 [{num_users}, {dim}]
and [{num_items}, {dim}]. {ids} The score of an item for a user is the dot product of their rows.
"""

CODE = """\
import json
from safetensors.numpy import load_file

users = load_file("users.safetensors")["embeddings"]
items = load_file("items.safetensors")["embeddings"]
ids = json.load(open("ids.json", encoding="utf-8"))
scores = users[0] @ items.T
print("best item of user", ids["users"][0], "is", ids["items"][scores.argmax()])
"""


def write(draft: Draft, source: Exported, _spec: ExportSpec, _context: RunContext) -> Json:
    """Write users.safetensors, items.safetensors and ids.json."""
    for name, embeddings in (("users", source.users_UD), ("items", source.items_ID)):
        # the library's own file writer loses the errno of a full disk
        data = safetensors.torch.save({"embeddings": embeddings.contiguous()})
        draft.path(f"{name}.safetensors").write_bytes(data)
    write_ids(draft, source)
    return {}
