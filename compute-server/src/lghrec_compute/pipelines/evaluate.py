"""The evaluate service: a model in, the metrics of every user and their means out.

The report is an artifact with per_user.parquet (user, external_id, one float64 column a metric; users without
a held-out item are not in it) and summary.json (means, degree groups, and what they were measured on).
"""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pyarrow as pa

from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.store import write_table
from lghrec_compute.evaluation import (
    Evaluation,
    Evaluator,
    Group,
    flat_means,
    group_variance,
    item_groups,
    user_groups,
)
from lghrec_compute.events import Log, Progress, Warn
from lghrec_compute.pipelines.context import Context
from lghrec_compute.pipelines.model_store import Model, load_model, seen_parts
from lghrec_compute.plain import Json
from lghrec_compute.spec import EvaluateSpec
from lghrec_compute.training.device import resolve_device


def run(spec: EvaluateSpec, context: Context) -> Json:
    """Evaluates a model on one part under a mask. Returns the fields of `lghrec.v1.EvaluateResult`.

    Raises `DataError` if no user holds an item out,
    `NonFiniteError` for embeddings that are not finite.
    """
    device = resolve_device(spec.device)
    context.emit(Progress("load", 0, 1))
    model = load_model(context.store, spec.model)
    evaluator = _evaluator(spec, model.dataset)
    context.emit(Progress("load", 1, 1))

    evaluation = _rank(evaluator, model, context, device=str(device))
    groups = _groups(evaluator, evaluation, model.dataset)

    settings = _settings(spec, model)
    summary = _figures(evaluation) | settings | groups
    with context.store.draft("evaluation", settings, run_id=context.run_id) as draft:
        write_table(draft.path("per_user.parquet"), _per_user(evaluation, model.dataset))
        draft.path("summary.json").write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n")
    report = context.announce(draft)
    return {
        "report": report.ref,
        "metrics": evaluation.means,
        "num_users": evaluation.num_users,
        "num_skipped": evaluation.num_skipped,
    }


def _evaluator(spec: EvaluateSpec, dataset: Dataset) -> Evaluator:
    return Evaluator(
        dataset.test if spec.split == "test" else dataset.valid,
        seen_parts(dataset, spec.mask),
        num_users=dataset.num_users,
        num_items=dataset.num_items,
        cutoffs=spec.cutoffs,
        keep_I=_degrees(dataset)[1] > 0 if spec.drop_unseen else None,
    )


def _degrees(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Train interactions of each user and of each item."""
    return (
        np.bincount(dataset.train.user_E, minlength=dataset.num_users),
        np.bincount(dataset.train.item_E, minlength=dataset.num_items),
    )


def _rank(evaluator: Evaluator, model: Model, context: Context, *, device: str) -> Evaluation:
    total = len(evaluator.users_U)

    def on_chunk(done: int) -> None:
        context.emit(Progress("evaluate", done, total))
        context.check_stop()

    evaluation = evaluator(model.users_UD.to(device), model.items_ID.to(device), on_chunk=on_chunk)
    if evaluation.num_tied:
        context.emit(
            Warn(
                "tied_scores",
                f"all candidates score the same for {evaluation.num_tied} of {total} users:"
                " their lists are in the order of ids and say nothing of the model",
            )
        )
    context.emit(Log(f"{total} users evaluated, {evaluation.num_skipped} without a held-out item"))
    return evaluation


def _settings(spec: EvaluateSpec, model: Model) -> Json:
    return {
        "model": spec.model,
        "dataset": model.dataset_id,
        "split_sha256": model.dataset.meta["split_sha256"],
        "split": spec.split,
        "mask": spec.mask,
        "drop_unseen": spec.drop_unseen,
        "cutoffs": list(spec.cutoffs),
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
