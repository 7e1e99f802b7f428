"""The names of the data directory: all are described, and all are used."""

from __future__ import annotations

import re
from pathlib import Path

from lghrec_compute import layout
from lghrec_compute.layout import DataDir, RunDir

ROOT = Path("data")


def paths(of: DataDir | RunDir) -> set[str]:
    names = [name for name, value in vars(type(of)).items() if isinstance(value, property)]
    return {str(getattr(of, name).relative_to(of.path)) for name in names}


def described() -> set[str]:
    """Paths in the first column of the tables of the module's docstring."""
    return {path.rstrip("/") for path in re.findall(r"^\| `([^`]+)`", layout.__doc__ or "", re.MULTILINE)}


def test_every_name_is_described():
    assert paths(DataDir(ROOT)) | paths(RunDir(ROOT)) | {
        "runs/<run id>",
        "artifacts/drafts",
    } == described() | {"runs"}


def test_a_run_has_its_folder_below_runs():
    assert DataDir(ROOT).run("r1") == RunDir(Path("data/runs/r1"))


def test_no_other_module_writes_these_names():
    names = (
        r"state\.db|server\.lock|endpoints\.toml|job\.json|worker\.json|log\.txt|texts\.sqlite|checkpoints"
    )
    literal = re.compile(rf'"({names}|artifacts|runs|uploads|imports|cache|datasets)"')
    package = Path(layout.__file__).parent
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if literal.search(path.read_text()) and path.name != "layout.py"
    }
    # names of tables, of an anchor in a page, and of a thread pool
    assert found == {
        "reporting/page.py",
        "server/store/migrations/versions/s0001_runs.py",
        "server/store/migrations/versions/s0002_datasets.py",
        "server/store/schema.py",
        "server/uploads/registry.py",
    }


def test_the_page_on_operations_has_the_same_tables():
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| `.*$", layout.__doc__ or "", re.MULTILINE)
    assert len(rows) > 20
    assert [row for row in rows if row not in page] == []
