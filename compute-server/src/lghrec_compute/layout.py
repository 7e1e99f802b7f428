"""Names of the files and folders in the data directory, for the server, the workers and the pipelines.

| path in the data directory | content |
|---|---|
| `state.db` | SQLite database of the server: runs, events, data sets |
| `server.lock` | lock and process id of the server that uses this directory |
| `endpoints.toml` | endpoints of language models, written by the operator; optional |
| `artifacts/` | results of runs, addressed by content: `artifacts/<first 2 of the id>/<id>/` |
| `artifacts/drafts/` | artifacts that are being written |
| `runs/<run id>/` | one folder for each run, deleted with the run |
| `uploads/` | uploads that are not complete yet |
| `imports/` | the import root of a server without `--import-root` |
| `datasets/` | downloaded built-in data sets |
| `cache/results/` | which run has done which work, for the reuse of results |
| `cache/code/` | digest of the code of LGHRec, for the reuse of results |
| `cache/encoders/` | encoders that were converted to ONNX |
| `cache/models/` | the bundled language model in another quantisation |
| `cache/unpacked/` | files of archives under an import root |
| `cache/texts.sqlite` | generated texts of items |

A stopped server can delete `cache/` and `datasets/`: runs compute or download their content again.

| path in a run's folder | content |
|---|---|
| `job.json` | what the worker has to do, written by the server |
| `worker.json` | process id, start time and boot id of the worker |
| `lock` | locked by the worker as long as it runs |
| `journal` | events of the run; its format is described in `journal.py` |
| `reserve` | 64 KiB that the worker frees to report a full disk |
| `log.txt` | output of the worker |
| `checkpoints/` | checkpoints of a training, from which it resumes |
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunDir:
    """The folder of one run."""

    path: Path

    @property
    def job(self) -> Path:
        """What the worker has to do."""
        return self.path / "job.json"

    @property
    def worker(self) -> Path:
        """The identity of the worker's process."""
        return self.path / "worker.json"

    @property
    def lock(self) -> Path:
        """Locked as long as the worker runs."""
        return self.path / "lock"

    @property
    def journal(self) -> Path:
        """Events of the run."""
        return self.path / "journal"

    @property
    def reserve(self) -> Path:
        """Disk space that is freed to report a full disk."""
        return self.path / "reserve"

    @property
    def log(self) -> Path:
        """Output of the worker."""
        return self.path / "log.txt"

    @property
    def checkpoints(self) -> Path:
        """Checkpoints of a training."""
        return self.path / "checkpoints"


@dataclass(frozen=True)
class DataDir:
    """The data directory of a server."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite file of the server."""
        return self.path / "state.db"

    @property
    def lock(self) -> Path:
        """Locked as long as the server runs."""
        return self.path / "server.lock"

    @property
    def endpoints(self) -> Path:
        """Endpoints of language models, if the server's settings name no other file."""
        return self.path / "endpoints.toml"

    @property
    def artifacts(self) -> Path:
        """The content-addressed store."""
        return self.path / "artifacts"

    @property
    def runs(self) -> Path:
        """The folders of all runs."""
        return self.path / "runs"

    @property
    def uploads(self) -> Path:
        """Uploads that are not complete yet."""
        return self.path / "uploads"

    @property
    def imports(self) -> Path:
        """The import root if the server's settings name none."""
        return self.path / "imports"

    @property
    def datasets(self) -> Path:
        """Downloaded built-in data sets."""
        return self.path / "datasets"

    @property
    def results(self) -> Path:
        """Records of finished work, for the reuse of results."""
        return self.path / "cache" / "results"

    @property
    def code(self) -> Path:
        """Digest of the code of LGHRec."""
        return self.path / "cache" / "code"

    @property
    def encoders(self) -> Path:
        """Encoders that were converted to ONNX."""
        return self.path / "cache" / "encoders"

    @property
    def models(self) -> Path:
        """The bundled language model in another quantisation."""
        return self.path / "cache" / "models"

    @property
    def unpacked(self) -> Path:
        """Files of archives under an import root."""
        return self.path / "cache" / "unpacked"

    @property
    def texts(self) -> Path:
        """Generated texts of items."""
        return self.path / "cache" / "texts.sqlite"

    def run(self, run_id: str) -> RunDir:
        """The folder of one run."""
        return RunDir(self.runs / run_id)
