"""README.txt of an export: what the files hold, and lines of Python that load them."""

from __future__ import annotations

import textwrap

from lghrec_compute.pipelines.model_store import Model
from lghrec_compute.spec import ExportSpec

_TEXTS = {
    "safetensors": """\
        users.safetensors and items.safetensors hold one tensor, "embeddings", float32 [{num_users}, {dim}]
        and [{num_items}, {dim}]. ids.json holds the external ids: row r of a tensor belongs to the id at
        place r. The score of an item for a user is the dot product of their rows.
        """,
    "parquet": """\
        users.parquet and items.parquet: external_id (string), embedding (list of {dim} float32).
        The score of an item for a user is the dot product of their embeddings.
        """,
    "topk": """\
        topk.parquet: the {top_k} best items of each user, without the items of the user's {mask}.
        Columns: user and item (numbers in the data set, from 0), rank (from 1), score (float32),
        user_external_id, item_external_id. Rows are sorted by user and rank; equal scores by item.
        A user with fewer than {top_k} items left to recommend has fewer rows.
        """,
}

_CODE = {
    "safetensors": """\
        import json
        from safetensors.numpy import load_file

        users = load_file("users.safetensors")["embeddings"]
        items = load_file("items.safetensors")["embeddings"]
        ids = json.load(open("ids.json", encoding="utf-8"))
        scores = users[0] @ items.T
        print("best item of user", ids["users"][0], "is", ids["items"][scores.argmax()])
        """,
    "parquet": """\
        import numpy as np
        import pyarrow.parquet as pq

        users, items = pq.read_table("users.parquet"), pq.read_table("items.parquet")
        matrix = np.stack(items["embedding"].to_numpy())
        scores = matrix @ np.array(users["embedding"][0].as_py(), dtype=np.float32)
        print("best item of user", users["external_id"][0], "is", items["external_id"][int(scores.argmax())])
        """,
    "topk": """\
        import pyarrow.parquet as pq

        rows = pq.read_table("topk.parquet").to_pylist()
        lists = {{}}
        for row in rows:
            lists.setdefault(row["user_external_id"], []).append(row["item_external_id"])
        print("best items of user", rows[0]["user_external_id"], "are", lists[rows[0]["user_external_id"]])
        """,
}

_MASKS = {
    "train": "train part",
    "train_valid": "train and valid parts",
    "all": "train, valid and test parts",
}


def readme(spec: ExportSpec, model: Model) -> str:
    """The whole text; lines of Python are indented by four spaces."""
    values = {
        "num_users": model.dataset.num_users,
        "num_items": model.dataset.num_items,
        "dim": model.users_UD.shape[1],
        "top_k": spec.top_k,
        "mask": _MASKS[spec.mask],
    }
    name = model.dataset.meta.get("name", "")
    text = textwrap.dedent(_TEXTS[spec.format]).format(**values)
    code = textwrap.indent(textwrap.dedent(_CODE[spec.format]).format(**values), "    ")
    head = f"Model {spec.model}\ntrained on {name or 'data set'} {model.dataset_id}\n"
    return f"{head}\n{text}\nLoad with Python, from this folder:\n\n{code}"
