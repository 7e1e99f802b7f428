"""Checkpoints on disk. A checkpoint is either intact or absent.

The folder `<name>/` contains tensors.safetensors, state.json, and manifest.json with the SHA-256 of both. It
is written as `<name>.tmp`, synced and renamed, and then its parent folder is synced. A process that is
killed, or a machine that loses power, therefore leaves the earlier checkpoints intact. Nothing is pickled.
This module knows no model; the module `state` defines the content.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
from torch import Tensor

from lghrec_compute.artifacts.disk import disk_errors, file_sha256, fsync_path
from lghrec_compute.errors import ConfigError, IntegrityError
from lghrec_compute.events import CheckpointStored, Emit, WarningRaised
from lghrec_compute.json_types import Json, canonical_json

_MANIFEST, _TENSORS, _STATE = "manifest.json", "tensors.safetensors", "state.json"
_FORMAT = 3
"""3: new names in the state of HGPO."""
KEPT = 2
"""Number of the newest checkpoints that are kept. With two, one of them can be damaged."""


@dataclass(frozen=True)
class Snapshot:
    """State of a run after `epoch` complete epochs and `step` further steps: tensors by name, and plain
    data."""

    epoch: int
    step: int
    tensors: dict[str, Tensor]
    plain: Json

    @property
    def name(self) -> str:
        """Name of the folder. The alphabetical order of names is their order in time."""
        return f"epoch-{self.epoch:06d}-step-{self.step:08d}"


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write a safetensors file from tensors of any device. Equal tensors give equal bytes."""
    # the file writer of the library hides the errno of a full disk
    host = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    path.write_bytes(safetensors.torch.save(host))


class Checkpoints:
    """The checkpoints of one run, all with the same spec."""

    def __init__(self, folder: Path, *, spec_digest: str, emit: Emit) -> None:
        self.folder, self._spec_digest, self._emit = folder, spec_digest, emit

    def commit(self, snapshot: Snapshot) -> None:
        """Write a checkpoint, emit its event, and delete all but the newest checkpoints.

        Raises `DiskError` if the disk is full or not writable.
        """
        target = self.folder / snapshot.name
        draft = target.with_name(target.name + ".tmp")
        with disk_errors(f"checkpoint {snapshot.name}"):
            self.folder.mkdir(parents=True, exist_ok=True)
            for leftover in self.folder.glob("*.tmp"):
                shutil.rmtree(leftover)
            draft.mkdir()
            manifest_sha256 = self._write(draft, snapshot)
            if target.exists():  # the run resumed from an older checkpoint and reached the same state
                shutil.rmtree(target)
            draft.rename(target)
            fsync_path(self.folder)
        self._emit(CheckpointStored(snapshot.name, snapshot.epoch, manifest_sha256))
        for old in self._names()[KEPT:]:
            shutil.rmtree(self.folder / old)

    def load(self) -> Snapshot | None:
        """Return the newest intact checkpoint, or None. It warns about damaged checkpoints and skips them.

        Raises `ConfigError` for a checkpoint of another spec.
        """
        for name in self._names():
            try:
                return self._read(self.folder / name)
            except IntegrityError as error:
                self._emit(WarningRaised("checkpoint_damaged", f"{error}; using the checkpoint before it"))
        return None

    def _names(self) -> list[str]:
        names = (path.name for path in self.folder.glob("epoch-*") if not path.name.endswith(".tmp"))
        return sorted(names, reverse=True)

    def _write(self, folder: Path, snapshot: Snapshot) -> str:
        write_tensors(folder / _TENSORS, snapshot.tensors)
        (folder / _STATE).write_text(canonical_json(snapshot.plain))
        manifest = {
            "format": _FORMAT,
            "spec_digest": self._spec_digest,
            "epoch": snapshot.epoch,
            "step": snapshot.step,
            "files": {name: file_sha256(folder / name) for name in (_TENSORS, _STATE)},
        }
        text = canonical_json(manifest)
        (folder / _MANIFEST).write_text(text)
        for name in (_TENSORS, _STATE, _MANIFEST):
            fsync_path(folder / name)
        fsync_path(folder)
        return hashlib.sha256(text.encode()).hexdigest()

    def _read(self, folder: Path) -> Snapshot:
        try:
            manifest = json.loads((folder / _MANIFEST).read_text())
            wrong = [
                name for name, sha256 in manifest["files"].items() if file_sha256(folder / name) != sha256
            ]
        except (OSError, ValueError, KeyError) as error:
            raise IntegrityError(f"checkpoint {folder.name} cannot be read: {error}") from error
        if wrong:
            raise IntegrityError(f"checkpoint {folder.name}: {wrong[0]} does not match its recorded hash")
        if manifest["format"] != _FORMAT or manifest["spec_digest"] != self._spec_digest:
            raise ConfigError(
                f"checkpoint {folder.name} has another spec or format",
                hint="start the run in an empty folder",
            )
        tensors = safetensors.torch.load_file(folder / _TENSORS)
        plain = json.loads((folder / _STATE).read_text())
        return Snapshot(manifest["epoch"], manifest["step"], tensors, plain)
