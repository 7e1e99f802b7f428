from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from reading import Files, Place, Request

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
def place(tmp_path: Path) -> Place:
    root = tmp_path / "imports"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "shop.inter").write_text("user_id:token\titem_id:token\n")
    return Place(tmp_path / "data", (tmp_path / "other", root))


def test_folder_and_file_name_the_same_source(place: Place) -> None:
    root = place.import_roots[1]
    first, *others = [
        locate(request(path), place) for path in ("shop", "shop/shop.inter", str(root / "shop"))
    ]
    assert others == [first, first]
    assert first.name == "shop"


def test_texts_lie_beside_the_interactions(place: Place) -> None:
    assert "items" not in locate(spec("shop").source, place).files
    item = place.import_roots[1] / "shop" / "shop.item"
    item.write_text("item_id:token\n")
    assert locate(spec("shop").source, place).files["items"] == item.resolve()


def test_the_digest_follows_content_not_place(place: Place, tmp_path: Path) -> None:
    first = source_digest(spec("shop"), place)
    (tmp_path / "other").mkdir()
    (place.import_roots[1] / "shop").rename(tmp_path / "other" / "moved")
    assert source_digest(spec("moved"), place) == first
    (tmp_path / "other" / "moved" / "shop.inter").write_text("user_id:token\titem_id:token\nu\ti\n")
    assert source_digest(spec("moved"), place) != first


def test_the_digest_of_a_builtin_needs_no_files(tmp_path: Path) -> None:
    builtin = parse(PreprocessSpec, {"source": {"builtin": "movielens-100k"}})
    assert len(source_digest(builtin, Place(tmp_path, ()))) == 64


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "shop/../../outside", "link"])
def test_a_path_outside_the_roots_is_refused(place: Place, tmp_path: Path, path: str) -> None:
    (tmp_path / "outside").mkdir()
    for root in place.import_roots:
        root.mkdir(exist_ok=True)
        (root / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(ConfigError, match="import roots") as error:
        locate(spec(path).source, place)
    assert error.value.violations[0].path == "source.path"
    assert "--import-root" in error.value.hint


def test_a_linked_file_that_leaves_the_roots_is_refused(place: Place, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    (place.import_roots[1] / "shop" / "shop.item").symlink_to(secret)
    with pytest.raises(DataError, match=r"shop\.item is a link that leaves"):
        locate(spec("shop").source, place)


def test_a_missing_path_is_told_with_its_name(place: Place) -> None:
    with pytest.raises(DataError, match="no file or folder 'shoop'"):
        source_digest(spec("shoop"), place)


@pytest.mark.parametrize(("names", "got"), [((), "none"), (("a.inter", "b.inter"), "a.inter, b.inter")])
def test_a_folder_must_hold_one_inter_file(place: Place, names: tuple[str, ...], got: str) -> None:
    folder = place.import_roots[1] / "many"
    folder.mkdir()
    for name in names:
        (folder / name).touch()
    with pytest.raises(DataError, match=rf"exactly one file of interactions \(\*\.inter\), got {got}"):
        locate(spec("many").source, place)


def uploaded(place: Place, contents: dict[str, str]) -> str:
    with ArtifactStore(place.data_dir / "artifacts").draft("source", {}, run_id="") as draft:
        for name, content in contents.items():
            draft.path(f"{UPLOADED}/{name}").write_text(content)
    return draft.stored.id


def test_an_upload_is_found_by_its_id_and_read_like_a_folder(place: Place) -> None:
    upload = Request(upload=uploaded(place, {"in/a.csv": "user,item\n"}), format="delimited")
    found = locate(upload, place)
    assert upload.upload is not None
    assert found.name == f"upload-{upload.upload[:12]}"
    assert {role: path.name for role, path in found.files.items()} == {"interactions": "a.csv"}
    by_path = Request(path="csv", format="delimited")
    (place.import_roots[1] / "csv").mkdir()
    (place.import_roots[1] / "csv" / "a.csv").write_text("user,item\n")
    assert source_digest(Spec(upload), place) == source_digest(Spec(by_path), place)
    with pytest.raises(NotFoundError, match="no artifact"):
        locate(Request(upload="cd" * 32, format="delimited"), place)


@pytest.mark.parametrize("name", ["../shop.inter", "/etc/passwd", "a/../../b"])
def test_a_given_file_stays_inside_the_source(place: Place, name: str) -> None:
    with pytest.raises(ConfigError, match="expected a path inside the source") as error:
        locate(Request(path="shop", files=Files(items=name)), place)
    assert error.value.violations[0].path == "source.files.items"


def test_a_given_file_that_is_not_there_is_told(place: Place) -> None:
    with pytest.raises(DataError, match=r"no file 'a\.csv' in shop"):
        locate(Request(path="shop", files=Files(items="a.csv")), place)


def test_a_generator_has_no_files_and_a_digest_of_its_numbers(place: Place) -> None:
    sizes = [Sizes("g", users=9, items=9, interactions=interactions) for interactions in (18, 19)]
    first, second = (Request(generator=Asked(one.users, one.items, one.interactions)) for one in sizes)
    found = locate(first, place)
    assert (found.format, found.files, found.generator) == (
        "generator",
        {},
        replace(sizes[0], name="generated-9x9x18", categories=9),
    )
    assert source_digest(Spec(first), place) != source_digest(Spec(second), place)


def test_asking_for_the_digest_loads_no_tables_and_no_torch() -> None:
    heavy = "{'torch', 'numpy', 'polars'}"
    code = f"import sys, lghrec_compute.data.source; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
