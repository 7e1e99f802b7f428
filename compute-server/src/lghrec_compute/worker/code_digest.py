"""A digest of the code that computes results. It ignores what cannot change a result.

Formatting, comments, docstrings and line numbers do not count, so an upgrade that changes only those keeps
the results of earlier runs. Files of the package that are not Python count with all their bytes.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from pathlib import Path

from lghrec_compute.artifacts import write_atomic
from lghrec_compute.json_types import json_sha256

_PACKAGE = Path(__file__).parents[1]
_WITHOUT_EFFECT = ("server/",)
"""Folders of the package whose modules change no result: the control plane."""


def code_digest(cache_dir: Path | None = None, package: Path = _PACKAGE) -> str:
    """Return the SHA-256 of the code and the data files that compute results, 64 hexadecimal digits.

    Parsing the package takes half a second. With `cache_dir`, a folder of the data directory, the digest is
    stored there under a key of the files' sizes and times, and computed again only after one of the files
    has changed.

    Raises `SyntaxError` for a module that does not parse.
    """
    files = sorted(path for path in package.rglob("*") if _has_effect(path, package))
    if cache_dir is None:
        return _digest(files, package)
    stored = cache_dir / _state_key(files, package)[:32]
    if stored.is_file():
        return stored.read_text()
    digest = _digest(files, package)
    cache_dir.mkdir(parents=True, exist_ok=True)
    write_atomic(stored, digest.encode())
    return digest


def _has_effect(path: Path, package: Path) -> bool:
    name = path.relative_to(package).as_posix()
    return not name.startswith(_WITHOUT_EFFECT) and path.parent.name != "__pycache__" and path.is_file()


def _digest(files: list[Path], package: Path) -> str:
    digest = hashlib.sha256()
    for path in files:
        name, content = path.relative_to(package).as_posix(), path.read_bytes()
        digest.update(b"%s\0%s\0" % (name.encode(), _syntax(content) if path.suffix == ".py" else content))
    return digest.hexdigest()


def _syntax(source: bytes) -> bytes:
    # without attributes the dump has no line numbers
    return ast.dump(_without_docstrings(ast.parse(source)), include_attributes=False).encode()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    """Remove each statement that is only a string: the docstrings of modules, functions, classes and
    fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [statement for statement in node.body if not _is_string(statement)]
    return tree


def _is_string(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _state_key(paths: list[Path], package: Path) -> str:
    """Return a key that changes with the path, the size or the time of a file, and with the version of
    Python."""
    states = [(path, path.stat()) for path in paths]
    files = [[path.as_posix(), state.st_size, state.st_mtime_ns] for path, state in states]
    # the dump of a syntax tree differs between versions of Python
    return json_sha256({"files": files, "package": str(package), "python": list(sys.version_info[:2])})
