"""The train pipeline on stored artifacts, without a worker process."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from checkerboard import checkerboard, colour_vectors
from safetensors.torch import load_file

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.data.store import save_dataset
from lghrec_compute.dseg.store import SemanticIds, save_semantic_ids
from lghrec_compute.dseg.text.item_texts import TextRow
from lghrec_compute.errors import ConfigError, NotFoundError, RunCancelled
from lghrec_compute.events import ArtifactStored, Event, Metric
from lghrec_compute.pipelines import train
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.spec import TrainSpec, parse, spec_to_dict


@pytest.fixture
def store(tmp_path):
    return ArtifactStore(tmp_path / "artifacts")


@pytest.fixture
def dataset_id(store):
    return save_dataset(store, checkerboard(), run_id="r0").stored.id


@pytest.fixture
def semantic_id(store, dataset_id):
    rows = [TextRow(f"item {item}", "", ()) for item in range(40)]
    ids = SemanticIds(colour_vectors(), np.ones(40, dtype=bool), rows, {"dataset": dataset_id, "dim": 8})
    return save_semantic_ids(store, ids, run_id="r0").stored.id


def context_of(store, tmp_path, run_id="r1") -> tuple[RunContext, list[Event]]:
    events: list[Event] = []
    run_dir = tmp_path / "runs" / run_id
    run_dir.mkdir(parents=True, exist_ok=True)
    return RunContext(run_id, run_dir, tmp_path, store, events.append), events


def spec_of(dataset_id: str, **fields) -> TrainSpec:
    small = {
        "dataset": dataset_id,
        "backbone": {"name": "lightccf", "layers": 2},
        "embedding_dim": 16,
        "batch_size": 128,
        "epochs": 30,
        "optimizer": {"learning_rate": 0.01},
        "device": "cpu",
    }
    return parse(TrainSpec, {**small, **fields})


@pytest.mark.parametrize("semantic", [False, True])
def test_run_stores_a_model_that_ranks_the_board(store, dataset_id, semantic_id, tmp_path, semantic):
    spec = spec_of(dataset_id, semantic_ids=semantic_id if semantic else None)
    context, events = context_of(store, tmp_path)
    result = train.run(spec, context)

    model = store.verified(result.model.id, "model")
    assert [file.path for file in model.files] == [
        "checkpoint.json",
        "checkpoint.safetensors",
        "embeddings.safetensors",
        "history.json",
    ]
    assert model.meta == {
        "dataset": dataset_id,
        "semantic_ids": semantic_id if semantic else None,
        "spec": spec_to_dict(spec),
        "best_epoch": result.best_epoch,
        "metrics": result.metrics,
    }
    assert ArtifactStored(model.ref) in events
    assert (result.device, result.threads) == ("cpu", torch.get_num_threads())
    assert 1 <= result.best_epoch <= result.epochs_run <= 30
    assert result.train_seconds > 0
    emitted = {
        event.name: event.value
        for event in events
        if isinstance(event, Metric) and event.step == result.best_epoch
    }
    assert result.metrics == {
        name: emitted[f"valid/{name}"] for name in ("recall@10", "recall@20", "ndcg@10", "ndcg@20")
    }

    embeddings = load_file(model.path("embeddings.safetensors"))
    scores_UI = embeddings["users_UD"] @ embeddings["items_ID"].T
    data = checkerboard()
    scores_UI[data.train.user_E, data.train.item_E] = -torch.inf
    scores_UI[data.valid.user_E, data.valid.item_E] = -torch.inf
    best_U = scores_UI.argmax(dim=1)
    expected_U = torch.from_numpy(data.test.item_E)
    assert (best_U == expected_U).float().mean() >= 0.9


def test_item_neighbours_reach_the_model_through_its_ego_table(store, dataset_id, semantic_id, tmp_path):
    fields = {"semantic_ids": semantic_id, "backbone": {"name": "mf"}, "epochs": 1}
    models = {}
    for neighbors in (0, 3):
        context, _ = context_of(store, tmp_path, f"r{neighbors}")
        spec = spec_of(dataset_id, **fields, fusion={"neighbors": neighbors, "neighbor_weight": 1.0})
        result = train.run(spec, context)
        path = store.get(result.model.id, "model").path("embeddings.safetensors")
        models[neighbors] = load_file(path)["items_ID"]
    near = np.argsort(
        -(unit := colour_vectors() / np.linalg.norm(colour_vectors(), axis=1)[:, None]) @ unit.T
    )
    cosine = {
        neighbors: torch.cosine_similarity(
            items[:, None], items[torch.from_numpy(near[:, 1:4])], dim=2
        ).mean()
        for neighbors, items in models.items()
    }
    assert cosine[3] > cosine[0] + 0.3


def test_checkpoint_of_the_model_describes_its_tensors(store, dataset_id, semantic_id, tmp_path):
    spec = spec_of(dataset_id, semantic_ids=semantic_id, epochs=1)
    result = train.run(spec, context_of(store, tmp_path)[0])
    model = store.get(result.model.id)
    described = json.loads(model.path("checkpoint.json").read_text())
    tensors = load_file(model.path("checkpoint.safetensors"))
    assert described["shapes"] == {name: list(value.shape) for name, value in tensors.items()}
    assert described["shapes"]["ego.node_VD"] == [80, 16]
    assert not any("semantic" in name for name in tensors)  # frozen: its artifact holds it


def test_equal_specs_give_the_same_artifact(store, dataset_id, semantic_id, tmp_path):
    spec = spec_of(dataset_id, semantic_ids=semantic_id, epochs=2)
    first, second = (train.run(spec, context_of(store, tmp_path, run_id)[0]) for run_id in ("r1", "r2"))
    assert first.model == second.model


def test_a_resumed_run_gives_the_model_of_an_uninterrupted_run(store, dataset_id, tmp_path):
    spec = spec_of(dataset_id, epochs=4)
    unbroken = train.run(spec, context_of(store, tmp_path, "whole")[0])
    context, events = context_of(store, tmp_path, "broken")
    emit = context.emit

    def stop_in_the_third_epoch(event: Event) -> None:
        emit(event)
        if isinstance(event, Metric) and event.step == 2:
            context.stop.set()

    stopped = RunContext(
        "broken", context.run_dir, tmp_path, store, stop_in_the_third_epoch, stop=context.stop
    )
    with pytest.raises(RunCancelled):
        train.run(spec, stopped)
    resumed = train.run(spec, context_of(store, tmp_path, "broken")[0])
    assert resumed.model == unbroken.model
    assert max(event.step for event in events if isinstance(event, Metric)) == 2


def test_semantic_ids_of_another_data_set_are_rejected(store, semantic_id, tmp_path):
    other = save_dataset(store, checkerboard(30, 40), run_id="r0").stored.id
    with pytest.raises(ConfigError, match="the semantic ids belong to another data set") as caught:
        train.run(spec_of(other, semantic_ids=semantic_id), context_of(store, tmp_path)[0])
    assert caught.value.violations[0].path == "semantic_ids"
    assert store.ids()
    assert not any(store.get(artifact_id).kind == "model" for artifact_id in store.ids())


def test_missing_artifacts_and_artifacts_of_another_kind_are_rejected(store, semantic_id, tmp_path):
    with pytest.raises(NotFoundError, match="no artifact"):
        train.run(spec_of("f" * 64), context_of(store, tmp_path)[0])
    with pytest.raises(ConfigError, match="got semantic_ids, expected dataset"):
        train.run(spec_of(semantic_id), context_of(store, tmp_path)[0])
