from __future__ import annotations

import io
import os
import stat
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from reading import read

from lghrec_compute.data import archive
from lghrec_compute.data.archive import unpacked
from lghrec_compute.errors import DataError, RunCancelled

FILES = {
    "set/interactions.csv": b"user,item\nu,i\n",
    "set/items.csv": b"item,title\ni,A\n",
    "__MACOSX/x": b"junk",
}


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def tar_of(path: Path, files: dict[str, bytes], *extra: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as file:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
        for member in extra:
            file.addfile(member)
    return path


def make(path: Path, files: dict[str, bytes]) -> Path:
    return (zip_of if path.suffix == ".zip" else tar_of)(path, files)


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tgz"])
def test_an_archive_is_read_like_its_folder(tmp_path: Path, name: str) -> None:
    make(tmp_path / name, FILES)
    got = read(tmp_path, "delimited", path=name)
    assert got.rows == [("u", "i")]
    assert got.texts == {"i": ("A",)}


def test_an_archive_is_unpacked_once_for_its_content(tmp_path: Path) -> None:
    first = unpacked(make(tmp_path / "a.zip", FILES), tmp_path / "cache")
    before = first.stat().st_mtime_ns
    (tmp_path / "a.zip").rename(tmp_path / "moved.zip")
    again = unpacked(make(tmp_path / "a.zip", FILES), tmp_path / "cache")
    assert (again, again.stat().st_mtime_ns) == (first, before)
    assert sorted(path.name for path in first.rglob("*") if path.is_file()) == [
        "interactions.csv",
        "items.csv",
    ]


def test_unused_entries_are_removed_when_another_archive_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, now, day = tmp_path / "cache", time.time(), 86_400

    def unpack(name: str) -> Path:
        return unpacked(make(tmp_path / f"{name}.zip", {name: name.encode()}), cache)

    ages = {"fresh": 0.5, "used": 6.0, "old": 8.0, "found": 9.0}
    folders = {name: unpack(name) for name in ages}
    for name, folder in folders.items():
        os.utime(folder.parent, (now, now - ages[name] * day))
    (cache / ".left").mkdir()
    os.utime(cache / ".left", (now, now - 2 * day))
    assert unpacked(tmp_path / "found.zip", cache) == folders["found"]
    unpack("new")
    assert {name for name, folder in folders.items() if folder.is_dir()} == {"fresh", "used", "found"}
    assert not (cache / ".left").exists()
    # last, new, found and fresh have 17 bytes, used has 4
    monkeypatch.setattr(archive, "KEPT_BYTES", 21)
    unpack("last")
    assert folders["used"].is_dir()
    monkeypatch.setattr(archive, "KEPT_BYTES", 0)
    unpack("more")
    # entries of the last day stay
    assert {name for name, folder in folders.items() if folder.is_dir()} == {"fresh", "found"}


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
@pytest.mark.parametrize("member", ["../x", "/x", "a/../../x", "a\\..\\..\\x", "C:/x"])
def test_a_member_that_leaves_the_folder_is_refused(tmp_path: Path, name: str, member: str) -> None:
    with pytest.raises(DataError, match="leaves the folder"):
        unpacked(make(tmp_path / name, {"ok": b"", member: b"x"}), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
    assert not (tmp_path / "x").exists()


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        member = tarfile.TarInfo("link")
        member.type, member.linkname = kind, "/etc/passwd"
        with pytest.raises(DataError, match="member 'link', a link or device"):
            unpacked(tar_of(tmp_path / "a.tar", {}, member), tmp_path / "cache")
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match="member 'link', a link"):
        unpacked(tmp_path / "a.zip", tmp_path / "cache")


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_ratio_members_and_doubles_are_limited(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="more than 200 times its size"):
        unpacked(make(tmp_path / name, {"zeros": bytes(5_000_000)}), tmp_path / "cache")
    with pytest.raises(DataError, match="occurs twice"):
        unpacked(make(tmp_path / name, {"a": b"1", "A": b"2"}), tmp_path / "cache")
    monkeypatch.setattr(archive, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="or 0 GiB"):
        unpacked(make(tmp_path / name, {"a": b"12345678901"}), tmp_path / "cache")
    with pytest.raises(DataError, match="more than 10,000 members"):
        unpacked(make(tmp_path / name, {f"{index}/": b"" for index in range(10_001)}), tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar"])
def test_a_cut_archive_is_one_error(tmp_path: Path, name: str) -> None:
    whole = make(tmp_path / name, {"a": bytes(range(256)) * 400}).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=f"{name} cannot be unpacked"):
        unpacked(tmp_path / name, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_unpacking_can_be_stopped(tmp_path: Path) -> None:
    def stop() -> None:
        raise RunCancelled("the run was found to stop")

    with pytest.raises(RunCancelled):
        unpacked(make(tmp_path / "a.zip", FILES), tmp_path / "cache", tick=stop)
    assert list((tmp_path / "cache").iterdir()) == []
