"""The digest of the code changes exactly where a result can change."""

from __future__ import annotations

from pathlib import Path

import pytest

from lghrec_compute.worker import code_digest as module
from lghrec_compute.worker.code_digest import code_digest

SOURCE = '''"""Adds."""

RATE = 0.1
"""A rate."""


def add(left: int, right: int = 1) -> int:
    """Return the sum."""
    total = left + right  # the sum
    return total
'''


def digest_of(folder: Path, source: str = SOURCE, name: str = "sums.py") -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    return code_digest(package=folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # the sum", ""),
        ("  # the sum", "  # left and right together"),
        ("RATE = 0.1", "\n\nRATE = 0.1\n"),
        ('"""Adds."""', '"""Add numbers."""'),
        ('    """Return the sum."""\n', ""),
        ('"""A rate."""', '"""The rate of a step."""'),
        ("total = left + right", "total = (\n        left\n        + right\n    )"),
        ("left: int, right: int = 1", "left: int,\n    right: int = 1,\n"),
    ],
)
def test_comments_formatting_and_docstrings_keep_the_digest(tmp_path: Path, old: str, new: str):
    assert old in SOURCE
    assert digest_of(tmp_path, SOURCE.replace(old, new)) == digest_of(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RATE = 0.1", "RATE = 0.2"),
        ("left + right", "left - right"),
        ("right: int = 1", "right: int = 2"),
        ("return total", "return left"),
        ("def add", "def sum_of"),
        ("    return total\n", "    return total\n\n\nadd(1, 2)\n"),
    ],
)
def test_a_changed_constant_operator_default_or_name_changes_the_digest(tmp_path: Path, old: str, new: str):
    assert old in SOURCE
    assert digest_of(tmp_path, SOURCE.replace(old, new)) != digest_of(tmp_path)


def test_a_new_module_and_its_name_count(tmp_path: Path):
    alone = digest_of(tmp_path)
    first = digest_of(tmp_path, name="other.py")
    (tmp_path / "other.py").rename(tmp_path / "renamed.py")
    assert len({alone, first, code_digest(package=tmp_path)}) == 3


def test_the_control_plane_does_not_count(tmp_path: Path):
    before = digest_of(tmp_path)
    digest_of(tmp_path, "LIMIT = 1\n", "server/limits.py")
    assert code_digest(package=tmp_path) == before


def test_a_data_file_counts_with_all_its_bytes_and_compiled_modules_do_not(tmp_path: Path):
    without = digest_of(tmp_path)
    digests = {without}
    for content in (b"a", b"a\n"):
        (tmp_path / "words.txt").write_bytes(content)
        digests.add(code_digest(package=tmp_path))
    assert len(digests) == 3
    (tmp_path / "words.txt").unlink()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "sums.cpython-311.pyc").write_bytes(b"x")
    assert code_digest(package=tmp_path) == without


def test_strings_that_are_values_count(tmp_path: Path):
    assert digest_of(tmp_path, 'NAME = "a"\n') != digest_of(tmp_path, 'NAME = "b"\n')


def test_the_digest_is_stored_until_a_module_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package, cache = tmp_path / "package", tmp_path / "cache"
    digest_of(package)
    first = code_digest(cache, package)
    computed: list[int] = []
    compute = module._digest
    monkeypatch.setattr(module, "_digest", lambda *args: computed.append(1) or compute(*args))
    assert code_digest(cache, package) == first
    assert not computed
    digest_of(package, SOURCE.replace("0.1", "0.25"))
    computed.clear()
    assert code_digest(cache, package) != first
    assert len(computed) == 1
