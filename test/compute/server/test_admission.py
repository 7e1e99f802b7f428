"""Paths of sources stay under the import roots."""

from __future__ import annotations

from pathlib import Path

import pytest
from server_kit import Server, refusal, start_request

from lghrec_compute.server.admission import path_problem


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "inside").mkdir(parents=True)
    (root / "inside" / "a.inter").write_text("x")
    (tmp_path / "outside").mkdir()
    (tmp_path / "rootless").mkdir()  # a name that begins as the root's does
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "in").symlink_to(root / "inside")
    (root / "loop").symlink_to(root / "loop")
    return root


@pytest.mark.parametrize("path", ["inside", "inside/a.inter", "in/a.inter", "."])
def test_a_path_under_a_root_is_allowed(root: Path, path: str):
    assert path_problem(path, (Path("/nowhere"), root)) == ""
    assert path_problem(str(root / path), (root,)) == ""


@pytest.mark.parametrize("path", ["../outside", "inside/../../outside", "inside/../inside", "a\0b"])
def test_a_path_that_climbs_is_not_allowed(root: Path, path: str):
    assert path_problem(path, (root,)).startswith("not allowed, got ")


@pytest.mark.parametrize("path", ["out", "loop", "missing", "/etc/passwd", "x" * 5000])
def test_a_path_that_leads_out_or_nowhere_is_refused(root: Path, path: str):
    assert path_problem(path, (root,)).startswith("no file or folder there, got ")


def test_a_folder_whose_name_begins_as_the_root_s_is_outside(root: Path):
    assert path_problem(str(root.parent / "rootless"), (root,)) != ""


def test_the_default_root_is_the_imports_folder(shared: Server):
    request = start_request("path-1", validate_only=True)
    request.spec.source.ClearField("builtin")
    request.spec.source.path = "mine"
    refused = refusal(lambda: shared.preprocess.StartPreprocess(request))
    assert list(refused.violations) == ["source.path"]
    (shared.data_dir / "imports" / "mine").mkdir()
    assert shared.preprocess.StartPreprocess(request).run.preprocess.source.path == "mine"
