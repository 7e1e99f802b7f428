"""Checkpoints on disk: whole, or not there.

`<name>/` holds tensors.safetensors, state.json and manifest.json with their SHA-256. It is written as
`<name>.tmp`, synced, renamed, and the folder above synced: a process that is killed, or a machine that loses
power, leaves the checkpoints before it. Nothing is ever pickled. This file knows no model; state.py says what
goes in.
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
"""Newest checkpoints that stay; with two, one may be damaged."""


@dataclass(frozen=True)
class Snapshot:
    """State of a run after `epoch` whole epochs and `step` steps: tensors by name, the rest as plain data."""

    epoch: int
    step: int
    tensors: dict[str, Tensor]
    plain: Json

    @property
    def name(self) -> str:
        """Folder name; its order is that of time."""
        return f"epoch-{self.epoch:06d}-step-{self.step:08d}"


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Writes a safetensors file from tensors of any device; equal tensors give equal bytes.

    By way of bytes, as the library's own file writer hides a full disk's errno.
    """
    host = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    path.write_bytes(safetensors.torch.save(host))


class Checkpoints:
    """The checkpoints of one run, all of the same spec."""

    def __init__(self, folder: Path, *, spec_digest: str, emit: Emit) -> None:
        self.folder, self._spec_digest, self._emit = folder, spec_digest, emit

    def commit(self, snapshot: Snapshot) -> None:
        """Writes a checkpoint, tells it, and drops all but the newest. Raises `DiskError` if it cannot."""
        target = self.folder / snapshot.name
        draft = target.with_name(target.name + ".tmp")
        with disk_errors(f"checkpoint {snapshot.name}"):
            self.folder.mkdir(parents=True, exist_ok=True)
            for leftover in self.folder.glob("*.tmp"):
                shutil.rmtree(leftover)
            draft.mkdir()
            manifest_sha256 = self._write(draft, snapshot)
            if target.exists():  # of a run that has gone on from an older one: same place, same state
                shutil.rmtree(target)
            draft.rename(target)
            fsync_path(self.folder)
        self._emit(CheckpointStored(snapshot.name, snapshot.epoch, manifest_sha256))
        for old in self._names()[KEPT:]:
            shutil.rmtree(self.folder / old)

    def load(self) -> Snapshot | None:
        """The newest checkpoint that is whole, or None. A damaged one is passed over with a warning.

        Raises `ConfigError` for a checkpoint of another spec.
        """
        for name in self._names():
            try:
                return self._read(self.folder / name)
            except IntegrityError as error:
                self._emit(WarningRaised("checkpoint_damaged", f"{error}; going back to the one before"))
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
                f"checkpoint {folder.name} is of another spec or format",
                hint="start the run in a folder of its own",
            )
        tensors = safetensors.torch.load_file(folder / _TENSORS)
        plain = json.loads((folder / _STATE).read_text())
        return Snapshot(manifest["epoch"], manifest["step"], tensors, plain)
