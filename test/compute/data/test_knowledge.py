"""Knowledge and interests of a source: read, numbered, stored and read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.store import load_dataset, load_side_information, save_dataset
from lghrec_compute.errors import DataError
from lghrec_compute.events import Event, Log, WarningRaised
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.prepare_data import prepare
from lghrec_compute.records import record_to_dict
from lghrec_compute.spec import PreprocessSpec, parse

# items a b c d; the filter removes d, because only w has it
INTERACTIONS = "u a b\nv b c\nw a c d\n"
TRIPLES = [
    "a by Z",  # items come first, a 0, b 1, c 2; then entities by their ids, Y 3 and Z 4
    "Z wrote b",
    "b wrote Z",  # the same pair in the other direction
    "Z knows Y",
    "a sequel c",
    "c c c",  # a pair of equal ids
    "d by Q",  # a removed item
    "P knows R",  # connected with no item
]


def prepared(folder: Path, events: list[Event] | None = None, **files: str) -> Any:
    return both(folder, events, **files)[0]


def both(folder: Path, events: list[Event] | None = None, **files: str) -> Any:
    """The data set and its statistics."""
    (folder / "source").mkdir(exist_ok=True)
    (folder / "source/interactions.txt").write_text(INTERACTIONS)
    for name, text in files.items():
        (folder / f"source/{name}.txt").write_text(text)
    source = {
        "path": str(folder / "source"),
        "format": "adjacency",
        "files": {name: f"{name}.txt" for name in files},
    }
    tell = (events if events is not None else []).append
    context = RunContext("r", folder / "r", folder, ArtifactStore(folder / "artifacts"), tell, (folder,))
    spec = {"source": source, "filter": {"k_core": 1, "min_item_interactions": 2}}
    return prepare(parse(PreprocessSpec, spec), context)


def test_triples_become_pairs_that_are_connected_with_an_item(tmp_path: Path) -> None:
    dataset = prepared(tmp_path, knowledge="\n".join(TRIPLES) + "\n")
    assert list(dataset.item_ids) == ["a", "b", "c"]
    knowledge = dataset.side_information.knowledge
    pairs = list(zip(knowledge.head_E.tolist(), knowledge.tail_E.tolist(), strict=True))
    assert pairs == [(0, 2), (0, 4), (1, 4), (3, 4)]
    assert knowledge.num_entities == 2
    assert dataset.meta["knowledge"] == {
        "num_triples": 8,
        "num_malformed": 0,
        "num_removed": 1,
        "num_unreachable": 1,
        "num_pairs": 4,
        "num_entities": 2,
        "num_items": 3,
    }
    assert dataset.side_information.interests is None
    assert "interests" not in dataset.meta


def test_interests_of_users_are_numbered_and_unknown_users_counted(tmp_path: Path) -> None:
    rows = "v\tscience fiction\nu\tcooking\nv\tcooking\nv\tcooking\nx\tcooking\n"
    events: list[Event] = []
    dataset = prepared(tmp_path, events, interests=rows)
    interests = dataset.side_information.interests
    assert interests.user_F.tolist() == [0, 1, 1]
    assert interests.interest_F.tolist() == [0, 0, 1]
    counts = {"num_rows": 5, "num_malformed": 0, "num_removed": 0, "num_unknown": 1}
    assert dataset.meta["interests"] == {**counts, "num_pairs": 3, "num_interests": 2, "num_users": 2}
    message = "interests: 5 rows, 0 malformed, 0 removed, 1 unknown, 3 pairs, 2 interests, 2 users"
    assert Log(message) in events


def test_statistics_hold_the_counts_of_both(tmp_path: Path) -> None:
    triples = "\n".join(TRIPLES) + "\n"
    dataset, statistics = both(tmp_path, knowledge=triples, interests="v\tcooking\n")
    assert (statistics.knowledge.num_triples, statistics.knowledge.num_entities) == (8, 2)
    assert (statistics.interests.num_pairs, statistics.interests.num_users) == (1, 1)
    assert record_to_dict(statistics.knowledge) == dataset.meta["knowledge"]
    _, without = both(tmp_path)
    assert without.knowledge is without.interests is None


def test_a_few_bad_rows_are_counted_and_reported(tmp_path: Path) -> None:
    good = "".join(f"a r E{number}\n" for number in range(60))
    events: list[Event] = []
    dataset = prepared(tmp_path, events, knowledge=f"{good}a r\n\nb   r x\n")  # two cells; five cells
    assert dataset.meta["knowledge"]["num_malformed"] == 2
    assert dataset.meta["knowledge"]["num_triples"] == 62
    (warning,) = [event for event in events if isinstance(event, WarningRaised)]
    assert warning.code == "rows_skipped"
    assert "line 61: got 2 columns, expected 3" in warning.message


def test_many_bad_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"knowledge.txt line 1: got 2 columns, expected 3; 1 of 2 rows"):
        prepared(tmp_path, knowledge="a r\nb r Z\n")


def test_files_of_other_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none of its 2 ids is an item"):
        prepared(tmp_path, knowledge="17 r 18\n")
    with pytest.raises(DataError, match="none of their 1 users is in the data"):
        prepared(tmp_path, interests="17 18\n")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/interactions.txt").write_text(INTERACTIONS)
    source = {"path": str(tmp_path / "source"), "format": "adjacency", "files": {"knowledge": "kg.txt"}}
    context = RunContext("r", tmp_path, tmp_path, ArtifactStore(tmp_path / "a"), lambda _: None, (tmp_path,))
    with pytest.raises(DataError, match=r"no file .kg\.txt."):
        prepare(parse(PreprocessSpec, {"source": source}), context)


def test_both_are_read_back_from_the_artifact_and_the_data_set_without_them(tmp_path: Path) -> None:
    dataset = prepared(tmp_path, knowledge="\n".join(TRIPLES), interests="u x\nw y\n")
    artifact = save_dataset(ArtifactStore(tmp_path / "artifacts"), dataset, run_id="r").stored
    side = load_side_information(artifact)
    assert side.knowledge is not None
    assert side.interests is not None
    assert np.array_equal(side.knowledge.head_E, dataset.side_information.knowledge.head_E)
    assert np.array_equal(side.knowledge.tail_E, dataset.side_information.knowledge.tail_E)
    assert (side.knowledge.num_entities, side.interests.num_interests) == (2, 2)
    assert side.interests.user_F.tolist() == [0, 2]
    assert side.interests.user_F.dtype == np.int64
    assert load_dataset(artifact).side_information.knowledge is None  # read only on request
    assert side.meta == dataset.side_information.meta


def test_a_data_set_without_them_has_none(tmp_path: Path) -> None:
    artifact = save_dataset(ArtifactStore(tmp_path / "artifacts"), prepared(tmp_path), run_id="r").stored
    assert load_side_information(artifact).meta == {}
