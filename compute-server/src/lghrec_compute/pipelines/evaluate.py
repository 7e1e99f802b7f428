"""The evaluate service. It computes metrics of each user, and means, for a model or for predictions.

The report is an artifact with two files. per_user.parquet has the columns user, external_id and one float64
column per metric. It contains neither users without a held-out item nor metrics of all lists together.
summary.json contains the means, the degree groups and the settings of the evaluation.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.store import load_dataset, write_table
from lghrec_compute.evaluation import (
    Catalogue,
    Evaluation,
    Evaluator,
    Group,
    flat_means,
    group_variance,
    item_groups,
    user_groups,
)
from lghrec_compute.events import Log, Progress, WarningRaised
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.evaluate_predictions import evaluate_predictions, load_predictions
from lghrec_compute.pipelines.model_store import Model, load_model, seen_parts
from lghrec_compute.results import EvaluateResult
from lghrec_compute.spec import EvaluateSpec
from lghrec_compute.training.device import resolve_device


def run(spec: EvaluateSpec, context: RunContext) -> EvaluateResult:
    """Evaluates a model or predictions on one part under a mask, and stores the report.

    Raises `DataError` if no user has a held-out item or if predictions cannot be used, and `NonFiniteError`
    for embeddings that are not finite.
    """
    evaluate = _predictions if spec.predictions is not None else _model
    dataset, evaluator, evaluation, about = evaluate(spec, context)
    groups = _groups(evaluator, evaluation, dataset)

    settings = about.meta | _settings(spec, dataset)
    summary = _figures(evaluation) | about.counts | settings | groups
    with context.store.draft("evaluation", settings, run_id=context.run_id) as draft:
        write_table(draft.path("per_user.parquet"), _per_user(evaluation, dataset))
        draft.path("summary.json").write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n")
    report = context.announce(draft)
    return EvaluateResult(report.ref, evaluation.means, evaluation.num_users, evaluation.num_skipped)


@dataclass(frozen=True)
class _About:
    """Metadata of the evaluated model or predictions, and further counts for the summary."""

    meta: Json
    counts: Json


_Evaluated: TypeAlias = tuple[Dataset, Evaluator, Evaluation, _About]


def _model(spec: EvaluateSpec, context: RunContext) -> _Evaluated:
    assert spec.model is not None, "a spec has a model or predictions"
    device = resolve_device(spec.device)
    context.emit(Progress("load", 0, 1))
    model = load_model(context.store, spec.model)
    evaluator = _evaluator(spec, model.dataset)
    context.emit(Progress("load", 1, 1))
    evaluation = _rank(evaluator, model, context, device=str(device))
    seed = {name: value for name, value in model.artifact.meta["spec"].items() if name == "seed"}
    meta = {"model": spec.model, "dataset": model.dataset_id, **seed}
    return model.dataset, evaluator, evaluation, _About(meta, {})


def _predictions(spec: EvaluateSpec, context: RunContext) -> _Evaluated:
    assert spec.predictions is not None, "a spec has a model or predictions"
    artifact = context.store.verified(spec.predictions.dataset, "dataset")
    dataset = load_dataset(artifact)
    evaluator = _evaluator(spec, dataset)
    scored, about = load_predictions(spec.predictions, dataset, context)
    context.check_stop()
    total = len(evaluator.users_U)
    context.emit(Progress("evaluate", 0, total))
    evaluation, counts = evaluate_predictions(evaluator, scored, context)
    context.emit(Progress("evaluate", total, total))
    _log_evaluation(evaluation, context)
    return dataset, evaluator, evaluation, _About({"predictions": about, "dataset": artifact.id}, counts)


def _evaluator(spec: EvaluateSpec, dataset: Dataset) -> Evaluator:
    degree_I = _degrees(dataset)[1]
    return Evaluator(
        dataset.test if spec.split == "test" else dataset.valid,
        seen_parts(dataset, spec.mask),
        num_users=dataset.num_users,
        num_items=dataset.num_items,
        cutoffs=spec.cutoffs,
        keep_I=degree_I > 0 if spec.drop_unseen else None,
        metrics=spec.metrics,
        catalogue=Catalogue(degree_I, dataset.num_users),
    )


def _degrees(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Returns the number of train interactions of each user and of each item."""
    return (
        np.bincount(dataset.train.user_E, minlength=dataset.num_users),
        np.bincount(dataset.train.item_E, minlength=dataset.num_items),
    )


def _rank(evaluator: Evaluator, model: Model, context: RunContext, *, device: str) -> Evaluation:
    total = len(evaluator.users_U)

    def on_chunk(done: int) -> None:
        context.emit(Progress("evaluate", done, total))
        context.check_stop()

    evaluation = evaluator(model.users_UD.to(device), model.items_ID.to(device), on_chunk=on_chunk)
    _log_evaluation(evaluation, context)
    return evaluation


def _log_evaluation(evaluation: Evaluation, context: RunContext) -> None:
    total = evaluation.num_users
    if evaluation.num_tied:
        context.emit(
            WarningRaised(
                "tied_scores",
                f"all candidates score the same for {evaluation.num_tied} of {total} users:"
                " their lists are in the order of ids and do not depend on the model",
            )
        )
    context.emit(Log(f"{total} users evaluated, {evaluation.num_skipped} without a held-out item"))


def _settings(spec: EvaluateSpec, dataset: Dataset) -> Json:
    return {
        "split_sha256": dataset.meta["split_sha256"],
        "split": spec.split,
        "mask": spec.mask,
        "drop_unseen": spec.drop_unseen,
        "cutoffs": list(spec.cutoffs),
        "metric_names": list(spec.metrics),
    }


def _figures(evaluation: Evaluation) -> Json:
    return {
        "metrics": evaluation.means,
        "num_users": evaluation.num_users,
        "num_skipped": evaluation.num_skipped,
        "num_tied": evaluation.num_tied,
    }


def _groups(evaluator: Evaluator, evaluation: Evaluation, dataset: Dataset) -> Json:
    degree_U, degree_I = _degrees(dataset)
    users = user_groups(evaluation, degree_U)
    items = item_groups(evaluator, evaluation, degree_I)
    return {
        "groups": [_group(group) for group in (*users, *items)],
        "group_metrics": flat_means(users) | flat_means(items),
        "user_group_variance": group_variance(users),
        "item_group_variance": group_variance(items),
    }


def _group(group: Group) -> Json:
    return {name: value for name, value in dataclasses.asdict(group).items() if name != "means"}


def _per_user(evaluation: Evaluation, dataset: Dataset) -> pa.Table:
    columns: dict[str, pa.Array] = {
        "user": pa.array(evaluation.users_U.astype(np.int32)),
        "external_id": pa.array([dataset.user_ids[user] for user in evaluation.users_U], pa.string()),
    }
    return pa.table(columns | {name: pa.array(values_U) for name, values_U in evaluation.per_user.items()})
