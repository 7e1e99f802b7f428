"""The context that a pipeline gets from the worker: folders, artifact store, events, stop signal."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from lghrec_compute.artifacts import Artifact, ArtifactStore, Draft
from lghrec_compute.errors import RunCancelled
from lghrec_compute.events import ArtifactStored, Emit
from lghrec_compute.layout import RunDir


@dataclass(frozen=True)
class RunContext:
    """Folders, artifact store, event sink and stop signal of one run.

    Each pipeline is a function `run(spec, context)` that returns a `Result`.
    """

    run_id: str
    run_dir: Path
    data_dir: Path
    store: ArtifactStore
    emit: Emit
    import_roots: tuple[Path, ...] = ()
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def checkpoint_dir(self) -> Path:
        """Folder of the run's checkpoints."""
        return RunDir(self.run_dir).checkpoints

    def check_stop(self) -> None:
        """Raises `RunCancelled` after a request to stop the run. Call it for each step or batch."""
        if self.stop.is_set():
            raise RunCancelled("a stop of the run was requested")

    def announce(self, draft: Draft) -> Artifact:
        """Emits the event that the draft has been stored, and returns the artifact."""
        artifact = draft.stored
        self.emit(ArtifactStored(artifact.ref))
        return artifact
