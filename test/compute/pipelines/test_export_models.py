"""Exports as ONNX graphs and as an index of nearest neighbours."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest
import torch
from exporting import file_names, run
from usearch.index import Index

from lghrec_compute.errors import IntegrityError
from lghrec_compute.events import Log
from lghrec_compute.pipelines.export_formats import onnx as export_onnx
from lghrec_compute.pipelines.export_source import load_source
from lghrec_compute.spec import ExportSpec, parse


def logs(workplace) -> list[str]:
    return [event.line for event in workplace.events if isinstance(event, Log)]


def test_onnx_scores_are_the_dot_products(workplace, model_id, make_embeddings):
    artifact = run(workplace, model_id, "onnx")
    names = ["README.md", "embeddings.bin", "export.json", "ids.json", "score.onnx", "topk.onnx"]
    assert file_names(artifact) == names
    users_UD, items_ID = (part.double().numpy() for part in make_embeddings())
    session = onnxruntime.InferenceSession(artifact.path("score.onnx"))
    for users in ([3], [39, 0, 7, 7]):
        (scores,) = session.run(None, {"users": np.array(users)})
        assert scores.dtype == np.float32
        assert np.allclose(scores, users_UD[users] @ items_ID.T, rtol=0, atol=1e-5)
    assert "the ONNX graphs differ from torch by" in logs(workplace)[-1]


def test_onnx_top_k_excludes_masked_items(workplace, model_id, make_embeddings):
    session = onnxruntime.InferenceSession(run(workplace, model_id, "onnx").path("topk.onnx"))
    users_UD, items_ID = (part.double().numpy() for part in make_embeddings())
    mask_BI = np.random.default_rng(3).random((40, 30)) < 0.4
    feed = {"users": np.arange(40), "mask": mask_BI, "k": np.array([6])}
    scores, items = session.run(["scores", "items"], feed)
    expected = np.argsort(-np.where(mask_BI, -np.inf, users_UD @ items_ID.T), axis=1, kind="stable")[:, :6]
    assert np.array_equal(items, expected)
    assert np.allclose(scores, np.take_along_axis(users_UD @ items_ID.T, expected, 1), rtol=0, atol=1e-5)


def test_onnx_orders_ties_by_item_and_marks_empty_positions(workplace, make_dataset):
    # every item scores 2 for every user
    ones = torch.ones(40, 2), torch.ones(30, 2)
    model_id = workplace.add_model(workplace.add_dataset(make_dataset()), *ones)
    session = onnxruntime.InferenceSession(run(workplace, model_id, "onnx").path("topk.onnx"))
    mask = np.ones((1, 30), bool)
    mask[0, [9, 4, 21]] = False
    scores, items = session.run(None, {"users": np.array([0]), "mask": mask, "k": np.array([4])})
    assert items[0, :3].tolist() == [4, 9, 21]
    assert scores[0].tolist() == [2.0, 2.0, 2.0, -np.inf]


def test_onnx_graphs_that_compute_other_scores_are_rejected(workplace, model_id, tmp_path):
    artifact = run(workplace, model_id, "onnx")
    for name in file_names(artifact):
        (tmp_path / name).write_bytes(artifact.path(name).read_bytes())
    context = workplace.context()
    source = load_source(parse(ExportSpec, {"model": model_id, "format": "onnx"}), context)
    assert export_onnx.check_graphs(tmp_path, source, context) < 1e-6
    table = np.fromfile(tmp_path / "embeddings.bin", "<f4")
    table[-1] += 0.001  # one number of the last item
    table.tofile(tmp_path / "embeddings.bin")
    with pytest.raises(IntegrityError, match=r"score\.onnx does not compute the scores of the model"):
        export_onnx.check_graphs(tmp_path, source, context)


def test_lists_of_a_runtime_are_compared_with_the_exact_lists():
    expected = np.array([[4.0, 3.0, -np.inf, 1.0]])
    good = (np.array([[4.0, 3.0]], np.float32), np.array([[0, 1]]))
    export_onnx._check_lists(expected, *good, allowed=1e-5)
    for scores, items, text in (
        ([4.0, 1.0], [0, 3], "lists that are 2.00e"),  # misses item 1
        ([4.0, 4.0], [0, 0], "an item twice"),
        ([4.0, 3.0], [0, 2], "masked items before others"),
    ):
        with pytest.raises(IntegrityError, match=text):
            export_onnx._check_lists(expected, np.array([scores]), np.array([items]), allowed=1e-5)


def test_the_index_finds_the_exact_lists_and_reports_its_recall(workplace, model_id, make_embeddings):
    artifact = run(workplace, model_id, "usearch")
    assert file_names(artifact) == ["README.md", "export.json", "ids.json", "items.usearch", "users.npy"]
    users_UD, items_ID = (part.double().numpy() for part in make_embeddings())
    exact_UI = users_UD @ items_ID.T
    index = Index.restore(str(artifact.path("items.usearch")), view=True)
    described = json.loads(artifact.path("export.json").read_text())
    index.expansion_search = described["index"]["expansion_search"]
    users = np.load(artifact.path("users.npy"))
    found = index.search(users, 10)
    best_UK = np.argsort(-exact_UI, axis=1, kind="stable")[:, :10]
    share = np.mean(
        [len({*a} & {*b}) / 10 for a, b in zip(found.keys.tolist(), best_UK.tolist(), strict=True)]
    )
    assert described["recall@10"] == pytest.approx(share)
    assert share > 0.99  # of 30 items an index misses none
    assert described["recall_users"] == 40
    score = 1 - found.distances[5, 0]
    assert score == pytest.approx(exact_UI[5, best_UK[5, 0]], abs=1e-5)
    assert logs(workplace)[-1].startswith(f"the index finds {share:.4f} of the exact top 10 of 40 users")


def test_the_index_of_fewer_than_ten_items_is_measured_on_all_of_them(workplace, make_dataset):
    dataset = make_dataset()
    part = type(dataset.train)(*(np.array([0, 1]), np.array([0, 2])))
    none = type(dataset.train)(*(np.zeros(0, np.int64), np.zeros(0, np.int64)))
    small = type(dataset)(part, none, none, ["a", "b"], ["x", "y", "z"], {}, dataset.meta)
    users_UD, items_ID = torch.eye(2, 4), torch.eye(3, 4)
    model_id = workplace.add_model(workplace.add_dataset(small), users_UD, items_ID)
    described = json.loads(run(workplace, model_id, "usearch").path("export.json").read_text())
    assert (described["recall@10"], described["recall_users"]) == (1.0, 2)
    assert run(workplace, model_id, "onnx").kind == "export"
