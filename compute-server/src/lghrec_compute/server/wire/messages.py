"""Conversion of stored rows and artifacts to messages of `lghrec.v1`."""

from __future__ import annotations

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from lghrec.v1 import artifact_pb2, run_event_pb2, run_pb2
from lghrec_compute.artifacts import Artifact
from lghrec_compute.events import event_to_dict
from lghrec_compute.json_types import Json
from lghrec_compute.records import record_to_dict
from lghrec_compute.server.store import EventRow, RunRow
from lghrec_compute.server.wire.convert import fill
from lghrec_compute.spec.variants import variant_of


def run_message(run: RunRow, queue_position: int = 0) -> run_pb2.Run:
    """Return a stored run. `queue_position` counts from 1; it is 0 for a run that is not queued."""
    message = run_pb2.Run(
        id=run.id,
        kind=_run_kind(run.kind),
        labels=run.labels,
        spec_digest=run.spec_digest,
        head_seq=run.head_seq,
        queue_position=queue_position,
        create_time=timestamp(run.create_ms),
        start_time=timestamp(run.start_ms),
        end_time=timestamp(run.end_ms),
    )
    parts = {
        "state": run.state,
        run.kind: run.spec,
        "result": run.result and record_to_dict(run.result),
        "failure": run.failure and record_to_dict(run.failure),
        "progress": run.progress and record_to_dict(run.progress),
        "variant": _variant(run.kind, run.spec),
    }
    fill(message, parts)
    return message


def checked_run_message(kind: str, spec: Json, digest: str, labels: dict[str, str]) -> run_pb2.Run:
    """Return the response to `validate_only`: a run without id and state."""
    message = run_pb2.Run(kind=_run_kind(kind), labels=labels, spec_digest=digest)
    fill(message, {kind: spec, "variant": _variant(kind, spec)})
    return message


def event_message(row: EventRow) -> run_event_pb2.RunEvent:
    """Return a stored event."""
    message = run_event_pb2.RunEvent(seq=row.seq, event_time=timestamp(row.time_ms))
    fill(message, event_to_dict(row.event))
    return message


def artifact_message(artifact: Artifact) -> artifact_pb2.Artifact:
    """Return a stored artifact with its files."""
    message = artifact_pb2.Artifact(
        id=artifact.id,
        size_bytes=artifact.size_bytes,
        run_id=artifact.run_id,
        create_time=timestamp(int(artifact.create_time * 1000)),
    )
    files = [{"path": f.path, "size_bytes": f.size_bytes, "sha256": f.sha256} for f in artifact.files]
    fill(message, {"kind": artifact.kind, "files": files})
    return message


def timestamp(time_ms: int | None) -> Timestamp | None:
    """Return Unix milliseconds as a message. None stays None, which leaves the field unset."""
    if time_ms is None:
        return None
    return Timestamp(seconds=time_ms // 1000, nanos=time_ms % 1000 * 1_000_000)


def _variant(kind: str, spec: Json) -> str | None:
    return variant_of(spec) if kind == "train" else None


def _run_kind(kind: str) -> Any:
    return run_pb2.RunKind.Value(f"RUN_KIND_{kind.upper()}")
