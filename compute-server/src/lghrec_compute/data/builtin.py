"""Data sets that the server can download: named, pinned by hash, and downloaded once with pip.

Imports only the standard library, because it runs before the number of threads is set.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lghrec_compute.artifacts import disk_errors, write_atomic
from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.errors import DataError, IntegrityError

_POLL_S = 0.2


@dataclass(frozen=True)
class Member:
    """A file of a wheel: its path inside, its SHA-256, and the maximum number of bytes that are unpacked."""

    path: str
    sha256: str
    max_bytes: int

    @property
    def file_name(self) -> str:
        """Name of the unpacked file."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Builtin:
    """A data set inside a wheel: pip's name of the wheel, its SHA-256, the files, and the terms of use."""

    name: str
    requirement: str
    wheel_sha256: str
    members: tuple[Member, ...]
    terms: str

    @property
    def file_hashes(self) -> dict[str, str]:
        """SHA-256 of each unpacked file by its name."""
        return {member.file_name: member.sha256 for member in self.members}


MOVIELENS_100K = Builtin(
    name="movielens-100k",
    requirement="recbole==1.2.1",
    wheel_sha256="9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407",
    members=(
        Member(
            "recbole/dataset_example/ml-100k/ml-100k.inter",
            "4edb74e2a81178c2ba9ff381495f754f996c4aea351b1272ca36b43da0935eff",
            4_000_000,
        ),
        Member(
            "recbole/dataset_example/ml-100k/ml-100k.item",
            "51d7cdf777ce5c0f5b32c1d947a4a81fe07d75e78abbe761e0cd4d0756064532",
            1_000_000,
        ),
    ),
    terms=(
        "MovieLens 100K is offered by GroupLens Research for research use; no redistribution and no "
        "commercial use without their permission. Cite F. Maxwell Harper and Joseph A. Konstan, The "
        "MovieLens Datasets: History and Context, ACM TiiS 5(4), 2015, https://doi.org/10.1145/2827872"
    ),
)
BUILTINS = {MOVIELENS_100K.name: MOVIELENS_100K}


def ensure_builtin(
    builtin: Builtin,
    folder: Path,
    *,
    offline: bool = False,
    pip_options: Sequence[str] = (),
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Ensure that `folder` contains the data set's files, each with its pinned hash.

    pip downloads missing files, and a rename moves them in, so two processes may do this concurrently. `tick`
    is called a few times per second while pip works and may raise to stop. Raises `DataError` if files are
    missing and cannot be downloaded, and `IntegrityError` if the wheel or a file has another hash.
    """
    missing = [member for member in builtin.members if not (folder / member.file_name).is_file()]
    if missing:
        if offline:
            raise DataError(
                f"{builtin.name} is not in the data directory, and LGHREC_OFFLINE=1 forbids the download",
                hint=f"unset LGHREC_OFFLINE, or {_manual_steps(builtin, folder)}",
            )
        with disk_errors(builtin.name), tempfile.TemporaryDirectory(prefix="lghrec-") as temporary:
            wheel = _download(builtin, Path(temporary), folder, pip_options, tick=tick)
            contents = [(member, _unpack(wheel, member)) for member in builtin.members]
            folder.mkdir(parents=True, exist_ok=True)
            for member, content in contents:
                write_atomic(folder / member.file_name, content)
    for member in builtin.members:
        _check_hash(folder / member.file_name, member.sha256, f"delete {folder}, then it is downloaded again")


def _download(
    builtin: Builtin,
    temporary: Path,
    folder: Path,
    pip_options: Sequence[str],
    *,
    tick: Callable[[], None],
) -> Path:
    """Return the wheel after a check of its hash. pip runs in an empty folder, so that it imports nothing
    from ours."""
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary=:none:"),
        *("--disable-pip-version-check", "--no-input", "--quiet", "--retries", "2", "--timeout", "20"),
        *(*pip_options, builtin.requirement, "-d", str(temporary)),
    ]
    code, complaint = _run(command, temporary, tick)
    wheels = list(temporary.glob("*.whl"))
    if code != 0 or len(wheels) != 1:
        raise DataError(
            f"{builtin.name}: pip download {builtin.requirement} failed with code {code}, {complaint!r}",
            hint=f"check the network or pip's index, or {_manual_steps(builtin, folder)}",
        )
    _check_hash(wheels[0], builtin.wheel_sha256, "check pip's index: it serves another file under this name")
    return wheels[0]


def _run(command: Sequence[str], cwd: Path, tick: Callable[[], None]) -> tuple[int, str]:
    """Return the exit code, and the last line that pip wrote."""
    log = cwd / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            while True:
                try:
                    code = process.wait(_POLL_S)
                    break
                except subprocess.TimeoutExpired:
                    tick()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return code, ((errors or lines or ["no output"])[-1])


def _unpack(wheel: Path, member: Member) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member.path) as file:
            content = file.read(member.max_bytes + 1)
    except (KeyError, zipfile.BadZipFile) as error:
        raise IntegrityError(f"{wheel.name} cannot be unpacked: {error}") from error
    if len(content) > member.max_bytes:
        raise IntegrityError(f"{member.path} in {wheel.name} has more than {member.max_bytes:,} bytes")
    got = hashlib.sha256(content).hexdigest()
    if got != member.sha256:
        raise IntegrityError(_other_hash(member.path, got, member.sha256))
    return content


def _check_hash(path: Path, expected: str, cure: str) -> None:
    got = file_sha256(path)
    if got != expected:
        raise IntegrityError(_other_hash(path.name, got, expected), hint=cure)


def _other_hash(name: str, got: str, expected: str) -> str:
    return f"{name} is not the pinned file: got SHA-256 {got}, expected {expected}"


def _manual_steps(builtin: Builtin, folder: Path) -> str:
    names = " and ".join(member.file_name for member in builtin.members)
    inside = builtin.members[0].path.rsplit("/", 1)[0]
    return f"put {names} (from {inside} in the wheel {builtin.requirement}) into {folder}"
