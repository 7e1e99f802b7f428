"""Runs and models that an export may use."""

from __future__ import annotations

from itertools import count

import grpc
import pytest
from server_kit import CANCELLED, RUNNING, Server, refusal, script

from lghrec.v1 import export_pb2, export_spec_pb2, run_pb2, train_pb2, train_spec_pb2
from lghrec_compute.artifacts import ArtifactStore

_ids = (f"export-{number}" for number in count())
NPZ = export_spec_pb2.EXPORT_FORMAT_NPZ


@pytest.fixture(scope="module")
def dataset_id(shared: Server) -> str:
    store = ArtifactStore(shared.data_dir / "artifacts")
    with store.draft("dataset", {"name": "of exports"}, run_id="x") as draft:
        draft.path("x").write_bytes(b"")
    return draft.stored.id


def train(server: Server, dataset_id: str, seed: int) -> run_pb2.Run:
    spec = train_spec_pb2.TrainSpec(dataset=dataset_id, seed=seed)
    spec.backbone.mf.SetInParent()
    return server.train.StartTrain(train_pb2.StartTrainRequest(request_id=next(_ids), spec=spec)).run


def export(server: Server, *, validate_only: bool = True, **subject: str) -> run_pb2.Run:
    spec = export_spec_pb2.ExportSpec(format=NPZ, **subject)  # type: ignore[arg-type]
    request = export_pb2.StartExportRequest(request_id=next(_ids), spec=spec, validate_only=validate_only)
    return server.export.StartExport(request).run


def violations(server: Server, **subject: str) -> dict[str, str]:
    answer = refusal(lambda: export(server, **subject))
    assert answer.code == grpc.StatusCode.INVALID_ARGUMENT
    return answer.violations


def test_a_train_run_is_exported_once_it_has_ended(shared: Server, dataset_id: str):
    seed = script(shared.data_dir, 7001, steps=1000, step_s=0.05)
    run = train(shared, dataset_id, seed)
    shared.wait_for(run.id, RUNNING)
    assert "has not ended: got state running, expected an ended run" in violations(shared, run=run.id)["run"]
    shared.cancel(run.id)
    shared.wait_for(run.id, CANCELLED)
    assert export(shared, run=run.id).export.run == run.id
    accepted = export(shared, validate_only=False, run=run.id)
    assert shared.finish(accepted.id).export.run == run.id


def test_only_a_train_run_can_be_exported(shared: Server):
    run = shared.finish(shared.start(next(_ids)).id)
    assert violations(shared, run=run.id) == {"run": "run of another kind: got preprocess, expected train"}


def test_an_unknown_run_is_reported(shared: Server):
    unknown = "0190a1b2-0000-7000-8000-000000000000"
    assert violations(shared, run=unknown)["run"].startswith(f"no run '{unknown}'")
    assert list(violations(shared, run="../../etc")) == ["run"]


def test_a_spec_names_exactly_one_subject(shared: Server):
    assert violations(shared) == {"": "give exactly one of model, run, got none"}
    both = violations(shared, run="0190a1b2-0000-7000-8000-000000000000", model="a" * 64)
    assert both == {"": "give exactly one of model, run, got model and run"}
