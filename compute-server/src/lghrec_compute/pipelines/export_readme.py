"""README.md of an export: what the files hold, and lines of Python that load them."""

from __future__ import annotations

import textwrap

from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.spec import ExportSpec

_TEXTS = {
    "safetensors": """\
        users.safetensors and items.safetensors hold one tensor, "embeddings", float32 [{num_users}, {dim}]
        and [{num_items}, {dim}]. {ids} The score of an item for a user is the dot product of their rows.
        """,
    "npz": """\
        embeddings.npz holds two arrays, "users" float32 [{num_users}, {dim}] and "items" float32
        [{num_items}, {dim}]. {ids} The score of an item for a user is the dot product of their rows.
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
    "topk_jsonl": """\
        topk.jsonl: the {top_k} best items of each user, without the items of the user's {mask}.
        One line a user: {{"user": id, "items": [{{"item": id, "score": number}}, ...]}}, all by external ids,
        best item first; equal scores in the order of the data set's items. A user with fewer than {top_k}
        items left to recommend has a shorter list, perhaps an empty one.
        """,
    "onnx": """\
        score.onnx: users int64 [batch] -> scores float32 [batch, {num_items}].
        topk.onnx: users int64 [batch], mask bool [batch, {num_items}] (true leaves an item out), k int64 [1],
        at most {num_items} -> scores float32 [batch, k] and items int64 [batch, k], best first.
        Both read embeddings.bin, which must lie beside them. {ids}

        Equal scores are ordered by the lower item. A place that no item is left for has the score -inf: drop
        it. Scores are summed in float32 by the runtime; they were compared with PyTorch's to {checked_to} of
        the largest. Scores that differ by less than that may come in another order than in other exports.
        """,
    "usearch": """\
        items.usearch: the items' embeddings in an index of nearest neighbours by inner product; the key of an
        item is its row. The score of an item is 1 - distance. users.npy: float32 [{num_users}, {dim}], the
        queries. {ids}

        The search is approximate: with expansion_search {expansion} it finds {recall} of the exact top 10, on
        average over {recall_users} users. Set it after loading, as below: it is not kept in the index. It
        knows nothing of what a user has seen: ask for more items and drop those.
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
    "npz": """\
        import json
        import numpy as np

        embeddings = np.load("embeddings.npz")
        ids = json.load(open("ids.json", encoding="utf-8"))
        scores = embeddings["users"][0] @ embeddings["items"].T
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
    "topk_jsonl": """\
        import json

        for line in open("topk.jsonl", encoding="utf-8"):
            entry = json.loads(line)
            print("best items of user", entry["user"], "are", [each["item"] for each in entry["items"]])
        """,
    "onnx": """\
        import json
        import numpy as np
        import onnxruntime

        ids = json.load(open("ids.json", encoding="utf-8"))
        session = onnxruntime.InferenceSession("topk.onnx")
        users = np.array([0])
        mask = np.zeros((len(users), len(ids["items"])), dtype=bool)  # true: leave the item out
        k = np.array([min(10, len(ids["items"]))])
        scores, items = session.run(["scores", "items"], {{"users": users, "mask": mask, "k": k}})
        print("best items of user", ids["users"][0], "are", [ids["items"][item] for item in items[0]])
        """,
    "usearch": """\
        import json
        import numpy as np
        from usearch.index import Index

        ids = json.load(open("ids.json", encoding="utf-8"))
        index = Index.restore("items.usearch", view=True)
        index.expansion_search = {expansion}
        users = np.load("users.npy")
        found = index.search(users[0], 10)
        print("best items of user", ids["users"][0], "are", [ids["items"][key] for key in found.keys])
        """,
}

_IDS = 'ids.json holds the external ids: row r belongs to the id at place r of "users" or "items".'
_MASKS = {
    "train": "train part",
    "train_valid": "train and valid parts",
    "all": "train, valid and test parts",
}


def readme(spec: ExportSpec, source: Exported, facts: Json) -> str:
    """The whole text, with one fenced block of Python. `facts` are those of export.json."""
    values = {
        "num_users": source.dataset.num_users,
        "num_items": source.dataset.num_items,
        "dim": source.dim,
        "top_k": spec.top_k,
        "mask": _MASKS[spec.mask],
        "ids": _IDS,
        "checked_to": facts.get("checked_to"),
        "recall": f"{facts.get('recall@10', 0):.4f}",
        "recall_users": facts.get("recall_users"),
        "expansion": facts.get("index", {}).get("expansion_search"),
    }
    text = textwrap.dedent(_TEXTS[spec.format]).format(**values)
    code = textwrap.dedent(_CODE[spec.format]).format(**values)
    name = source.dataset.meta.get("name") or "data set"
    return (
        f"# {_title(source)}\n\nTrained on {name} {source.dataset_id}.\n\n{text}\n"
        f"export.json repeats this for programs, with the SHA-256 of each file.\n\n"
        f"Load with Python, from this folder:\n\n```python\n{code}```\n"
    )


def _title(source: Exported) -> str:
    if "model" in source.origin:
        return f"Model {source.origin['model']}"
    checkpoint = source.origin["checkpoint"]
    which = f"best epoch {checkpoint['epoch']}" if checkpoint["is_best"] else "its last step"
    return f"Checkpoint {checkpoint['name']}, {which}"
