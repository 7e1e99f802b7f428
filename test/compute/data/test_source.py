from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from reading import Files, Request, ServerPaths

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.sizes import Sizes
from lghrec_compute.data.source import UPLOADED, locate, source_digest
from lghrec_compute.errors import ConfigError, DataError, NotFoundError
from lghrec_compute.spec import PreprocessSpec, parse


@dataclass(frozen=True)
class Spec:
    source: Request


@dataclass(frozen=True)
class Asked:
    users: int
    items: int
    interactions: int
    size: str | None = None
    categories: int | None = 9
    cold_items: float | None = None
    seed: int | None = None


def request(path: str) -> Request:
    return Request(path=path)


def spec(path: str) -> Spec:
    return Spec(request(path))


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


def test_texts_lie_beside_the_interactions(paths: ServerPaths) -> None:
    assert "items" not in locate(spec("shop").source, paths).files
    item = paths.import_roots[1] / "shop" / "shop.item"
    item.write_text("item_id:token\n")
    assert locate(spec("shop").source, paths).files["items"] == item.resolve()


def test_the_digest_follows_content_not_place(paths: ServerPaths, tmp_path: Path) -> None:
    first = source_digest(spec("shop"), paths)
    (tmp_path / "other").mkdir()
    (paths.import_roots[1] / "shop").rename(tmp_path / "other" / "moved")
    assert source_digest(spec("moved"), paths) == first
    (tmp_path / "other" / "moved" / "shop.inter").write_text("user_id:token\titem_id:token\nu\ti\n")
    assert source_digest(spec("moved"), paths) != first


def test_the_digest_of_a_builtin_needs_no_files(tmp_path: Path) -> None:
    builtin = parse(PreprocessSpec, {"source": {"builtin": "movielens-100k"}})
    assert len(source_digest(builtin, ServerPaths(tmp_path, ()))) == 64


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "shop/../../outside", "link"])
def test_a_path_outside_the_roots_is_refused(paths: ServerPaths, tmp_path: Path, path: str) -> None:
    (tmp_path / "outside").mkdir()
    for root in paths.import_roots:
        root.mkdir(exist_ok=True)
        (root / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(ConfigError, match="import roots") as error:
        locate(spec(path).source, paths)
    assert error.value.violations[0].path == "source.path"
    assert "--import-root" in error.value.hint


def test_a_linked_file_that_leaves_the_roots_is_refused(paths: ServerPaths, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    (paths.import_roots[1] / "shop" / "shop.item").symlink_to(secret)
    with pytest.raises(DataError, match=r"shop\.item is a link that leaves"):
        locate(spec("shop").source, paths)


def test_a_missing_path_is_told_with_its_name(paths: ServerPaths) -> None:
    with pytest.raises(DataError, match="no file or folder 'shoop'"):
        source_digest(spec("shoop"), paths)


@pytest.mark.parametrize(("names", "got"), [((), "none"), (("a.inter", "b.inter"), "a.inter, b.inter")])
def test_a_folder_must_hold_one_inter_file(paths: ServerPaths, names: tuple[str, ...], got: str) -> None:
    folder = paths.import_roots[1] / "many"
    folder.mkdir()
    for name in names:
        (folder / name).touch()
    with pytest.raises(DataError, match=rf"exactly one file of interactions \(\*\.inter\), got {got}"):
        locate(spec("many").source, paths)


def uploaded(paths: ServerPaths, contents: dict[str, str]) -> str:
    with ArtifactStore(paths.data_dir / "artifacts").draft("source", {}, run_id="") as draft:
        for name, content in contents.items():
            draft.path(f"{UPLOADED}/{name}").write_text(content)
    return draft.stored.id


def test_an_upload_is_found_by_its_id_and_read_like_a_folder(paths: ServerPaths) -> None:
    upload = Request(upload=uploaded(paths, {"in/a.csv": "user,item\n"}), format="delimited")
    found = locate(upload, paths)
    assert upload.upload is not None
    assert found.name == f"upload-{upload.upload[:12]}"
    assert {role: path.name for role, path in found.files.items()} == {"interactions": "a.csv"}
    by_path = Request(path="csv", format="delimited")
    (paths.import_roots[1] / "csv").mkdir()
    (paths.import_roots[1] / "csv" / "a.csv").write_text("user,item\n")
    assert source_digest(Spec(upload), paths) == source_digest(Spec(by_path), paths)
    with pytest.raises(NotFoundError, match="no artifact"):
        locate(Request(upload="cd" * 32, format="delimited"), paths)


@pytest.mark.parametrize("name", ["../shop.inter", "/etc/passwd", "a/../../b"])
def test_a_given_file_stays_inside_the_source(paths: ServerPaths, name: str) -> None:
    with pytest.raises(ConfigError, match="expected a path inside the source") as error:
        locate(Request(path="shop", files=Files(items=name)), paths)
    assert error.value.violations[0].path == "source.files.items"


def test_a_given_file_that_is_not_there_is_told(paths: ServerPaths) -> None:
    with pytest.raises(DataError, match=r"no file 'a\.csv' in shop"):
        locate(Request(path="shop", files=Files(items="a.csv")), paths)


def test_a_generator_has_no_files_and_a_digest_of_its_numbers(paths: ServerPaths) -> None:
    sizes = [Sizes("g", users=9, items=9, interactions=interactions) for interactions in (18, 19)]
    first, second = (Request(generator=Asked(one.users, one.items, one.interactions)) for one in sizes)
    found = locate(first, paths)
    assert (found.format, found.files, found.generator) == (
        "generator",
        {},
        replace(sizes[0], name="generated-9x9x18", categories=9),
    )
    assert source_digest(Spec(first), paths) != source_digest(Spec(second), paths)


def test_asking_for_the_digest_loads_no_tables_and_no_torch() -> None:
    heavy = "{'torch', 'numpy', 'polars'}"
    code = f"import sys, lghrec_compute.data.source; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
