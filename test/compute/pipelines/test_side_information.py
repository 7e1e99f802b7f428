"""Side information for the backbones that use it, and a model that is trained with it."""

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


class Workplace:
    """A store with the checkerboard data set, with side information, and contexts on it."""

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
def workplace(tmp_path):
    return Workplace(tmp_path)


def things() -> ItemKnowledge:
    counts = KnowledgeStatistics(3, 0, 0, 0, num_pairs=3, num_entities=2, num_items=2)
    return ItemKnowledge(np.array([0, 1, 40]), np.array([40, 41, 41]), 2, counts)


def likes() -> UserInterests:
    counts = InterestStatistics(2, 0, 0, 0, num_pairs=2, num_interests=2, num_users=2)
    return UserInterests(np.array([3, 7]), np.array([0, 1]), 2, counts)


def test_only_backbones_that_use_side_information_get_it(workplace):
    dataset = workplace.dataset(knowledge=things(), interests=likes())
    semantic = workplace.semantic(dataset)
    assert workplace.load("lightgcn", dataset, semantic) == (None, None)
    vectors_IC, knowledge = workplace.load("autograph", dataset, semantic)
    assert torch.equal(vectors_IC, torch.from_numpy(colour_vectors()))
    assert knowledge is None
    assert workplace.load("autograph", dataset) == (None, None)


def test_given_knowledge_has_precedence_over_keywords(workplace):
    dataset = workplace.dataset(knowledge=things(), interests=likes())
    vectors_IC, knowledge = workplace.load("cikg", dataset, workplace.semantic(dataset))
    assert vectors_IC is None
    assert knowledge.head_E.tolist() == [0, 1, 40]
    assert knowledge.tail_E.tolist() == [40, 41, 41]
    assert (knowledge.user_F.tolist(), knowledge.interest_F.tolist()) == ([3, 7], [0, 1])
    assert (knowledge.num_entities, knowledge.num_interests) == (2, 2)
    assert knowledge.head_E.dtype == torch.int64
    assert not workplace.events


def test_keywords_replace_missing_knowledge_and_interests(workplace):
    dataset = workplace.dataset()
    _, knowledge = workplace.load("cikg", dataset, workplace.semantic(dataset))
    assert 0 < knowledge.num_entities <= 5  # 42 phrases, eight or more a cluster
    assert set(knowledge.head_E.tolist()) == set(range(40))
    lines = [event.line for event in workplace.events if isinstance(event, Log)]
    assert "no knowledge of items and no interests of users: computed from keyword clusters" in lines[0]
    _, again = workplace.load("cikg", dataset, workplace.semantic(dataset))
    assert torch.equal(again.tail_E, knowledge.tail_E)


def test_keywords_replace_missing_interests(workplace):
    dataset = workplace.dataset(knowledge=things())
    _, knowledge = workplace.load("cikg", dataset, workplace.semantic(dataset))
    assert knowledge.tail_E.tolist() == [40, 41, 41]
    assert "no interests of users: computed" in workplace.events[0].line


@pytest.mark.parametrize(
    ("side", "lacking"),
    [
        ({}, "no knowledge of items and no interests of users"),
        ({"interests": likes()}, "no knowledge of items"),
    ],
)
def test_missing_side_information_is_rejected_with_the_cure(workplace, side, lacking):
    with pytest.raises(ConfigError, match=f"the data set has {lacking}") as caught:
        workplace.load("cikg", workplace.dataset(**side))
    assert [violation.path for violation in caught.value.violations] == ["semantic_ids"]
    assert "source.files.knowledge" in caught.value.hint


def test_semantic_ids_without_keywords_are_rejected(workplace):
    dataset = workplace.dataset()
    with pytest.raises(ConfigError, match="the semantic ids have no keywords"):
        workplace.load("cikg", dataset, workplace.semantic(dataset, keywords=""))


def write_source(folder: Path) -> None:
    folder.mkdir()
    lines = [
        f"u{user} " + " ".join(f"i{item}" for item in range(20) if (user + item) % 2 == 0)
        for user in range(20)
    ]
    (folder / "interactions.txt").write_text("\n".join(lines))
    (folder / "kg.txt").write_text("".join(f"i{item} 0 colour{item % 2}\n" for item in range(20)))
    (folder / "likes.txt").write_text("".join(f"u{user} {user % 2}\n" for user in range(20)))


def test_a_model_is_trained_with_knowledge_from_files(workplace):
    write_source(workplace.folder / "source")
    files = {"knowledge": "kg.txt", "interests": "likes.txt"}
    source = {"path": ".", "format": "adjacency", "files": files}
    prepared = preprocess.run(parse(PreprocessSpec, {"source": source}), workplace.context())
    dataset = prepared.dataset.id
    assert workplace.store.get(dataset, "dataset").meta["knowledge"]["num_entities"] == 2

    small = {"embedding_dim": 8, "batch_size": 32, "epochs": 12, "optimizer": {"learning_rate": 0.02}}
    spec = parse(TrainSpec, {"dataset": dataset, "backbone": {"name": "cikg", "layers": 2}, **small})
    result = train.run(spec, workplace.context())
    model = workplace.store.verified(result.model.id, "model")
    tensors = load_file(model.path("checkpoint.safetensors"))
    assert tensors["more_WD"].shape == (4, 8)  # two entities, two interests
    assert load_file(model.path("embeddings.safetensors"))["items_ID"].shape == (20, 8)
    assert result.metrics["ndcg@20"] > 0.6  # a board whose colours are known
