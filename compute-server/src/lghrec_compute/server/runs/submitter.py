"""From a start request to an accepted run, for all kinds of runs.

Two requests with one request id are the same request if their kind, resolved spec, labels and reuse are
equal. Defaults may be written out or left out. `validate_only` and `rerun` do not count, because they only
change the response.
"""

from __future__ import annotations

import asyncio
from typing import Any

from lghrec.v1 import run_pb2, submit_pb2
from lghrec_compute.errors import ConfigError, Violation
from lghrec_compute.json_types import json_sha256
from lghrec_compute.server.clock import new_id, now_ms
from lghrec_compute.server.runs.admission import Admission
from lghrec_compute.server.runs.labels import label_violations
from lghrec_compute.server.runs.notifier import Notifier
from lghrec_compute.server.runs.scheduler import Scheduler
from lghrec_compute.server.store import (
    Database,
    NewRun,
    RunRow,
    find_run,
    find_submitted,
    queued_before,
    submit_run,
)
from lghrec_compute.server.wire.convert import message_to_dict, unknown_fields
from lghrec_compute.server.wire.messages import checked_run_message, run_message
from lghrec_compute.spec import SPECS, Spec, parse, spec_digest, spec_to_dict

_MAX_REQUEST_ID = 128
_RERUNS = {submit_pb2.RERUN_UNSPECIFIED: False, submit_pb2.RERUN_NEVER: False, submit_pb2.RERUN_FAILED: True}


class Submitter:
    """Checks start requests and queues their runs."""

    def __init__(
        self, database: Database, notifier: Notifier, scheduler: Scheduler, admission: Admission
    ) -> None:
        self._database = database
        self._notifier = notifier
        self._scheduler = scheduler
        self._admission = admission

    async def submit(self, kind: str, request: Any) -> tuple[run_pb2.Run, bool]:
        """Accept one run of `kind`. Return it, and whether its request id had already started it.

        Raises `ConfigError` with every violation, `ConflictError`, `NotFoundError`, `DiskError`,
        `DrainingError`.
        """
        self._notifier.check()
        spec = _checked_spec(kind, request)
        new = _new_run(kind, request, spec)
        rerun = _RERUNS[request.rerun]
        if request.validate_only:
            await self._admit(spec)
            return checked_run_message(kind, new.spec, new.spec_digest, new.labels), False
        # A repeated request gets its run even if artifacts that the spec names have been deleted since.
        if await self._database.read(find_submitted, new, rerun=rerun) is None:
            await self._admit(spec)
        submitted = await self._database.write(submit_run, new, rerun=rerun, time_ms=now_ms())
        self._scheduler.wake()
        return await self._message(submitted.run), submitted.deduplicated

    async def _admit(self, spec: Spec) -> None:
        run_id = getattr(spec, "run", None)
        run = None if run_id is None else await self._database.read(find_run, run_id)
        _reject(await asyncio.to_thread(self._admission.violations, spec, run))

    async def _message(self, run: RunRow) -> run_pb2.Run:
        if run.state != "queued":
            return run_message(run)
        return run_message(run, await self._database.read(queued_before, run.position) + 1)


def _checked_spec(kind: str, request: Any) -> Spec:
    """Return the resolved spec. Raises `ConfigError` with all violations of the request."""
    plain, violations = message_to_dict(request.spec)
    violations = [*_request_violations(request), *violations]
    try:
        spec = parse(SPECS[kind], plain)
    except ConfigError as error:
        known = {violation.path for violation in violations}
        _reject([*violations, *(v for v in error.violations if v.path not in known)])
        raise
    _reject(violations)
    return spec


def _request_violations(request: Any) -> list[Violation]:
    found = unknown_fields(request, "request")
    request_id = request.request_id
    if not 1 <= len(request_id) <= _MAX_REQUEST_ID or not all(" " <= c <= "~" for c in request_id):
        text = f"got {len(request_id)} characters, expected 1 to {_MAX_REQUEST_ID} printable ASCII characters"
        found.append(Violation("request_id", text))
    if request.rerun not in _RERUNS:
        found.append(
            Violation("rerun", f"unknown value, got number {request.rerun}, expected never or failed")
        )
    return [*found, *label_violations(dict(request.labels))]


def _new_run(kind: str, request: Any, spec: Spec) -> NewRun:
    labels = dict(request.labels)
    reuse = request.reuse if request.HasField("reuse") else True
    digest = spec_digest(kind, spec)
    return NewRun(
        id=new_id(),
        kind=kind,
        method=f"Start{kind.capitalize()}",
        request_id=request.request_id,
        fingerprint=json_sha256({"digest": digest, "labels": labels, "reuse": reuse}),
        spec=spec_to_dict(spec),
        spec_digest=digest,
        labels=labels,
        reuse=reuse,
    )


def _reject(violations: list[Violation]) -> None:
    if violations:
        raise ConfigError.of(violations)
