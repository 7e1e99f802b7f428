"""Which paths lie under the import roots, with symbolic links and `..` followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from lghrec_compute.import_roots import find_inside, is_inside, resolve_inside


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "inside").mkdir(parents=True)
    (root / "inside" / "a.csv").write_text("x")
    (tmp_path / "outside").mkdir()
    (tmp_path / "rootless").mkdir()  # a name that starts with the root's name
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "in").symlink_to(root / "inside")
    (root / "loop").symlink_to(root / "loop")
    return root


@pytest.mark.parametrize("path", ["inside", "inside/a.csv", "in/a.csv", ".", "inside/../inside"])
def test_a_relative_and_an_absolute_path_are_found(root: Path, path: str) -> None:
    expected = (root / path).resolve()
    assert find_inside(path, (Path("/nowhere"), root)) == expected
    assert find_inside(str(root / path), (root,)) == expected


@pytest.mark.parametrize("path", ["../outside", "out", "loop", "/etc/passwd", "a\0b", "../rootless"])
def test_a_path_that_leaves_the_roots_resolves_to_nothing(root: Path, path: str) -> None:
    assert resolve_inside(path, (root,)) == []
    assert find_inside(path, (root,)) is None


@pytest.mark.parametrize("path", ["missing", "x" * 5000, "inside/a.csv/b"])
def test_a_path_of_which_nothing_exists_is_not_found(root: Path, path: str) -> None:
    assert find_inside(path, (root,)) is None


def test_a_missing_path_is_inside_all_the_same(root: Path) -> None:
    assert resolve_inside("missing", (root, root / "inside")) == [
        root / "missing",
        root / "inside" / "missing",
    ]


def test_the_first_root_that_has_the_path_wins(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside" / "inside").mkdir()
    assert find_inside("inside", (tmp_path / "outside", root)) == tmp_path / "outside" / "inside"


def test_with_folder_a_file_is_not_found(root: Path) -> None:
    assert find_inside("inside", (root,), folder=True) == root / "inside"
    assert find_inside("inside/a.csv", (root,), folder=True) is None


def test_a_root_that_is_a_link_is_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert is_inside(root / "inside", [tmp_path / "link"])
    assert not is_inside(tmp_path / "rootless", [tmp_path / "link"])
