"""Lists of all users, as Parquet and as lines of JSON."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from exporting import run

from lghrec_compute.evaluation import Evaluator
from lghrec_compute.events import Progress
from lghrec_compute.pipelines import export_lists


def test_topk_export_equals_the_lists_that_are_evaluated(workplace, model_id, make_dataset, make_embeddings):
    dataset = make_dataset()
    rows = pq.read_table(run(workplace, model_id, "topk", top_k=7).path("topk.parquet")).to_pylist()
    evaluator = Evaluator(
        dataset.test, [dataset.train, dataset.valid], num_users=40, num_items=30, cutoffs=[7]
    )
    ranked = evaluator(*make_embeddings()).ranked
    for row, user in enumerate(evaluator.users_U):
        mine = [r for r in rows if r["user"] == user]
        kept = ranked.items_UK[row] >= 0
        assert [r["item"] for r in mine] == ranked.items_UK[row][kept].tolist()
        assert [r["score"] for r in mine] == ranked.scores_UK[row][kept].tolist()
        assert [r["rank"] for r in mine] == list(range(1, len(mine) + 1))


def test_topk_export_names_users_and_items_by_their_external_ids(workplace, model_id, make_dataset):
    dataset = make_dataset()
    table = pq.read_table(run(workplace, model_id, "topk", top_k=3).path("topk.parquet"))
    assert table.column_names == ["user", "rank", "item", "score", "user_external_id", "item_external_id"]
    for row in table.to_pylist():
        assert row["user_external_id"] == dataset.user_ids[row["user"]]
        assert row["item_external_id"] == dataset.item_ids[row["item"]]
    assert len(set(table["user"].to_pylist())) == 40  # every user has a list, cold ones too


@pytest.mark.parametrize(("mask", "hidden"), [("train", 1), ("train_valid", 2), ("all", 3)])
def test_topk_export_excludes_only_the_masked_parts(workplace, model_id, make_dataset, mask, hidden):
    dataset = make_dataset()
    # lists as long as the catalogue: all that is not masked is in them
    rows = pq.read_table(
        run(workplace, model_id, "topk", top_k=30, mask=mask).path("topk.parquet")
    ).to_pylist()
    listed = {(row["user"], row["item"]) for row in rows}
    masked = {
        pair
        for part in dataset.parts[:hidden]
        for pair in zip(part.user_E.tolist(), part.item_E.tolist(), strict=True)
    }
    assert not listed & masked
    assert len(listed) == len(rows) == 40 * 30 - len(masked)


@pytest.mark.parametrize("top_k", [4, 30])
def test_jsonl_and_parquet_contain_the_same_lists(workplace, model_id, make_dataset, top_k):
    rows = pq.read_table(run(workplace, model_id, "topk", top_k=top_k).path("topk.parquet")).to_pylist()
    text = run(workplace, model_id, "topk_jsonl", top_k=top_k).path("topk.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["user"] for line in lines] == make_dataset().user_ids
    for line in lines:
        mine = [row for row in rows if row["user_external_id"] == line["user"]]
        assert [each["item"] for each in line["items"]] == [row["item_external_id"] for row in mine]
        # shortest digits that give the same float32
        assert [each["score"] for each in line["items"]] == pytest.approx(
            [row["score"] for row in mine], rel=1e-6
        )


def test_a_user_with_all_items_masked_has_an_empty_list(workplace, make_dataset, make_embeddings):
    dataset = make_dataset()
    every = type(dataset.train)(*(part[:30] for part in _grid()))
    rest = type(dataset.train)(dataset.valid.user_E[:0], dataset.valid.item_E[:0])
    known = type(dataset)(every, rest, rest, dataset.user_ids, dataset.item_ids, {}, dataset.meta)
    model_id = workplace.add_model(workplace.add_dataset(known), *make_embeddings())
    text = run(workplace, model_id, "topk_jsonl", top_k=2).path("topk.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0] == {"user": "user é 0", "items": []}
    assert [len(line["items"]) for line in lines[1:]] == [2] * 39


def _grid():
    """User 0 with each of the 30 items."""
    import numpy as np

    return np.zeros(30, np.int64), np.arange(30, dtype=np.int64)


def test_lists_written_a_few_users_at_a_time_are_the_same(workplace, model_id, monkeypatch):
    whole = pq.read_table(run(workplace, model_id, "topk", top_k=5).path("topk.parquet"))
    lines = run(workplace, model_id, "topk_jsonl", top_k=5).path("topk.jsonl").read_bytes()
    monkeypatch.setattr(export_lists, "ROWS_AT_ONCE", 35)  # 7 users
    path = run(workplace, model_id, "topk", top_k=5).path("topk.parquet")
    assert pq.ParquetFile(path).num_row_groups == 6
    assert pq.read_table(path).equals(whole)
    assert run(workplace, model_id, "topk_jsonl", top_k=5).path("topk.jsonl").read_bytes() == lines
    ranks = [event for event in workplace.events if isinstance(event, Progress) and event.phase == "rank"]
    assert [event.done for event in ranks[-6:]] == [7, 14, 21, 28, 35, 40]


def test_the_readme_of_lists_says_which_items_are_excluded(workplace, model_id):
    for name in ("topk", "topk_jsonl"):
        text = run(workplace, model_id, name, mask="all").path("README.md").read_text()
        assert "without the items of the user's train, valid and test parts" in text
