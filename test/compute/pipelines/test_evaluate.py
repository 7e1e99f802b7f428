"""The evaluate pipeline from a model artifact to a report artifact."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from lghrec_compute.artifacts import Artifact
from lghrec_compute.errors import (
    ConfigError,
    DataError,
    IntegrityError,
    NonFiniteError,
    NotFoundError,
    RunCancelled,
)
from lghrec_compute.events import ArtifactStored, Progress, WarningRaised
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines import evaluate
from lghrec_compute.spec import EvaluateSpec, parse
from lghrec_compute.spec.metrics import METRICS, USER_METRICS


def run(workplace: Any, model_id: str, **fields: object) -> Json:
    return evaluate.run(parse(EvaluateSpec, {"model": model_id, **fields}), workplace.context())


def report_of(workplace: Any, result: Json) -> Artifact:
    return workplace.store.verified(result.report.id, "evaluation")


def summary_of(workplace: Any, result: Json) -> Json:
    return json.loads(report_of(workplace, result).path("summary.json").read_text())


def test_evaluate_reports_every_metric_at_every_cutoff(workplace, model_id):
    result = run(workplace, model_id, cutoffs=[5, 3])
    assert set(result.metrics) == {f"{name}@{cutoff}" for name in METRICS for cutoff in (3, 5)}
    assert result.report.kind == "evaluation"


def test_evaluate_equals_a_plain_loop_over_users(workplace, model_id, make_dataset, make_embeddings):
    dataset, (users_UD, items_ID) = make_dataset(), make_embeddings()
    result = run(workplace, model_id, cutoffs=[5])
    scores_UI = users_UD.double() @ items_ID.double().T
    recalls = []
    for user in range(dataset.num_users):
        train, valid, test = (set(part.item_E[part.user_E == user].tolist()) for part in dataset.parts)
        if not test:
            continue
        free = [item for item in range(dataset.num_items) if item not in train | valid]
        best = sorted(free, key=lambda item: -float(scores_UI[user, item]))[:5]
        recalls.append(len(test & set(best)) / len(test))
    assert result.num_users == len(recalls)
    assert result.num_skipped == dataset.num_users - len(recalls)
    assert result.metrics["recall@5"] == pytest.approx(np.mean(recalls))


def test_evaluate_keeps_the_values_of_each_user(workplace, model_id, make_dataset):
    result = run(workplace, model_id)
    table = pq.read_table(report_of(workplace, result).path("per_user.parquet"))
    dataset = make_dataset()
    assert table["user"].to_pylist() == sorted(set(dataset.test.user_E.tolist()))
    assert table["external_id"].to_pylist() == [dataset.user_ids[user] for user in table["user"].to_pylist()]
    assert 0 not in table["user"].to_pylist()
    assert {name.split("@")[0] for name in table.column_names[2:]} == set(USER_METRICS)
    for name in table.column_names[2:]:
        assert np.mean(table[name].to_numpy()) == result.metrics[name]


def test_evaluate_summary_contains_model_data_and_settings(workplace, model_id):
    result = run(workplace, model_id)
    summary = summary_of(workplace, result)
    assert summary["metrics"] == result.metrics
    assert summary["model"] == model_id
    assert summary["split_sha256"] == "5" * 64
    assert (summary["split"], summary["mask"], summary["drop_unseen"]) == ("test", "train_valid", False)
    assert (summary["num_users"], summary["num_skipped"]) == (result.num_users, result.num_skipped)
    assert summary["num_tied"] == 0


def test_evaluate_summary_contains_the_groups_of_users_and_items(workplace, model_id):
    summary = summary_of(workplace, run(workplace, model_id))
    sizes = {group["name"]: group["num_users"] for group in summary["groups"]}
    assert sizes["cold"] == 1  # user 1
    assert sizes["item_cold"] == 1  # user 5 holds item 29 out
    assert sum(size for name, size in sizes.items() if not name.startswith("item_")) == summary["num_users"]
    assert 0 <= summary["group_metrics"]["group_0/recall@20"] <= 1
    assert summary["user_group_variance"]["ndcg@20"] >= 0
    assert "ndcg@20" in summary["item_group_variance"]


def test_evaluate_of_the_valid_part_masks_train_only(workplace, model_id, make_dataset):
    result = run(workplace, model_id, split="valid")
    assert summary_of(workplace, result)["mask"] == "train"
    assert result.num_users == len(set(make_dataset().valid.user_E.tolist()))


def test_evaluate_under_the_train_mask_differs_from_train_and_valid(workplace, model_id):
    default, train = run(workplace, model_id), run(workplace, model_id, mask="train")
    assert train.metrics["ndcg@10"] < default.metrics["ndcg@10"]


def test_evaluate_drops_unseen_items_only_on_request(workplace, model_id):
    kept, dropped = run(workplace, model_id), run(workplace, model_id, drop_unseen=True)
    assert kept.report.id != dropped.report.id
    groups = summary_of(workplace, dropped)["groups"]
    assert next(group for group in groups if group["name"] == "item_cold")["num_users"] == 0


@pytest.mark.parametrize(("split", "mask"), [("test", "all"), ("valid", "all"), ("valid", "train_valid")])
def test_evaluate_rejects_a_mask_that_hides_the_held_out_items(workplace, model_id, split, mask):
    with pytest.raises(ConfigError, match="mask: hides the") as caught:
        run(workplace, model_id, split=split, mask=mask)
    assert [violation.path for violation in caught.value.violations] == ["mask"]


def test_evaluate_twice_gives_the_same_artifact(workplace, model_id):
    first = run(workplace, model_id)
    spec = parse(EvaluateSpec, {"model": model_id})
    assert evaluate.run(spec, workplace.context("run-2")) == first


def test_evaluate_emits_progress_and_its_artifact(workplace, model_id):
    result = run(workplace, model_id)
    progress = [event for event in workplace.events if isinstance(event, Progress)]
    assert progress[-1] == Progress("evaluate", result.num_users, result.num_users)
    assert isinstance(workplace.events[-1], ArtifactStored)
    assert workplace.events[-1].artifact == result.report


def test_evaluate_warns_of_scores_that_are_all_equal(workplace, make_dataset):
    dataset_id = workplace.add_dataset(make_dataset())
    model_id = workplace.add_model(dataset_id, torch.ones(40, 2), torch.ones(30, 2))
    result = run(workplace, model_id)
    warnings = [event for event in workplace.events if isinstance(event, WarningRaised)]
    assert [warning.code for warning in warnings] == ["tied_scores"]
    assert summary_of(workplace, result)["num_tied"] == result.num_users


def test_evaluate_of_a_model_with_nan_fails_and_stores_nothing(workplace, make_dataset, make_embeddings):
    users_UD, items_ID = make_embeddings()
    items_ID[4, 0] = float("nan")
    model_id = workplace.add_model(workplace.add_dataset(make_dataset()), users_UD, items_ID)
    before = set(workplace.store.ids())
    with pytest.raises(NonFiniteError, match="the first at row 4"):
        run(workplace, model_id)
    assert set(workplace.store.ids()) == before


def test_evaluate_stops_on_request(workplace, model_id):
    context = workplace.context()
    context.stop.set()
    with pytest.raises(RunCancelled):
        evaluate.run(parse(EvaluateSpec, {"model": model_id}), context)


def test_evaluate_of_a_data_set_without_a_test_part_is_an_error(workplace, make_dataset, make_embeddings):
    dataset = make_dataset()
    empty = type(dataset.test)(np.zeros(0, np.int64), np.zeros(0, np.int64))
    bare = type(dataset)(
        dataset.train, dataset.valid, empty, dataset.user_ids, dataset.item_ids, {}, dataset.meta
    )
    with pytest.raises(DataError, match="no user has a held-out item"):
        run(workplace, workplace.add_model(workplace.add_dataset(bare), *make_embeddings()))


def test_evaluate_of_an_unknown_model_is_not_found(workplace):
    with pytest.raises(NotFoundError, match="no artifact"):
        run(workplace, "0" * 64)


def test_evaluate_of_another_kind_of_artifact_is_rejected(workplace, make_dataset):
    dataset_id = workplace.add_dataset(make_dataset())
    with pytest.raises(ConfigError, match="got dataset, expected model"):
        run(workplace, dataset_id)


def test_evaluate_rejects_embeddings_of_another_size(workplace, make_dataset, make_embeddings):
    users_UD, items_ID = make_embeddings()
    model_id = workplace.add_model(workplace.add_dataset(make_dataset()), users_UD[1:].clone(), items_ID)
    with pytest.raises(IntegrityError, match="got embeddings of 39 users and 30 items, expected 40 and 30"):
        run(workplace, model_id)


def test_evaluate_of_some_metrics_reports_only_those(workplace, model_id):
    result = run(workplace, model_id, metrics=["coverage", "ndcg", "tail_share"], cutoffs=[5])
    assert set(result.metrics) == {"ndcg@5", "tail_share@5", "coverage@5"}
    summary = summary_of(workplace, result)
    assert summary["metric_names"] == ["ndcg", "tail_share", "coverage"]
    assert set(summary["user_group_variance"]) == {"ndcg@5", "tail_share@5"}
    assert set(summary["item_group_variance"]) == {"ndcg@5"}  # of what is found only


def test_evaluate_computes_popularity_on_the_train_part(workplace, model_id, make_dataset, make_embeddings):
    dataset, (users_UD, items_ID) = make_dataset(), make_embeddings()
    result = run(workplace, model_id, metrics=["average_popularity", "coverage"], cutoffs=[3])
    scores_UI = users_UD.double() @ items_ID.double().T
    popularity, listed = [], set()
    for user in sorted(set(dataset.test.user_E.tolist())):
        known = {i for part in dataset.parts[:2] for i in part.item_E[part.user_E == user].tolist()}
        free = [item for item in range(dataset.num_items) if item not in known]
        best = sorted(free, key=lambda item: -float(scores_UI[user, item]))[:3]
        listed.update(best)
        popularity.append(sum(int((dataset.train.item_E == item).sum()) for item in best) / 3)
    assert result.metrics["average_popularity@3"] == pytest.approx(np.mean(popularity))
    assert result.metrics["coverage@3"] == len(listed) / dataset.num_items
