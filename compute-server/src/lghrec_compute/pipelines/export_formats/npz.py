"""Embeddings as a NumPy archive, without compression."""

from __future__ import annotations

import numpy as np

from lghrec_compute.artifacts import Draft
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_ids import write_ids
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.spec import ExportSpec

TEXT = """\
embeddings.npz contains two arrays, "users" float32 [{num_users}, {dim}] and "items" float32
[{num_items}, {dim}]. {ids} The score of an item for a user is the dot product of their rows.
"""

CODE = """\
import json
import numpy as np

embeddings = np.load("embeddings.npz")
ids = json.load(open("ids.json", encoding="utf-8"))
scores = embeddings["users"][0] @ embeddings["items"].T
print("best item of user", ids["users"][0], "is", ids["items"][scores.argmax()])
"""


def write(draft: Draft, source: Exported, _spec: ExportSpec, _context: RunContext) -> Json:
    """Write embeddings.npz and ids.json."""
    np.savez(draft.path("embeddings.npz"), users=source.users_UD.numpy(), items=source.items_ID.numpy())
    write_ids(draft, source)
    return {}
