"""Identifiers use the words of the field; docs/glossary.md has the table of words that are not used.

A word of the table matches whole parts of an identifier: `by_chance` is found in `drawn_by_chance`,
`byChance` and `BY_CHANCE_RN`. Names that a file only uses, for example of a library, are not checked: a
Python file is checked where it binds a name, and a TypeScript file where it declares one. File names are
checked as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "compute-server" / "src" / "lghrec_compute"
TYPESCRIPT = ROOT / "sdk" / "src"
GLOSSARY = ROOT / "docs" / "glossary.md"
HEADING = "## Words that are not used"

PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
NOT_CODE = re.compile(r"//[^\n]*|/\*.*?\*/|'[^'\n]*'|\"[^\"\n]*\"", re.DOTALL)
DECLARED = re.compile(
    r"\b(?:const|let|var|function\*?|class|interface|type|enum|import|as)\s+(\w+)"  # declarations
    r"|(\w+)\s*\??\s*:(?!:)"  # properties, parameters with a type
    r"|[{,]\s*(\w+)\s*(?=[,}])"  # shorthand properties, destructuring
    r"|[(,]\s*(\w+)\s*(?=[,)]\s*=>|\)\s*=>)"  # parameters of arrow functions
)


class Rule(NamedTuple):
    """A word, as lower-case parts, what to use instead, and the folder that the rule applies to."""

    parts: tuple[str, ...]
    instead: str
    folder: Path


class Found(NamedTuple):
    """An identifier at a line of a file."""

    line: int
    identifier: str


def rules() -> list[Rule]:
    """The rows of the table in the glossary."""
    rows = GLOSSARY.read_text().partition(HEADING)[2].splitlines()
    cells = [
        [cell.strip().strip("`") for cell in row.split("|")[1:-1]] for row in rows if row.startswith("|")
    ]
    return [
        Rule(tuple(word.strip().split("_")), instead, ROOT / folder)
        for words, instead, folder in cells[2:]
        for word in words.split(",")
    ]


def parts_of(identifier: str) -> list[str]:
    """The parts of a name in snake case or camel case, in lower case."""
    return [part.lower() for part in PART.findall(identifier)]


def breaks(rule: Rule, identifier: str) -> bool:
    """Whether the identifier contains the word of the rule; "in place" is a term of its own."""
    parts, count = parts_of(re.sub(r"_?[iI]n_?[pP]lace", "", identifier)), len(rule.parts)
    return any(tuple(parts[first : first + count]) == rule.parts for first in range(len(parts) - count + 1))


def python_names(source: str) -> Iterator[Found]:
    """Names that a module binds: functions, classes, parameters, variables, attributes, aliases."""
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 1)
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield Found(line, name)
            case ast.arg(arg=name):
                yield Found(line, name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield Found(line, name)
            case ast.alias(asname=str(name)):
                yield Found(line, name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield Found(line, name)
            case _:
                pass


def typescript_names(source: str) -> Iterator[Found]:
    """Names that a file declares, outside of comments and strings."""
    code = NOT_CODE.sub(lambda match: "\n" * match[0].count("\n"), source)
    for match in DECLARED.finditer(code):
        name = next(group for group in match.groups() if group is not None)
        yield Found(code.count("\n", 0, match.end()) + 1, name)


def problems(path: Path, applied: list[Rule], root: Path = ROOT) -> list[str]:
    """One line for each identifier of the file that breaks a rule, at its first position."""
    own = [rule for rule in applied if path.is_relative_to(rule.folder)]
    read = python_names if path.suffix == ".py" else typescript_names
    names = [Found(1, path.stem), *read(path.read_text())]
    first = {found.identifier: found.line for found in reversed(names)}
    return [
        f"{path.relative_to(root)}:{line}: {identifier}: use {rule.instead} instead of {'_'.join(rule.parts)}"
        for identifier, line in sorted(first.items(), key=lambda item: item[1])
        for rule in own
        if breaks(rule, identifier)
    ]


def sources() -> list[Path]:
    """All files of the product that a person writes."""
    written = [path for path in TYPESCRIPT.rglob("*.ts") if "gen" not in path.relative_to(TYPESCRIPT).parts]
    return sorted([*PYTHON.rglob("*.py"), *written])


def test_the_table_has_rules():
    assert len(rules()) > 30


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("drawn_by_chance_RN", ["drawn", "by", "chance", "rn"]),
        ("isAskedFor", ["is", "asked", "for"]),
        ("HTTPPlace2", ["http", "place", "2"]),
    ],
)
def test_identifiers_are_split_into_parts(identifier, parts):
    assert parts_of(identifier) == parts


def test_a_broken_rule_is_reported_with_file_line_identifier_and_replacement(tmp_path):
    rule = Rule(("by", "chance"), "random", tmp_path)
    wrong = "drawn_by_chance: use random instead of by_chance"
    python, typescript = tmp_path / "a.py", tmp_path / "b.ts"
    python.write_text("import numpy\n\n\ndef drawn_by_chance(x):\n    return numpy.by_chance(x)\n")
    typescript.write_text("// byChance\nexport const shown = 'byChance', drawnByChance: number = 1;\n")
    assert problems(python, [rule], tmp_path) == [f"a.py:4: {wrong}"]
    assert problems(typescript, [rule], tmp_path) == [
        "b.ts:2: drawnByChance: use random instead of by_chance"
    ]


def test_a_rule_can_be_limited_to_a_folder(tmp_path):
    rule = Rule(("gain",), "clipped_surrogate", tmp_path / "policy")
    (tmp_path / "policy").mkdir()
    for name, expected in (("policy/a.py", 1), ("b.py", 0)):
        path = tmp_path / name
        path.write_text("gain = 1\n")
        assert len(problems(path, [rule], tmp_path)) == expected


def test_identifiers_use_the_words_of_the_glossary():
    applied = rules()
    found = [problem for path in sources() for problem in problems(path, applied)]
    assert not found, "\n" + "\n".join(found)
