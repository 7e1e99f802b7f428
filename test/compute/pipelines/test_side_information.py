"""Knowledge and semantic ids for the backbones that read them, up to a trained model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from checkerboard import checkerboard, colour_vectors
from safetensors.torch import load_file

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.side_information import ItemKnowledge, SideInformation, UserInterests
from lghrec_compute.data.store import save_dataset
from lghrec_compute.dseg.store import SemanticIds, save_semantic_ids
from lghrec_compute.dseg.text.item_texts import TextRow
from lghrec_compute.errors import ConfigError
from lghrec_compute.events import Event, Log
from lghrec_compute.pipelines import preprocess, train
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.side_information import load_side_information
from lghrec_compute.results import InterestStatistics, KnowledgeStatistics
from lghrec_compute.spec import PreprocessSpec, TrainSpec, parse

CPU = torch.device("cpu")
BOARD = checkerboard()


class Place:
    """A store with the checkerboard, with some `side`, and contexts on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = ArtifactStore(folder / "artifacts")
        self.events: list[Event] = []

    def context(self) -> RunContext:
        (self.folder / "run").mkdir(exist_ok=True)
        roots = (self.folder / "source",)
        return RunContext("r", self.folder / "run", self.folder, self.store, self.events.append, roots)

    def dataset(self, **side) -> str:
        stored = SideInformation(**side)
        board = replace(BOARD, side_information=stored, meta={**BOARD.meta, **stored.meta})
        return save_dataset(self.store, board, run_id="r").stored.id

    def semantic(self, dataset: str, keywords: str = "colour {0}, item {1}") -> str:
        rows = [TextRow(f"item {item}", keywords.format(item % 2, item), ()) for item in range(40)]
        ids = SemanticIds(colour_vectors(), np.ones(40, bool), rows, {"dataset": dataset, "dim": 8})
        return save_semantic_ids(self.store, ids, run_id="r").stored.id

    def load(self, name: str, dataset: str, semantic: str | None = None):
        fields = {"dataset": dataset, "semantic_ids": semantic, "backbone": {"name": name}}
        return load_side_information(parse(TrainSpec, fields), BOARD, CPU, self.context())


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def things() -> ItemKnowledge:
    counts = KnowledgeStatistics(3, 0, 0, 0, num_pairs=3, num_entities=2, num_items=2)
    return ItemKnowledge(np.array([0, 1, 40]), np.array([40, 41, 41]), 2, counts)


def likes() -> UserInterests:
    counts = InterestStatistics(2, 0, 0, 0, num_pairs=2, num_interests=2, num_users=2)
    return UserInterests(np.array([3, 7]), np.array([0, 1]), 2, counts)


def test_only_the_backbones_that_read_them_get_them(place):
    dataset = place.dataset(knowledge=things(), interests=likes())
    semantic = place.semantic(dataset)
    assert place.load("lightgcn", dataset, semantic) == (None, None)
    vectors_IC, knowledge = place.load("autograph", dataset, semantic)
    assert torch.equal(vectors_IC, torch.from_numpy(colour_vectors()))
    assert knowledge is None
    assert place.load("autograph", dataset) == (None, None)


def test_given_knowledge_comes_before_keywords(place):
    dataset = place.dataset(knowledge=things(), interests=likes())
    vectors_IC, knowledge = place.load("cikg", dataset, place.semantic(dataset))
    assert vectors_IC is None
    assert knowledge.head_E.tolist() == [0, 1, 40]
    assert knowledge.tail_E.tolist() == [40, 41, 41]
    assert (knowledge.user_F.tolist(), knowledge.interest_F.tolist()) == ([3, 7], [0, 1])
    assert (knowledge.num_entities, knowledge.num_interests) == (2, 2)
    assert knowledge.head_E.dtype == torch.int64
    assert not place.events


def test_keywords_stand_in_for_all_that_is_lacking(place):
    dataset = place.dataset()
    _, knowledge = place.load("cikg", dataset, place.semantic(dataset))
    assert 0 < knowledge.num_entities <= 5  # 42 phrases, eight or more a cluster
    assert set(knowledge.head_E.tolist()) == set(range(40))
    lines = [event.line for event in place.events if isinstance(event, Log)]
    assert "no knowledge of items and no interests of users: computed from keyword clusters" in lines[0]
    _, again = place.load("cikg", dataset, place.semantic(dataset))
    assert torch.equal(again.tail_E, knowledge.tail_E)


def test_keywords_stand_in_for_interests_alone(place):
    dataset = place.dataset(knowledge=things())
    _, knowledge = place.load("cikg", dataset, place.semantic(dataset))
    assert knowledge.tail_E.tolist() == [40, 41, 41]
    assert "no interests of users: computed" in place.events[0].line


@pytest.mark.parametrize(
    ("side", "lacking"),
    [
        ({}, "no knowledge of items and no interests of users"),
        ({"interests": likes()}, "no knowledge of items"),
    ],
)
def test_nothing_to_read_is_refused_with_the_cure(place, side, lacking):
    with pytest.raises(ConfigError, match=f"the data set has {lacking}") as caught:
        place.load("cikg", place.dataset(**side))
    assert [violation.path for violation in caught.value.violations] == ["semantic_ids"]
    assert "source.files.knowledge" in caught.value.hint


def test_semantic_ids_without_keywords_are_no_help(place):
    dataset = place.dataset()
    with pytest.raises(ConfigError, match="the semantic ids have no keywords"):
        place.load("cikg", dataset, place.semantic(dataset, keywords=""))


def write_source(folder: Path) -> None:
    folder.mkdir()
    lines = [
        f"u{user} " + " ".join(f"i{item}" for item in range(20) if (user + item) % 2 == 0)
        for user in range(20)
    ]
    (folder / "interactions.txt").write_text("\n".join(lines))
    (folder / "kg.txt").write_text("".join(f"i{item} 0 colour{item % 2}\n" for item in range(20)))
    (folder / "likes.txt").write_text("".join(f"u{user} {user % 2}\n" for user in range(20)))


def test_files_of_knowledge_make_their_way_into_a_model(place):
    write_source(place.folder / "source")
    files = {"knowledge": "kg.txt", "interests": "likes.txt"}
    source = {"path": ".", "format": "adjacency", "files": files}
    prepared = preprocess.run(parse(PreprocessSpec, {"source": source}), place.context())
    dataset = prepared.dataset.id
    assert place.store.get(dataset, "dataset").meta["knowledge"]["num_entities"] == 2

    small = {"embedding_dim": 8, "batch_size": 32, "epochs": 12, "optimizer": {"learning_rate": 0.02}}
    spec = parse(TrainSpec, {"dataset": dataset, "backbone": {"name": "cikg", "layers": 2}, **small})
    result = train.run(spec, place.context())
    model = place.store.verified(result.model.id, "model")
    tensors = load_file(model.path("checkpoint.safetensors"))
    assert tensors["more_WD"].shape == (4, 8)  # two entities, two interests
    assert load_file(model.path("embeddings.safetensors"))["items_ID"].shape == (20, 8)
    assert result.metrics["ndcg@20"] > 0.6  # a board whose colours are known
