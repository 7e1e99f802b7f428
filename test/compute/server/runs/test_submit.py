"""Start requests: at most one run each, all violations at once, each with its path."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from server_kit import (
    CANCELLED,
    FAILED,
    SUCCEEDED,
    Server,
    refusal,
    script,
    serving,
    set_unknown,
    start_request,
)

from lghrec.v1 import policy_pb2, run_pb2, submit_pb2, train_pb2, train_spec_pb2
from lghrec_compute.artifacts import ArtifactStore

_ids = (f"submit-{i}" for i in itertools.count())


def store(server: Server, kind: str, **meta: Any) -> str:
    """Store a new artifact and return its id."""
    with ArtifactStore(server.data_dir / "artifacts").draft(kind, meta, run_id="x") as draft:
        draft.path("a").write_text(kind)
    return draft.stored.id


def train_request(*, validate_only: bool = False, **fields: Any) -> train_pb2.StartTrainRequest:
    spec = train_spec_pb2.TrainSpec(**fields)
    return train_pb2.StartTrainRequest(request_id=next(_ids), spec=spec, validate_only=validate_only)


def test_fifty_concurrent_submits_with_one_key_start_one_run(shared: Server):
    request = start_request("race", labels={"race": "50"})
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: shared.preprocess.StartPreprocess(request), range(50)))
    assert len({answer.run.id for answer in answers}) == 1
    assert sum(not answer.deduplicated for answer in answers) == 1
    listed = shared.runs.ListRuns(run_pb2.ListRunsRequest(labels={"race": "50"}))
    assert [run.id for run in listed.runs] == [answers[0].run.id]


@pytest.mark.parametrize("change", [{"seed": 1}, {"labels": {"a": "b"}}, {"reuse": False}])
def test_one_key_with_another_payload_is_rejected(shared: Server, change: dict):
    key = next(_ids)
    shared.start(key)
    refused = refusal(lambda: shared.start(key, **change))
    assert (refused.code, refused.detail.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


def test_one_key_for_another_kind_is_rejected(shared: Server):
    dataset = store(shared, "dataset", n=1)
    request = train_request(dataset=dataset, backbone={"mf": {}})
    shared.start(request.request_id)
    assert refusal(lambda: shared.train.StartTrain(request)).detail.reason == "REQUEST_ID_REUSED"


def test_a_spec_with_defaults_written_out_is_the_same_payload(shared: Server):
    short, long = start_request(next(_ids)), start_request("")
    long.CopyFrom(short)
    long.spec.filter.k_core = 5
    long.reuse = True
    first = shared.preprocess.StartPreprocess(short)
    second = shared.preprocess.StartPreprocess(long)
    assert (second.run.id, second.deduplicated) == (first.run.id, True)


def test_a_failed_run_is_repeated_once_and_only_on_request(tmp_path: Path):
    with serving(tmp_path) as server:
        script(tmp_path, 1, steps=0, end="fail")
        first = server.start("k", 1)
        assert server.finish(first.id).state == FAILED
        assert server.start("k", 1).id == first.id
        script(tmp_path, 1, steps=20, step_s=0.05)
        with ThreadPoolExecutor(8) as pool:
            again = list(pool.map(lambda _: server.start("k", 1, rerun=submit_pb2.RERUN_FAILED), range(8)))
        assert len({run.id for run in again} | {first.id}) == 2
        assert server.finish(again[0].id).state == SUCCEEDED
        assert server.start("k", 1, rerun=submit_pb2.RERUN_FAILED).id == again[0].id


def test_a_cancelled_run_is_repeated_on_request(shared: Server):
    key, seed = next(_ids), script(shared.data_dir, 71, steps=1000, step_s=0.05)
    first = shared.start(key, seed)
    shared.cancel(first.id)
    assert shared.finish(first.id).state == CANCELLED
    again = shared.start(key, seed, rerun=submit_pb2.RERUN_FAILED)
    assert again.id != first.id
    shared.cancel(again.id)
    shared.finish(again.id)


def test_validate_only_returns_the_resolved_spec_and_writes_nothing(shared: Server):
    before = shared.runs.ListRuns(run_pb2.ListRunsRequest(page_size=1000)).runs
    key = next(_ids)
    run = shared.start(key, validate_only=True)
    assert (run.id, run.state, run.preprocess.filter.k_core) == ("", 0, 5)
    assert run.spec_digest == shared.start(key).spec_digest  # the key is still free
    after = shared.runs.ListRuns(run_pb2.ListRunsRequest(page_size=1000)).runs
    assert len(after) == len(before) + 1


@pytest.mark.parametrize("key", ["", "x" * 129, "caf\u00e9", "two\nlines"])
def test_a_request_id_is_printable_ascii_of_1_to_128(shared: Server, key: str):
    refused = refusal(lambda: shared.start(key))
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert list(refused.violations) == ["request_id"]


def test_all_violations_are_returned_at_once_each_with_its_path(shared: Server):
    request = train_request(dataset="x", backbone={"lightccf": {"layers": 99, "temperature": float("nan")}})
    request.spec.optimizer.learning_rate = -1
    request.spec.fusion.method = 9  # type: ignore[assignment]
    request.spec.policy.SetInParent()
    request.spec.device = 77  # type: ignore[assignment]
    request.labels["bad\x00key"] = "v"
    set_unknown(request.spec.early_stop)
    request.request_id = ""
    refused = refusal(lambda: shared.train.StartTrain(request))
    assert refused.detail.reason == "FIELD_INVALID"
    assert set(refused.violations) == {
        "request_id",
        "labels",
        "dataset",
        "backbone.layers",
        "backbone.temperature",
        "optimizer.learning_rate",
        "fusion.method",
        "policy",
        "device",
        "early_stop.999",
    }
    assert "concat_linear, weighted_sum" in refused.violations["fusion.method"]


_TRAIN_FIELDS = train_spec_pb2.TrainSpec.DESCRIPTOR.fields_by_name
_BACKBONES = [field.name for field in _TRAIN_FIELDS["backbone"].message_type.fields]


@pytest.mark.parametrize("case", _BACKBONES)
def test_every_backbone_of_the_contract_is_served(shared: Server, case: str):
    dataset = store(shared, "dataset")
    request = train_request(dataset=dataset, backbone={case: {}}, validate_only=True)
    run = shared.train.StartTrain(request).run
    assert run.train.backbone.WhichOneof("backbone") == case
    assert run.train.policy.WhichOneof("policy") == "native"


@pytest.mark.parametrize("case", ["random", "hgpo"])
def test_a_policy_is_served_and_rejected_for_a_backbone_without_contrast(shared: Server, case: str):
    dataset = store(shared, "dataset")
    request = train_request(dataset=dataset, backbone={"sgl": {}}, policy={case: {}}, validate_only=True)
    policy = shared.train.StartTrain(request).run.train.policy
    assert getattr(policy, case).contrast == policy_pb2.POLICY_CONTRAST_BACKBONE
    request = train_request(dataset=dataset, backbone={"mf": {}}, policy={case: {}})
    refused = refusal(lambda: shared.train.StartTrain(request))
    assert refused.violations["policy"].startswith("mf has no contrast of its own")


@pytest.mark.parametrize("number", [8, 999])
def test_an_export_format_of_a_later_version_is_a_violation(shared: Server, number: int):
    from lghrec.v1 import export_pb2, export_spec_pb2

    spec = export_spec_pb2.ExportSpec(model="a" * 64, format=number)  # type: ignore[arg-type]
    request = export_pb2.StartExportRequest(request_id=next(_ids), spec=spec)
    found = refusal(lambda: shared.export.StartExport(request)).violations["format"]
    assert found.startswith(f"unknown value, got number {number}, expected one of safetensors, parquet, topk")


def test_artifacts_must_exist_and_be_of_the_right_kind(shared: Server):
    dataset, other = store(shared, "dataset", n=2), store(shared, "dataset", n=3)
    semantic = store(shared, "semantic_ids", dataset=other)
    call = lambda **fields: refusal(  # noqa: E731
        lambda: shared.train.StartTrain(train_request(backbone={"mf": {}}, **fields))
    )
    assert call(dataset="0" * 64).violations == {"dataset": f"no artifact '{'0' * 64}'"}
    assert call(dataset=semantic).violations == {
        "dataset": "artifact of another kind: got semantic_ids, expected dataset"
    }
    assert (
        "belong to another data set"
        in call(dataset=dataset, semantic_ids=semantic).violations["semantic_ids"]
    )
    request = train_request(dataset=other, semantic_ids=semantic, backbone={"mf": {}})
    assert shared.train.StartTrain(request).run.train.semantic_ids == semantic


def test_a_repeated_submit_gets_its_run_even_if_the_input_is_deleted(shared: Server):
    dataset = store(shared, "dataset", n=4)
    request = train_request(dataset=dataset, backbone={"mf": {}})
    first = shared.train.StartTrain(request)
    shared.finish(first.run.id)
    folder = shared.data_dir / "artifacts" / dataset[:2] / dataset
    folder.rename(shared.data_dir / "gone")
    assert shared.train.StartTrain(request).run.id == first.run.id


def test_an_evaluation_needs_a_model_whose_data_set_exists(shared: Server):
    from lghrec.v1 import evaluate_pb2, evaluate_spec_pb2

    def evaluate(model: str) -> evaluate_pb2.StartEvaluateRequest:
        spec = evaluate_spec_pb2.EvaluateSpec(model=model)
        return evaluate_pb2.StartEvaluateRequest(request_id=next(_ids), spec=spec, validate_only=True)

    good = store(shared, "model", dataset=store(shared, "dataset", n=5))
    orphan = store(shared, "model", dataset="1" * 64)
    assert list(shared.evaluate.StartEvaluate(evaluate(good)).run.evaluate.cutoffs) == [10, 20]
    refused = refusal(lambda: shared.evaluate.StartEvaluate(evaluate(orphan)))
    assert refused.violations == {"model": f"no artifact '{'1' * 64}'"}
