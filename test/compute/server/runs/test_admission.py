"""Everything that a spec names must exist: paths under the import roots, uploads, endpoints, packages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from server_kit import Server, refusal, start_request
from uploading import upload

from lghrec.v1 import preprocess_spec_pb2
from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.bundled_model import weights_path
from lghrec_compute.errors import ConfigError
from lghrec_compute.server.runs.admission import path_problem
from lghrec_compute.server.wire.convert import fill


def checked(server: Server, spec: dict[str, Any]) -> preprocess_spec_pb2.PreprocessSpec:
    """Return the resolved spec of a request with validate_only."""
    request = start_request("check", validate_only=True)
    request.spec.Clear()
    fill(request.spec, spec)
    return server.preprocess.StartPreprocess(request).run.preprocess


def violations(server: Server, spec: dict[str, Any]) -> dict[str, str]:
    return refusal(lambda: checked(server, spec)).violations


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "inside").mkdir(parents=True)
    (root / "inside" / "a.inter").write_text("x")
    (tmp_path / "outside").mkdir()
    (tmp_path / "rootless").mkdir()  # a name that starts with the root's name
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "in").symlink_to(root / "inside")
    (root / "loop").symlink_to(root / "loop")
    return root


@pytest.mark.parametrize("path", ["inside", "inside/a.inter", "in/a.inter", "."])
def test_a_path_under_a_root_is_allowed(root: Path, path: str):
    assert path_problem(path, (Path("/nowhere"), root)) == ""
    assert path_problem(str(root / path), (root,)) == ""


@pytest.mark.parametrize("path", ["../outside", "inside/../../outside", "inside/../inside", "a\0b"])
def test_a_path_with_two_dots_is_not_allowed(root: Path, path: str):
    assert path_problem(path, (root,)).startswith("not allowed, got ")


@pytest.mark.parametrize("path", ["out", "loop", "missing", "/etc/passwd", "x" * 5000])
def test_a_path_outside_or_missing_is_rejected(root: Path, path: str):
    assert path_problem(path, (root,)).startswith("no such file or folder, got ")


def test_a_folder_whose_name_starts_with_the_root_s_name_is_outside(root: Path):
    assert path_problem(str(root.parent / "rootless"), (root,)) != ""


@pytest.mark.parametrize("path", ["inside/a.inter", "missing"])
def test_a_model_must_be_a_folder(root: Path, path: str):
    assert path_problem("inside", (root,), folder=True) == ""
    assert path_problem(path, (root,), folder=True).startswith("no such folder, got ")


def test_the_default_root_is_the_imports_folder(shared: Server):
    spec = {"source": {"path": "mine", "format": "delimited"}}
    assert list(violations(shared, spec)) == ["source.path"]
    (shared.data_dir / "imports" / "mine").mkdir()
    assert checked(shared, spec).source.path == "mine"
    (shared.data_dir / "imports" / "one.csv").write_text("user,item\n")
    assert checked(shared, {"source": {"path": "one.csv", "format": "delimited"}}).source.path == "one.csv"


def test_an_upload_must_be_a_complete_data_set(shared: Server):
    dataset_id = upload(shared, {"a.inter": b"x"})
    with ArtifactStore(shared.data_dir / "artifacts").draft("dataset", {}, run_id="x") as draft:
        draft.path("a").write_text("prepared, not uploaded")
    assert checked(shared, {"source": {"upload": dataset_id}}).source.upload == dataset_id
    for wrong, words in ((draft.stored.id, "got dataset, expected source"), ("0" * 64, "no artifact")):
        assert words in violations(shared, {"source": {"upload": wrong}})["source.upload"]


def test_a_local_encoder_must_be_a_folder_under_a_root(shared: Server):
    (shared.data_dir / "imports" / "bert").mkdir(exist_ok=True)
    semantic = {"encoder": "local", "encoder_path": "bert"}
    spec = {"source": {"builtin": "movielens-100k"}, "semantic": semantic}
    assert checked(shared, spec).semantic.encoder_path == "bert"
    for wrong in ("nothing", "../artifacts", "/etc"):
        spec["semantic"] = semantic | {"encoder_path": wrong}
        assert list(violations(shared, spec)) == ["semantic.encoder_path"]


def test_an_endpoint_must_be_one_of_the_server_s(shared: Server):
    semantic = {"text_source": "openai", "generation": {"endpoint": "house"}}
    spec = {"source": {"path": "nothing-there"}, "semantic": semantic}
    found = violations(shared, spec)
    assert set(found) == {"source.path", "semantic.generation.endpoint"}
    assert (
        "got 'house', expected one of the server's endpoints: none" in found["semantic.generation.endpoint"]
    )
    file = shared.data_dir / "endpoints.toml"
    file.write_text('[endpoints.house]\nurl = "https://models.example.org/v1"\nmodel = "m"')
    spec["source"] = {"builtin": "movielens-100k"}
    assert checked(shared, spec).semantic.generation.endpoint == "house"
    file.write_text("[endpoints.house")
    assert "cannot be read" in violations(shared, spec)["semantic.generation.endpoint"]
    file.unlink()


def test_the_bundled_model_is_served_only_where_its_packages_are(shared: Server):
    spec = {"source": {"builtin": "movielens-100k"}, "semantic": {"text_source": "llamacpp"}}
    try:
        weights_path()
    except ConfigError:
        found = violations(shared, spec)["semantic.text_source"]
        assert found.startswith("not available: ")
        assert "lghrec-compute[llm]" in found
    else:
        assert checked(shared, spec).semantic.text_source == preprocess_spec_pb2.TEXT_SOURCE_LLAMACPP
