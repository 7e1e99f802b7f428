"""Parses the Python code of the documentation.

Reads a JSON list of pairs (page, program) from standard input and writes a JSON list of problems. The first
argument is the folder of the server's packages. The modules are parsed and not imported, because imports take
seconds.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "lghrec_compute"
SOURCES = Path(sys.argv[1])


def problems_of(program: str, of_page: set[str]) -> Iterator[tuple[int, str]]:
    """Yield line and message of each problem. `of_page` are the names that the page itself defines."""
    try:
        tree = ast.parse(program)
    except SyntaxError as error:
        yield error.lineno or 0, error.msg
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == PACKAGE:
            names = [alias.name for alias in node.names if alias.name not in of_page]
            for name in missing(node.module, names):
                yield node.lineno, f"{node.module} has no {name}"


def missing(module: str, names: list[str]) -> list[str]:
    """Names that a module neither defines nor imports nor contains as a submodule."""
    path = SOURCES.joinpath(*module.split("."))
    file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    if not file.exists():
        return names
    known = set(defined(ast.parse(file.read_text(encoding="utf-8")).body))
    return [name for name in names if name not in known and not any(path.glob(f"{name}*"))]


def defined(body: list[ast.stmt]) -> Iterator[str]:
    """Names that the statements bind."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        else:  # an assignment, a type alias, or a block such as `if TYPE_CHECKING`
            yield from (child.id for child in ast.walk(node) if isinstance(child, ast.Name))
            yield from (
                alias.name
                for child in ast.walk(node)
                for alias in getattr(child, "names", [])
                if isinstance(alias, ast.alias)
            )


def classes_of(program: str) -> set[str]:
    """Names of the classes of a program; none if it has a syntax error."""
    try:
        return {node.name for node in ast.parse(program).body if isinstance(node, ast.ClassDef)}
    except SyntaxError:
        return set()


programs = json.load(sys.stdin)
found = [
    {"block": block, "line": line, "problem": problem}
    for block, (page, program) in enumerate(programs)
    for line, problem in problems_of(
        program, {name for other, text in programs if other == page for name in classes_of(text)}
    )
]
json.dump(found, sys.stdout)
