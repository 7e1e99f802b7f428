"""Writing on full disks, with a real full disk where possible, and atomic replacement of files."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lghrec_compute.artifacts import ArtifactStore, disk_errors, write_atomic
from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.errors import DiskError


class FullDisk:
    """A folder on a disk of 256 KiB if the user may mount one; otherwise its files are links to /dev/full."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder, self.mounted = folder, mounted

    def aim(self, path: Path) -> Path:
        """Return `path`; writing many bytes to it fails because the disk is full."""
        if not self.mounted:
            path.symlink_to("/dev/full")
        return path

    def fill(self) -> None:
        """Use the last free byte of a mounted disk."""
        with (self.folder / "ballast").open("wb", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(512))
                except OSError:
                    return


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[FullDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    mounted = (
        shutil.which("mount") is not None and not subprocess.run(command, capture_output=True).returncode
    )
    try:
        yield FullDisk(folder, mounted=mounted)
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def add_large(store: ArtifactStore, disk: FullDisk) -> None:
    with store.draft("model", {}, run_id="run-1") as draft:
        draft.path("small").write_bytes(b"1")
        disk.aim(draft.path("large")).write_bytes(bytes(2**20))


def add_and_fill(store: ArtifactStore, disk: FullDisk) -> None:
    with store.draft("model", {}, run_id="run-1") as draft:
        draft.path("small").write_bytes(b"1")
        if disk.mounted:
            disk.fill()
        else:
            (draft.folder / "manifest.json").symlink_to("/dev/full")


def test_a_draft_on_a_full_disk_is_one_clear_error_and_leaves_nothing(full_disk: FullDisk):
    store = ArtifactStore(full_disk.folder / "artifacts")
    with pytest.raises(DiskError, match="cannot write model artifact: no space left on device") as caught:
        add_large(store, full_disk)
    assert caught.value.hint == "free space on the disk of the data directory"
    assert caught.value.failure_kind == "disk"
    assert isinstance(caught.value, OSError)
    assert store.ids() == []
    assert list((store.root / "drafts").iterdir()) == []


def test_a_disk_that_is_full_before_the_manifest_leaves_nothing(full_disk: FullDisk):
    store = ArtifactStore(full_disk.folder / "artifacts")
    with pytest.raises(DiskError, match="no space left"):
        add_and_fill(store, full_disk)
    assert store.ids() == []
    assert list((store.root / "drafts").iterdir()) == []


def test_freed_space_is_used(full_disk: FullDisk):
    store = ArtifactStore(full_disk.folder / "artifacts")
    for _ in range(3):
        with pytest.raises(DiskError):
            add_large(store, full_disk)
    with store.draft("model", {}, run_id="run-1") as draft:
        draft.path("fits").write_bytes(bytes(100_000))
    assert store.verified(draft.stored.id).size_bytes == 100_000


def test_write_atomic_on_a_full_disk_keeps_the_old_bytes(full_disk: FullDisk):
    path = full_disk.folder / "state.json"
    write_atomic(path, b"old")
    if not full_disk.mounted:
        full_disk.aim(path.with_name(f".state.json.{os.getpid()}.tmp"))
    with pytest.raises(DiskError, match=r"cannot write state\.json: no space left on device"):
        write_atomic(path, bytes(2**20))
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in full_disk.folder.iterdir()] == ["state.json"]


def test_write_atomic_replaces_the_whole_file(tmp_path: Path):
    path = tmp_path / "state.json"
    write_atomic(path, b"a longer text")
    write_atomic(path, b"short")
    assert path.read_bytes() == b"short"
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_errors_of_the_disk_say_what_and_the_cure(number: int):
    with pytest.raises(DiskError, match="cannot write the log") as caught, disk_errors("the log"):
        raise OSError(number, os.strerror(number))
    assert caught.value.hint
    assert isinstance(caught.value.__cause__, OSError)


def test_other_errors_are_not_changed():
    missing = FileNotFoundError(errno.ENOENT, "gone")
    with pytest.raises(FileNotFoundError) as caught, disk_errors("the log"):
        raise missing
    assert caught.value is missing
    inner = DiskError("cannot write a", hint="free space")
    with pytest.raises(DiskError) as again, disk_errors("the log"):
        raise inner
    assert again.value is inner


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(tmp_path / "a") == expected
