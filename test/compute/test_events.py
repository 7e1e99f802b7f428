"""Events and results against the contract, field by field, and through JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import get_args

import pytest
from contract_walk import differences, enum_values

from lghrec.v1 import artifact_pb2, run_event_pb2, run_result_pb2
from lghrec_compute.errors import FailureKind
from lghrec_compute.events import (
    ArtifactStored,
    CheckpointStored,
    Event,
    Failure,
    FinalState,
    Finished,
    Log,
    LogLevel,
    Metric,
    Progress,
    RunState,
    StateChanged,
    WarningRaised,
    event_from_dict,
    event_to_dict,
)
from lghrec_compute.json_types import canonical_json
from lghrec_compute.results import (
    RESULTS,
    ArtifactKind,
    ArtifactRef,
    CompareResult,
    CompareRow,
    DatasetStatistics,
    EvaluateResult,
    ExportResult,
    FilterStep,
    InterestStatistics,
    ItemPreview,
    KnowledgeStatistics,
    PreprocessResult,
    ReportResult,
    Result,
    RunResult,
    SemanticEstimate,
    SemanticQuality,
    TrainResult,
)
from lghrec_compute.server.store import EventRow
from lghrec_compute.server.wire.convert import message_to_dict
from lghrec_compute.server.wire.messages import event_message
from lghrec_compute.spec import SPECS

REF = ArtifactRef("ab" * 32, "report", 7)
RESULT = RunResult(report=ReportResult(REF), reused_from_run_id="r0")
EVENTS: list[Event] = [
    StateChanged("running"),
    Progress("train", 1, 3),
    Progress("train", 1, 3, eta_ms=0),
    Metric("loss/total", 0.5, 1),
    Log("hello", "warning"),
    CheckpointStored("e1", 1, "0" * 64),
    ArtifactStored(REF),
    WarningRaised("rows_skipped", "3 rows"),
    Finished("succeeded", result=RESULT),
    Finished("failed", failure=Failure("nan", "loss is nan", hint="lower the learning rate")),
    Finished("cancelled"),
]
STATISTICS = DatasetStatistics(
    *(5, 4, 9, 5, 2, 2, 12, 3, "5" * 64, 1, 0),
    filters=(FilterStep("read", 12), FilterStep("2-core", 9)),
    knowledge=KnowledgeStatistics(*range(7)),
    interests=InterestStatistics(*range(7)),
)
RESULT_SAMPLES: list[Result] = [
    PreprocessResult(
        dataset=REF,
        statistics=STATISTICS,
        estimate=SemanticEstimate(5, 4, 1, 100, False, 20, 1.5, notes=("a", "b")),
        preview=(ItemPreview("i1", "text", "", ("k",), "ok", True),),
        quality=SemanticQuality(5, 1.0, 0.5, 0.0, 0.5, 0.5, 0.0),
    ),
    TrainResult(REF, 3, 5, {"ndcg@20": 0.25}, 1.5, "cpu", 2),
    EvaluateResult(REF, {"recall@20": 0.5}, 10, 1),
    ExportResult(REF, index_recall=0.99),
    CompareResult(REF, (CompareRow("base", "ndcg@20", 0.5, None, 10, 1),)),
    ReportResult(REF),
]
BODY = run_event_pb2.RunEvent.DESCRIPTOR.oneofs_by_name["body"]


def case_of(event: Event) -> str:
    return next(iter(event_to_dict(event)))


def test_every_case_of_the_contract_has_a_record_with_the_same_name_and_fields():
    records = {case_of(event): type(event) for event in EVENTS}
    assert set(records.values()) == set(get_args(Event))
    assert list(records) == [field.name for field in BODY.fields]
    for field in BODY.fields:
        assert records[field.name].__name__ == field.message_type.name
        assert list(differences(records[field.name], field.message_type)) == []


def test_the_name_of_a_case_is_the_first_word_of_its_record():
    for event in EVENTS:
        assert type(event).__name__.lower().startswith(case_of(event))


def test_every_kind_of_run_has_a_result_with_the_name_and_fields_of_the_contract():
    result = run_result_pb2.RunResult.DESCRIPTOR.oneofs_by_name["result"]
    assert RESULTS.keys() == SPECS.keys() == {field.name for field in result.fields}
    assert set(RESULTS.values()) == set(get_args(Result))
    assert list(differences(RunResult, run_result_pb2.RunResult.DESCRIPTOR)) == []


def test_names_of_enums_are_those_of_the_contract():
    assert set(get_args(RunState)) == enum_values(run_event_pb2.RunState.DESCRIPTOR)
    assert set(get_args(FinalState)) < set(get_args(RunState))
    assert set(get_args(FailureKind)) == enum_values(run_event_pb2.FailureKind.DESCRIPTOR)
    assert set(get_args(LogLevel)) == enum_values(run_event_pb2.LogLevel.DESCRIPTOR)
    assert set(get_args(ArtifactKind)) == enum_values(artifact_pb2.ArtifactKind.DESCRIPTOR)


def test_the_walk_sees_a_missing_a_misspelt_and_a_mistyped_field():
    @dataclass(frozen=True)
    class Metric:
        nmae: str
        value: int

    assert list(differences(Metric, run_event_pb2.Metric.DESCRIPTOR)) == [
        "Metric lacks name",
        "Metric lacks step",
        "Metric lacks nmae",
        "Metric.value is <class 'int'>, but value is a float",
    ]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_comes_back_from_json_and_fits_its_message(event: Event):
    assert event_from_dict(json.loads(canonical_json(event_to_dict(event)))) == event
    message = event_message(EventRow(1, 1, event))
    assert message.WhichOneof("body") == case_of(event)


@pytest.mark.parametrize(("kind", "result"), list(zip(RESULTS, RESULT_SAMPLES, strict=True)))
def test_a_result_comes_back_from_json_and_fits_its_message(kind: str, result: Result):
    event = Finished("succeeded", result=RunResult.of(kind, result))
    assert event_from_dict(json.loads(canonical_json(event_to_dict(event)))) == event
    message = event_message(EventRow(1, 1, event)).finished.result
    assert message.WhichOneof("result") == kind
    assert message_to_dict(message)[1] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"surprise": {}}, "got case 'surprise', expected one of state, progress"),
        ({}, "expected an object with exactly one case"),
        ({"log": {"line": "a"}, "metric": {}}, "expected an object with exactly one case"),
        ([], "expected an object with exactly one case"),
        ({"metric": {"title": "x"}}, "Metric has no field 'title'"),
        (
            {"metric": {"name": "x", "value": "high", "step": 1}},
            "Metric.value: got 'high', expected a number",
        ),
        ({"state": {"state": "dreaming"}}, "StateChanged.state: got 'dreaming', expected one of queued"),
        ({"finished": {"state": "running"}}, "expected one of succeeded, failed, cancelled"),
        ({"finished": {"state": "succeeded"}}, "result of a succeeded run: got None, expected a result"),
        (
            {"finished": {"state": "cancelled", "failure": {"kind": "nan", "message": ""}}},
            "failure of a cancelled run: got Failure(kind='nan'",
        ),
        ({"finished": {"state": "succeeded", "result": {}}}, "got results of no kind, expected one kind"),
    ],
)
def test_a_body_that_is_no_event_is_refused(body: object, message: str):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared below
        event_from_dict(body)
    assert message in str(caught.value)


def test_a_run_has_one_result():
    assert RunResult.of("export", ExportResult(REF)) == RunResult(export=ExportResult(REF))
    with pytest.raises(ValueError, match="got results of export, report"):
        RunResult(export=ExportResult(REF), report=ReportResult(REF))
