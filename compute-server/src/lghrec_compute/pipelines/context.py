"""What a pipeline gets from the process that runs it: where to write, how to tell, when to stop."""

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
    """One run's surroundings. Pipelines are `run(spec, context) -> Json`, the result in proto field names."""

    run_id: str
    run_dir: Path
    data_dir: Path
    store: ArtifactStore
    emit: Emit
    import_roots: tuple[Path, ...] = ()
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def checkpoint_dir(self) -> Path:
        """Where the run's checkpoints are committed."""
        return RunDir(self.run_dir).checkpoints

    def check_stop(self) -> None:
        """Raises `RunCancelled` once the run has been asked to stop; call it once a step or batch."""
        if self.stop.is_set():
            raise RunCancelled("the run was asked to stop")

    def announce(self, draft: Draft) -> Artifact:
        """Tells that a draft has been stored, and returns the artifact."""
        artifact = draft.stored
        self.emit(ArtifactStored(artifact.ref))
        return artifact
