from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from reading import ServerPaths

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.sizes import Sizes
from lghrec_compute.data.source import UPLOADED, locate, source_digest
from lghrec_compute.errors import ConfigError, DataError, NotFoundError
from lghrec_compute.spec.source import FilesSpec, GeneratorSpec, SourceSpec


def request(path: str) -> SourceSpec:
    return SourceSpec(path=path)


@pytest.fixture
def paths(tmp_path: Path) -> ServerPaths:
    root = tmp_path / "imports"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "shop.inter").write_text("user_id:token\titem_id:token\n")
    return ServerPaths(tmp_path / "data", (tmp_path / "other", root))


def test_folder_and_file_name_the_same_source(paths: ServerPaths) -> None:
    root = paths.import_roots[1]
    first, *others = [
        locate(request(path), paths) for path in ("shop", "shop/shop.inter", str(root / "shop"))
    ]
    assert others == [first, first]
    assert first.name == "shop"


def test_texts_are_found_next_to_the_interactions(paths: ServerPaths) -> None:
    assert "items" not in locate(request("shop"), paths).files
    item = paths.import_roots[1] / "shop" / "shop.item"
    item.write_text("item_id:token\n")
    assert locate(request("shop"), paths).files["items"] == item.resolve()


def test_the_digest_depends_on_content_and_not_on_the_folder(paths: ServerPaths, tmp_path: Path) -> None:
    first = source_digest(request("shop"), paths)
    (tmp_path / "other").mkdir()
    (paths.import_roots[1] / "shop").rename(tmp_path / "other" / "moved")
    assert source_digest(request("moved"), paths) == first
    (tmp_path / "other" / "moved" / "shop.inter").write_text("user_id:token\titem_id:token\nu\ti\n")
    assert source_digest(request("moved"), paths) != first


def test_the_digest_of_a_builtin_needs_no_files(tmp_path: Path) -> None:
    builtin = SourceSpec(builtin="movielens-100k")
    assert len(source_digest(builtin, ServerPaths(tmp_path, ()))) == 64


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "shop/../../outside", "link"])
def test_a_path_outside_the_roots_is_refused(paths: ServerPaths, tmp_path: Path, path: str) -> None:
    (tmp_path / "outside").mkdir()
    for root in paths.import_roots:
        root.mkdir(exist_ok=True)
        (root / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(ConfigError, match="import roots") as error:
        locate(request(path), paths)
    assert error.value.violations[0].path == "source.path"
    assert "--import-root" in error.value.hint


def test_a_linked_file_that_leaves_the_roots_is_refused(paths: ServerPaths, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    (paths.import_roots[1] / "shop" / "shop.item").symlink_to(secret)
    with pytest.raises(DataError, match=r"shop\.item is a link that leaves"):
        locate(request("shop"), paths)


def test_a_missing_path_is_reported_with_its_name(paths: ServerPaths) -> None:
    with pytest.raises(DataError, match="no file or folder 'shoop'"):
        source_digest(request("shoop"), paths)


@pytest.mark.parametrize(("names", "got"), [((), "none"), (("a.inter", "b.inter"), "a.inter, b.inter")])
def test_a_folder_must_hold_one_inter_file(paths: ServerPaths, names: tuple[str, ...], got: str) -> None:
    folder = paths.import_roots[1] / "many"
    folder.mkdir()
    for name in names:
        (folder / name).touch()
    with pytest.raises(DataError, match=rf"exactly one file of interactions \(\*\.inter\), got {got}"):
        locate(request("many"), paths)


def uploaded(paths: ServerPaths, contents: dict[str, str]) -> str:
    with ArtifactStore(paths.data_dir / "artifacts").draft("source", {}, run_id="") as draft:
        for name, content in contents.items():
            draft.path(f"{UPLOADED}/{name}").write_text(content)
    return draft.stored.id


def test_an_upload_is_found_by_its_id_and_read_like_a_folder(paths: ServerPaths) -> None:
    upload = SourceSpec(upload=uploaded(paths, {"in/a.csv": "user,item\n"}), format="delimited")
    found = locate(upload, paths)
    assert upload.upload is not None
    assert found.name == f"upload-{upload.upload[:12]}"
    assert {role: path.name for role, path in found.files.items()} == {"interactions": "a.csv"}
    by_path = SourceSpec(path="csv", format="delimited")
    (paths.import_roots[1] / "csv").mkdir()
    (paths.import_roots[1] / "csv" / "a.csv").write_text("user,item\n")
    assert source_digest(upload, paths) == source_digest(by_path, paths)
    with pytest.raises(NotFoundError, match="no artifact"):
        locate(SourceSpec(upload="cd" * 32, format="delimited"), paths)


@pytest.mark.parametrize("name", ["../shop.inter", "a/../../b"])
def test_a_given_file_stays_inside_the_source(paths: ServerPaths, name: str) -> None:
    with pytest.raises(ConfigError, match="expected a path inside the source") as error:
        locate(SourceSpec(path="shop", files=FilesSpec(items=name)), paths)
    assert error.value.violations[0].path == "source.files.items"


def test_a_missing_given_file_is_reported(paths: ServerPaths) -> None:
    with pytest.raises(DataError, match=r"no file 'a\.csv' in shop"):
        locate(SourceSpec(path="shop", files=FilesSpec(items="a.csv")), paths)


def test_a_generator_has_no_files_and_a_digest_of_its_numbers(paths: ServerPaths) -> None:
    first, second = (
        SourceSpec(generator=GeneratorSpec(users=30, items=30, interactions=number)) for number in (100, 101)
    )
    found = locate(first, paths)
    sizes = Sizes("generated-30x30x100", 30, 30, 100, categories=20, cold_items=0.0, seed=0)
    assert (found.format, found.files, found.generator) == ("generator", {}, sizes)
    assert source_digest(first, paths) != source_digest(second, paths)


def test_asking_for_the_digest_loads_no_tables_and_no_torch() -> None:
    heavy = "{'torch', 'numpy', 'polars'}"
    code = f"import sys, lghrec_compute.data.source; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
