"""The writer of the journal. It appends each event at once, so that a kill loses no emitted event."""

from __future__ import annotations

import os
import time

from lghrec_compute.artifacts import disk_errors
from lghrec_compute.events import ArtifactStored, CheckpointStored, Event, Finished, Progress, event_to_dict
from lghrec_compute.journal import frame, records
from lghrec_compute.json_types import Json
from lghrec_compute.layout import RunDir

_RESERVE_BYTES = 64 * 1024
_PROGRESS_INTERVAL_S = 0.2


class Journal:
    """Appends records to the journal. If the file exists, it continues after the last complete record.

    It keeps 64 KiB of the disk in reserve, so that a run that fails on a full disk can still report that.
    """

    def __init__(self, run_dir: RunDir) -> None:
        self._reserve = run_dir.reserve
        with disk_errors("journal"):
            self._reserve.write_bytes(b"\0" * _RESERVE_BYTES)
            self._file = os.open(run_dir.journal, os.O_RDWR | os.O_CREAT, 0o600)
        self._lseq, self._end = self._last_record()
        self._progress_at = 0.0
        self._phase = ""
        self.last_checkpoint = ""

    def emit(self, event: Event) -> None:
        """Appends an event.

        Progress of a phase is appended at most five times per second. The first and the last progress of a
        phase are always appended.
        """
        if isinstance(event, Progress) and not self._is_due(event):
            return
        if isinstance(event, CheckpointStored):
            self.last_checkpoint = event.name
        self._append(event_to_dict(event))
        if isinstance(event, CheckpointStored | ArtifactStored | Finished):
            os.fsync(self._file)

    def _append(self, body: Json) -> None:
        """Appends one record. On a full disk it removes the partial record and raises `DiskError`."""
        record = frame(self._lseq + 1, time.time_ns() // 1_000_000, body)
        with disk_errors("journal"):
            try:
                written = os.pwrite(self._file, record, self._end)
                while written < len(record):
                    written += os.pwrite(self._file, record[written:], self._end + written)
            except OSError:
                os.ftruncate(self._file, self._end)
                raise
        self._lseq += 1
        self._end += len(record)

    def finish(self, finished: Finished) -> None:
        """Frees the reserve, so that a full disk has space again, appends the last record and closes."""
        self._reserve.unlink(missing_ok=True)
        self.emit(finished)
        os.close(self._file)

    def _is_due(self, progress: Progress) -> bool:
        now = time.monotonic()
        due = progress.phase != self._phase or progress.done == progress.total
        if not due and now - self._progress_at < _PROGRESS_INTERVAL_S:
            return False
        self._phase, self._progress_at = progress.phase, now
        return True

    def _last_record(self) -> tuple[int, int]:
        lseq = end = 0
        for record, after in records(os.pread(self._file, os.fstat(self._file).st_size, 0)):
            lseq, end = record["lseq"], after
        os.ftruncate(self._file, end)
        return lseq, end
