"""Reads the predictions of an evaluate run, and maps their ids to the data set's users and items."""

from __future__ import annotations

import polars as pl

from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.raw import ReadContext
from lghrec_compute.data.readers import reader_of
from lghrec_compute.errors import ConfigError, DataError
from lghrec_compute.evaluation import Evaluation, Evaluator
from lghrec_compute.evaluation.predictions import Listed, Scored, list_scored
from lghrec_compute.events import Log, WarningRaised
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.evaluate_files import predictions_file, with_prediction_fields
from lghrec_compute.pipelines.progress import ticker
from lghrec_compute.spec import spec_to_dict
from lghrec_compute.spec.evaluate import PredictionsSpec


def load_predictions(spec: PredictionsSpec, dataset: Dataset, context: RunContext) -> tuple[Scored, Json]:
    """Returns the scores of pairs that are in the data set, and a description of the file for the report.

    Rows with an unknown id are ignored, and a warning reports their number. Raises `DataError` for a row that
    cannot be used (for example with a score that is not finite), for a repeated pair, and if no row remains.
    Raises also the errors of `predictions_file`.
    """
    files = predictions_file(spec, context)
    tick = ticker(context, "read")
    try:
        raw = reader_of(files.format)(files, ReadContext(context.emit, tick, max_bad_share=0))
    except (ConfigError, DataError) as error:
        raise with_prediction_fields(error) from None
    path = files.files["interactions"]
    if raw.interactions.is_empty():
        raise DataError(
            f"{path.name} contains no predictions", hint="write one row with a score for each pair"
        )
    about = {
        "sha256": file_sha256(path),
        "columns": spec_to_dict(spec.columns),
        "num_rows": raw.num_rows_read,
    }
    return _numbered(raw.interactions, dataset, context), about


def evaluate_predictions(
    evaluator: Evaluator, scored: Scored, context: RunContext
) -> tuple[Evaluation, Json]:
    """Returns the same metrics as for a model, and the number of rows and users without an effect on them."""
    listed = list_scored(evaluator, scored)
    _log_ignored(listed, evaluator, context)
    counts = {
        "num_masked_rows": listed.num_masked,
        "num_users_without_predictions": listed.num_without,
        "num_users_with_short_lists": listed.num_short,
    }
    return evaluator.score_lists(listed.ranked), counts


def _numbered(rows: pl.DataFrame, dataset: Dataset, context: RunContext) -> Scored:
    for name, ids in (("user", dataset.user_ids), ("item", dataset.item_ids)):
        numbers = pl.DataFrame({name: pl.Series(ids, dtype=pl.String)}).with_row_index(f"{name}_number")
        rows = rows.join(numbers, on=name, how="left", maintain_order="left")
    known = rows.drop_nulls(["user_number", "item_number"])
    if len(known) < len(rows):
        _warn_unknown_ids(rows, known, context)
    _check_once(known)
    user_E, item_E = (known[f"{name}_number"].cast(pl.Int64).to_numpy() for name in ("user", "item"))
    return Scored(user_E, item_E, known["rating"].to_numpy())


def _check_once(rows: pl.DataFrame) -> None:
    pairs = rows.select("user_number", "item_number")
    if (num_further := len(pairs) - pairs.n_unique()) == 0:
        return
    user, item, *_ = rows.filter(pairs.is_duplicated()).row(0)
    raise DataError(
        f"{num_further:,} rows repeat a pair that already has a score, the first is item {item!r} for"
        f" user {user!r}",
        hint="keep one row for each pair of user and item",
    )


def _warn_unknown_ids(rows: pl.DataFrame, known: pl.DataFrame, context: RunContext) -> None:
    users, items = (
        rows.filter(pl.col(f"{name}_number").is_null())[name].unique().sort() for name in ("user", "item")
    )
    shown = " and ".join(
        f"{len(ids):,} {kind}{'s' if len(ids) > 1 else ''} ({', '.join(map(repr, ids[:3].to_list()))}"
        f"{', ...' if len(ids) > 3 else ''})"
        for kind, ids in (("user", users), ("item", items))
        if len(ids)
    )
    message = (
        f"{len(rows) - len(known):,} of {len(rows):,} rows have ids that are not in the data set: {shown}"
    )
    if known.is_empty():
        raise DataError(
            message, hint="write external ids as in the data set's source, and check predictions.columns"
        )
    context.emit(WarningRaised("unknown_ids", f"{message}; these rows are ignored"))


def _log_ignored(listed: Listed, evaluator: Evaluator, context: RunContext) -> None:
    total, cutoff = len(evaluator.users_U), evaluator.cutoffs[-1]
    context.emit(
        Log(
            f"ignored predictions: {listed.num_masked:,} of items under the mask,"
            f" {listed.num_other:,} of users without a held-out item"
        )
    )
    if listed.num_without:
        message = f"{listed.num_without:,} of {total:,} users have no predictions: their metrics are 0"
        context.emit(WarningRaised("users_without_predictions", message))
    if listed.num_short:
        message = (
            f"{listed.num_short:,} of {total:,} users have fewer than {cutoff} predictions of unseen items:"
            " their metrics at that cutoff are computed from a shorter list"
        )
        context.emit(WarningRaised("short_lists", message))
