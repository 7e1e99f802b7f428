"""Every example of docs/data-formats.md works: its files and spec go through the whole preprocess pipeline.

An example is a `yaml` block and the blocks of files before it in the same section: `text` blocks with a file
name, or a `python` block that writes the files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import yaml

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.dataset import Dataset
from lghrec_compute.data.store import load_dataset, load_side_information
from lghrec_compute.events import Event, WarningRaised
from lghrec_compute.pipelines import preprocess
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.spec import PreprocessSpec, parse
from lghrec_compute.spec.formats import SourceFormat

PAGE = Path(__file__).parents[3] / "docs" / "data-formats.md"
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass
class Example:
    """One example of the page, by the heading of its section."""

    heading: str
    spec: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)
    code: str = ""


def snake_case(value: Any) -> Any:
    """Field names as the server has them; in YAML they may be in camelCase."""
    if not isinstance(value, dict):
        return value
    return {
        re.sub(r"[A-Z]", lambda m: "_" + m[0].lower(), key): snake_case(one) for key, one in value.items()
    }


def examples() -> list[Example]:
    found: list[Example] = []
    for section in re.split(r"^##+ ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        heading, files, code = section.split("\n", 1)[0], {}, ""
        for language, name, text in BLOCK.findall(section):
            if language == "text":
                files[name] = text
            elif language == "python":
                code = text
            else:
                found.append(Example(heading, snake_case(yaml.safe_load(text)), files, code))
                files, code = {}, ""
    return found


def _name(value: object) -> str:
    return value.heading if isinstance(value, Example) else ""


EXAMPLES = [one for one in examples() if one.files or one.code or "generator" in one.spec["source"]]
# users, items and interactions, and the text fields, of each example in the order of the page
EXPECTED = [
    ("`delimited`", (2, 2, 3), {"title", "description"}),
    ("`delimited`", (2, 2, 3), set()),
    ("`jsonl`", (2, 2, 3), {"title"}),
    ("`parquet`", (2, 2, 3), {"title"}),
    ("`recbole`", (2, 2, 3), {"title"}),
    ("`adjacency`", (2, 3, 5), {"title"}),
    ("`amazon`", (2, 2, 3), {"title", "description", "features", "categories"}),
    ("`yelp`", (2, 1, 2), {"name", "city", "state", "categories", "attributes"}),
    ("`mind`", (2, 3, 4), {"category", "subcategory", "title", "abstract"}),
    ("`movielens`", (2, 2, 3), {"title", "genres"}),
    ("`json_maps`", (2, 2, 3), {"title"}),
    ("Knowledge and interests", (2, 2, 3), set()),
    ("Generated data", (200, 100, 2000), {"title", "description", "category"}),
]


def run(example: Example, folder: Path) -> tuple[Dataset, list[Event]]:
    source = folder / "imports" / example.spec["source"].get("path", "none")
    source.mkdir(parents=True, exist_ok=True)
    for name, text in example.files.items():
        (source / name).write_text(text)
    events: list[Event] = []
    store = ArtifactStore(folder / "artifacts")
    context = RunContext("r", folder, folder, store, events.append, (folder / "imports",))
    result = preprocess.run(parse(PreprocessSpec, example.spec), context)
    assert result.dataset is not None
    return load_dataset(store.get(result.dataset.id)), events


def test_every_format_has_a_section_of_its_name() -> None:
    headings = {one.heading.strip("`") for one in EXAMPLES if one.heading.startswith("`")}
    missing = ", ".join(sorted(set(get_args(SourceFormat)) - headings))
    assert not missing, f"docs/data-formats.md has no section with an example for {missing}"


@pytest.mark.parametrize(("example", "expected"), list(zip(EXAMPLES, EXPECTED, strict=True)), ids=_name)
def test_examples_are_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: Example, expected: tuple
) -> None:
    heading, counts, text_fields = expected
    assert example.heading == heading
    if example.code:
        (tmp_path / "imports" / example.spec["source"]["path"]).mkdir(parents=True)
        monkeypatch.chdir(tmp_path / "imports" / example.spec["source"]["path"])
        exec(compile(example.code, str(PAGE), "exec"), {})
    dataset, events = run(example, tmp_path)
    assert (dataset.num_users, dataset.num_items, dataset.num_interactions) == counts
    assert set(dataset.item_texts) == text_fields
    assert all(any(texts) for texts in zip(*dataset.item_texts.values(), strict=True))
    assert not [event for event in events if isinstance(event, WarningRaised)]


@pytest.mark.parametrize("heading", ["`jsonl`", "`amazon`", "`yelp`", "`mind`", "`movielens`"])
def test_times_of_the_examples_are_in_seconds(tmp_path: Path, heading: str) -> None:
    (example,) = (one for one in EXAMPLES if one.heading == heading)
    dataset, _events = run(example, tmp_path)
    times = [time for part in dataset.parts for time in (part.time_E if part.time_E is not None else ())]
    known = [time for time in times if not np.isnan(time)]
    assert known
    assert 1.1e9 < min(known) <= max(known) < 1.8e9


def test_the_example_of_side_information_is_stored(tmp_path: Path) -> None:
    (example,) = (one for one in EXAMPLES if one.heading == "Knowledge and interests")
    run(example, tmp_path)
    store = ArtifactStore(tmp_path / "artifacts")
    side = load_side_information(store.get(store.ids()[0]))
    assert side.knowledge is not None
    assert side.interests is not None
    assert (len(side.knowledge.head_E), side.knowledge.num_entities) == (2, 1)
    assert (len(side.interests.user_F), side.interests.num_interests) == (2, 2)
