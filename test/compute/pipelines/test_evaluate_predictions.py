"""Predictions of another tool: file formats, ids, masks, and errors."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lghrec_compute.errors import ConfigError, DataError, NotFoundError
from lghrec_compute.events import WarningRaised
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines import evaluate
from lghrec_compute.pipelines.evaluate_files import predictions_digest
from lghrec_compute.spec import EvaluateSpec, parse


class Desk:
    """A workplace with a data set, and the folder `imports` as its only import root."""

    def __init__(self, workplace: Any, dataset: Any) -> None:
        self.workplace, self.dataset = workplace, dataset
        self.dataset_id = workplace.add_dataset(dataset)
        self.imports: Path = workplace.folder / "imports"
        self.imports.mkdir()

    def context(self) -> Any:
        return replace(self.workplace.context(), import_roots=(self.imports,))

    def spec(self, fields: Json, **more: object) -> EvaluateSpec:
        return parse(EvaluateSpec, {"predictions": {"dataset": self.dataset_id, **fields}, **more})

    def run(self, fields: Json, **more: object) -> Json:
        return evaluate.run(self.spec(fields, **more), self.context())

    def summary(self, result: Json) -> Json:
        report = self.workplace.store.verified(result.report.id, "evaluation")
        return json.loads(report.path("summary.json").read_text())

    def warnings(self) -> dict[str, str]:
        return {
            event.code: event.message for event in self.workplace.events if isinstance(event, WarningRaised)
        }

    def write(self, name: str, text: str) -> None:
        path = self.imports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def upload(self, *names: str) -> str:
        with self.workplace.store.draft("source", {}, run_id="upload") as draft:
            for name in names:
                draft.path(f"files/{name}").write_bytes((self.imports / name).read_bytes())
        return draft.stored.id


@pytest.fixture
def desk(workplace, make_dataset) -> Desk:
    return Desk(workplace, make_dataset())


@pytest.fixture
def scores(desk: Desk, make_embeddings) -> pl.DataFrame:
    """Every pair with the score of `model_id`, by external id."""
    users_UD, items_ID = make_embeddings()
    scores_UI = (users_UD.double() @ items_ID.double().T).numpy()
    user_E, item_E = (ids.ravel() for ids in np.indices(scores_UI.shape))
    columns = {
        "user": [desk.dataset.user_ids[user] for user in user_E],
        "item": [desk.dataset.item_ids[item] for item in item_E],
        "score": scores_UI.ravel(),
    }
    return pl.DataFrame(columns).sample(fraction=1, shuffle=True, seed=0)


@pytest.fixture
def of_model(desk: Desk, make_embeddings) -> Json:
    model_id = desk.workplace.add_model(desk.dataset_id, *make_embeddings())
    return evaluate.run(parse(EvaluateSpec, {"model": model_id}), desk.workplace.context())


def write(scores: pl.DataFrame, path: Path) -> None:
    kind = path.name.removesuffix(".gz").rsplit(".", 1)[1]
    if kind == "parquet":
        scores.write_parquet(path)
        return
    text = (
        scores.write_ndjson()
        if kind == "jsonl"
        else scores.write_csv(separator="," if kind == "csv" else "\t")
    )
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


@pytest.mark.parametrize("name", ["p.csv", "p.tsv", "p.txt.gz", "p.jsonl", "p.parquet"])
def test_predictions_of_every_layout_give_the_report_of_the_model(desk, scores, of_model, name: str):
    write(scores, desk.imports / name)
    result = desk.run({"path": name})
    assert result.metrics == of_model.metrics
    assert (result.num_users, result.num_skipped) == (of_model.num_users, of_model.num_skipped)
    theirs, ours = desk.summary(of_model), desk.summary(result)
    assert {**theirs, "model": None} == {name: ours.get(name) for name in theirs}
    assert ours["predictions"]["columns"] == {"user": "user", "item": "item", "score": "score"}
    assert ours["num_users_without_predictions"] == 0


def test_predictions_can_have_columns_of_any_name_and_order(desk, scores, of_model):
    renamed = scores.select(
        pl.col("score").alias("s"), pl.col("item").alias("doc"), pl.col("user").alias("q")
    )
    renamed.write_csv(desk.imports / "p.csv", separator=";")
    fields = {"path": "p.csv", "columns": {"user": "q", "item": "doc", "score": "s", "separator": ";"}}
    assert desk.run(fields).metrics == of_model.metrics


def test_predictions_without_a_header_have_columns_by_number(desk, scores, of_model):
    scores.write_csv(desk.imports / "p.tsv", separator="\t", include_header=False)
    fields = {"path": "p.tsv", "columns": {"user": "0", "item": "1", "score": "2"}}
    assert desk.run(fields).metrics == of_model.metrics


def test_predictions_of_a_folder_an_archive_or_an_upload_are_found(desk, scores, of_model):
    (desk.imports / "runs").mkdir()
    write(scores, desk.imports / "runs" / "mine.csv")
    desk.write("runs/other.csv", "user,item,score\n")
    with zipfile.ZipFile(desk.imports / "runs.zip", "w") as archive:
        archive.write(desk.imports / "runs" / "mine.csv", "mine.csv")
        archive.writestr("other.csv", "user,item,score\n")
    write(scores, desk.imports / "mine.csv")
    one, two = desk.upload("mine.csv"), desk.upload("runs/mine.csv", "runs/other.csv")
    for fields in (
        {"path": "runs", "file": "mine.csv"},
        {"path": "runs.zip", "file": "mine.csv"},
        {"upload": one},
        {"upload": two, "file": "mine.csv"},
    ):
        assert desk.run(fields).metrics == of_model.metrics


def test_predictions_leave_out_unknown_ids_with_a_warning(desk):
    desk.write("p.csv", "user,item,score\nuser é 2,i/1,1\nuser é 2,i/99,5\nnobody,i/1,3\nuser é 3,i/99,1\n")
    result = desk.run({"path": "p.csv"})
    assert desk.warnings()["unknown_ids"] == (
        "3 of 4 rows have ids that are not in the data set: 1 user ('nobody') and 1 item ('i/99');"
        " these rows are ignored"
    )
    assert desk.summary(result)["num_users_without_predictions"] == result.num_users - 1
    assert "have no predictions: their metrics are 0" in desk.warnings()["users_without_predictions"]
    assert "1 of" in desk.warnings()["short_lists"]


def test_predictions_of_masked_items_are_dropped_and_counted(desk, scores):
    write(scores, desk.imports / "p.csv")
    evaluated = set(desk.dataset.test.user_E.tolist())
    masked = sum(user in evaluated for part in desk.dataset.parts[:2] for user in part.user_E.tolist())
    assert desk.summary(desk.run({"path": "p.csv"}))["num_masked_rows"] == masked


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "user é 2,i/1,nan\n",
            "p.csv line 2: got score 'nan', expected a number; 1 of 1 rows cannot be used",
        ),
        ("user é 2,i/1,inf\n", "line 2: got score 'inf', expected a number"),
        ("user é 2,i/1,\n", "line 2: got score '', expected a number"),
        ("user é 2,i/1,1\n" * 99 + "user é 2,i/2\n", "line 101: got 2 columns, expected 3; 1 of 100 rows"),
        (",i/1,1\n", "got an empty user, expected an id"),
        (
            "user é 2,i/1,1\nuser é 2,i/1,2\n",
            "1 rows repeat a pair that already has a score, the first is item 'i/1'",
        ),
        ("a,b,1\n", "1 of 1 rows have ids that are not in the data set: 1 user .'a'. and 1 item .'b'."),
        ("", "p.csv contains no predictions"),
    ],
)
def test_predictions_that_cannot_be_used_are_an_error(desk, rows: str, message: str):
    desk.write("p.csv", "user,item,score\n" + rows)
    with pytest.raises(DataError, match=message):
        desk.run({"path": "p.csv"})


def test_a_score_that_is_not_a_number_in_json_is_an_error(desk):
    desk.write("p.jsonl", '{"user": "user é 2", "item": "i/1", "score": NaN}\n')
    with pytest.raises(DataError, match="got nan, expected a number"):
        desk.run({"path": "p.jsonl"})


def test_missing_columns_are_an_error_with_its_cure(desk):
    desk.write("p.csv", "u,i,s\na,b,1\n")
    with pytest.raises(DataError, match="no column user, item, score in the header, got u, i, s") as caught:
        desk.run({"path": "p.csv"})
    assert "set predictions.columns" in caught.value.hint


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"path": "../p.csv"}, "predictions.path"),
        ({"path": "p.xlsx"}, "predictions.path"),
        ({"path": "folder"}, "predictions.path"),
        ({"path": "folder", "file": "p.bin"}, "predictions.file"),
        ({"path": "folder", "file": "../p.csv"}, "predictions.file"),
        ({"path": "p.csv", "file": "q.csv"}, "predictions.file"),
    ],
)
def test_a_path_without_predictions_is_rejected_with_its_field(desk, fields: Json, path: str):
    desk.write("p.csv", "user,item,score\n")
    (desk.imports / "folder").mkdir()
    with pytest.raises(ConfigError) as caught:
        desk.run(fields)
    assert [violation.path for violation in caught.value.violations] == [path]
    assert path in caught.value.message


def test_an_upload_of_several_files_needs_the_name_of_one(desk):
    desk.write("p.csv", "user,item,score\n")
    desk.write("q.csv", "user,item,score\n")
    with pytest.raises(
        ConfigError, match=r"required if the upload is not exactly one file, got p\.csv, q\.csv"
    ):
        desk.run({"upload": desk.upload("p.csv", "q.csv")})
    with pytest.raises(NotFoundError):
        desk.run({"upload": "0" * 64})


def test_a_file_that_is_missing_is_an_error(desk):
    with pytest.raises(DataError, match=r"no file or folder 'p\.csv' under the server's import roots"):
        desk.run({"path": "p.csv"})


def test_the_digest_of_predictions_is_that_of_the_file(desk):
    desk.write("p.csv", "user,item,score\nuser é 2,i/1,1\n")
    spec = desk.spec({"path": "p.csv"})
    first = predictions_digest(spec, desk.context())
    desk.write("p.csv", "user,item,score\nuser é 2,i/1,2\n")
    assert predictions_digest(spec, desk.context()) != first
    assert predictions_digest(parse(EvaluateSpec, {"model": "0" * 64}), desk.context()) == ""


@pytest.mark.parametrize(
    ("data", "path", "text"),
    [
        ({}, "", "give exactly one of model, predictions, got none"),
        (
            {"model": "0" * 64, "predictions": {"dataset": "0" * 64, "path": "p.csv"}},
            "",
            "got model and predictions",
        ),
        ({"predictions": {"dataset": "0" * 64}}, "predictions", "give exactly one of path, upload, got none"),
        ({"model": "0" * 64, "metrics": ["map"]}, "metrics", "map is called map_min"),
        ({"model": "0" * 64, "metrics": ["ndcg@20"]}, "metrics", "give the lengths of the lists in cutoffs"),
    ],
)
def test_an_invalid_evaluate_spec_names_the_field(data: Json, path: str, text: str):
    with pytest.raises(ConfigError, match=text) as caught:
        parse(EvaluateSpec, data)
    assert [violation.path for violation in caught.value.violations] == [path]


def test_the_digest_is_computed_without_heavy_libraries():
    code = "import sys, lghrec_compute.pipelines.evaluate_files; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"torch", "numpy", "scipy", "polars", "pyarrow"} & set(loaded)
