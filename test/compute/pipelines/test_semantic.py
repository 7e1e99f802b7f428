from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openai_server import OpenAiServer

from lghrec_compute.artifacts import ArtifactStore
from lghrec_compute.cards import read_card
from lghrec_compute.dseg.llm.requests import CallError
from lghrec_compute.dseg.store import load_semantic_ids
from lghrec_compute.errors import ConfigError, RunCancelled
from lghrec_compute.events import Event, Metric, Progress, WarningRaised
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines import preprocess
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.spec import PreprocessSpec, parse

TITLES = [
    "red apple pie",
    "green apple",
    "",
    "blue river song",
    "river dance",
    "steel engine",
    "red apple pie",
]
NUM_ITEMS = len(TITLES)


class Bench:
    """A data directory with an endpoint on loopback, and an import root with seven items of five texts."""

    def __init__(self, folder: Path, server: OpenAiServer) -> None:
        self.folder, self.server = folder, server
        self.events: list[Event] = []
        self.stop = threading.Event()
        root = folder / "imports"
        root.mkdir()
        rows = [f"u{user}\ti{item}\t5" for user in range(8) for item in range(NUM_ITEMS)]
        (root / "d.inter").write_text("\n".join(["user_id:token\titem_id:token\trating:float", *rows]) + "\n")
        rows = [f"i{item}\t{title}" for item, title in enumerate(TITLES)]
        (root / "d.item").write_text("\n".join(["item_id:token\ttitle:token_seq", *rows]) + "\n")
        entry = [
            "[endpoints.house]",
            f'url = "{server.url}"',
            'model = "tiny"',
            'revision = "r1"',
            "allow_loopback = true",
        ]
        (folder / "endpoints.toml").write_text("\n".join(entry))

    @property
    def store(self) -> ArtifactStore:
        return ArtifactStore(self.folder / "artifacts")

    def run(self, **semantic: Any) -> Json:
        generation = {"endpoint": "house", "max_in_flight": 4, **semantic.pop("generation", {})}
        fields = {"text_source": "openai", "generation": generation, **semantic}
        spec = parse(
            PreprocessSpec, {"source": {"path": "d.inter"}, "filter": {"k_core": 2}, "semantic": fields}
        )
        roots = (self.folder / "imports",)
        context = RunContext(
            "r1", self.folder / "r1", self.folder, self.store, self.events.append, roots, self.stop
        )
        return preprocess.run(spec, context)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with OpenAiServer() as server:
        yield Bench(tmp_path, server)


def test_a_language_model_writes_each_different_text_once(bench: Bench) -> None:
    result = bench.run()
    assert len(bench.server.bodies) == 5
    artifact = bench.store.verified(result.semantic_ids.id, "semantic_ids")
    ids = load_semantic_ids(artifact)
    assert ids.mask_I.tolist() == [bool(title) for title in TITLES]
    assert ids.rows[0] == ids.rows[6]
    assert ids.rows[0].text.startswith("keywords: ")
    quality = result.quality
    assert (quality.num_items, quality.valid, quality.fallback) == (6, 1.0, 0.0)
    assert quality.grounded_exact == 1.0
    assert quality.mean_cosine < 1
    assert artifact.meta["generation"]["model"] == "tiny"
    assert not any(name in artifact.meta for name in ("stage", "encoder_path"))


def test_every_item_has_a_card_with_its_neighbours_and_provenance(bench: Bench) -> None:
    folder = bench.store.get(bench.run().semantic_ids.id).folder
    card = read_card(folder, "i0")
    assert card["text"] == "title: red apple pie"
    (quote,) = card["quotes"]
    assert card["reasoning"][quote["start"] : quote["end"]] == "red apple pie"
    assert (quote["exact"], card["status"], card["flags"]) == (True, "ok", ["thin"])
    assert card["neighbors"][0] == {"item": "i6", "similarity": 1.0, "title": "red apple pie"}
    assert len(card["neighbors"]) == 5
    provenance = card["provenance"]
    assert (provenance["provider"], provenance["model"], provenance["model_revision"]) == (
        "openai",
        "tiny",
        "r1",
    )
    assert (provenance["prompt"], provenance["attempts"]) == ("fig4@1", 1)
    assert len(provenance["cache_key"]) == 64
    assert read_card(folder, "i2")["status"] == "missing"


def test_the_same_texts_are_not_generated_again_and_give_the_same_artifact(bench: Bench) -> None:
    first = bench.run()
    # neither concurrency nor limits nor prices are part of what comes out
    second = bench.run(generation={"max_in_flight": 1, "requests_per_minute": 100, "input_price": 3.0})
    assert len(bench.server.bodies) == 5
    assert first == second
    bench.run(generation={"seed": 1})
    assert len(bench.server.bodies) == 10


def test_texts_that_fail_fall_back_to_the_items_own_words(bench: Bench) -> None:
    bench.server.plan = lambda _number, body: (
        "garbage" if "river" in body["messages"][-1]["content"] else None
    )
    result = bench.run()
    assert result.quality.fallback == pytest.approx(2 / 6)
    artifact = bench.store.get(result.semantic_ids.id)
    rows = load_semantic_ids(artifact).rows
    assert (rows[3].text, rows[3].flags) == ("blue river song", ("thin", "fallback"))
    card = read_card(artifact.folder, "i3")
    assert (card["status"], card["reasoning"], card["provenance"]["attempts"]) == ("fallback", "", 4)
    codes = [event.code for event in bench.events if isinstance(event, WarningRaised)]
    assert codes[-1] == "texts_fell_back"
    # the next run tries them again
    bench.server.plan = lambda _number, _body: None
    assert bench.run().quality.fallback == 0


def test_progress_reports_speed_and_shares(bench: Bench) -> None:
    bench.run()
    names = {event.name for event in bench.events if isinstance(event, Metric)}
    assert {"semantic/valid", "semantic/grounded", "semantic/items_per_second", "semantic/echo"} <= names
    described = [event for event in bench.events if isinstance(event, Progress) and event.phase == "describe"]
    assert (described[0].done, described[-1].done, described[-1].total) == (0, 5, 5)


def test_an_estimate_sends_no_request_and_stores_nothing(bench: Bench) -> None:
    result = bench.run(stage="estimate", generation={"input_price": 1.0, "output_price": 2.0})
    assert bench.server.bodies == []
    assert bench.store.ids() == []
    estimated = result.estimate
    assert (estimated.num_items, estimated.num_calls, estimated.num_cached, estimated.output_tokens) == (
        5,
        5,
        0,
        0,
    )
    assert estimated.input_tokens > 5 * 200
    assert estimated.cost == pytest.approx(estimated.input_tokens / 1e6, abs=1e-6)
    assert not estimated.input_tokens_exact
    assert result.dataset is None


def test_a_preview_shows_some_items_and_estimates_the_cost_of_the_others(bench: Bench) -> None:
    result = bench.run(stage="preview", generation={"preview_items": 2})
    assert len(bench.server.bodies) == 2
    assert bench.store.ids() == []
    assert len(result.preview) == 2
    for shown in result.preview:
        assert shown.text == f"title: {TITLES[int(shown.item[1:])]}"
        assert (shown.status, shown.grounded) == ("ok", True)
        assert shown.keywords
    estimated = result.estimate
    assert (estimated.num_calls, estimated.num_cached) == (3, 2)
    assert estimated.output_tokens > 0
    assert estimated.seconds > 0
    # what the preview paid for is not paid for again
    bench.run()
    assert len(bench.server.bodies) == 5


def test_text_sources_without_a_model_have_estimates_and_previews_too(bench: Bench) -> None:
    options = {"text_source": "extractive", "generation": {"endpoint": None, "preview_items": 3}}
    estimated = bench.run(stage="estimate", **options).estimate
    assert (estimated.num_items, estimated.num_calls, estimated.input_tokens) == (5, 0, 0)
    assert len(bench.run(stage="preview", **options).preview) == 3
    assert bench.server.bodies == []


def test_an_unknown_endpoint_and_a_rejected_call_are_one_error(bench: Bench) -> None:
    with pytest.raises(ConfigError, match="got 'other', expected one of the server's endpoints: house"):
        bench.run(generation={"endpoint": "other"})
    bench.server.plan = lambda _number, _body: "404"
    with pytest.raises(CallError, match="does not know this address or model") as error:
        bench.run()
    assert "with its /v1" in error.value.hint
    assert bench.store.ids() == []


def test_a_stopped_run_stores_nothing_but_the_generated_texts(bench: Bench) -> None:
    bench.server.plan = lambda number, _body: "hang" if number == 3 else None
    threading.Timer(1.5, bench.stop.set).start()
    with pytest.raises(RunCancelled):
        bench.run(generation={"max_in_flight": 1})
    assert bench.store.ids() == []
    bench.stop.clear()
    bench.run()
    assert len(bench.server.bodies) == 4 + 2


@pytest.mark.parametrize("path", ["/", "..", "d.item", "missing"])
def test_a_local_encoder_must_be_under_an_import_root(bench: Bench, path: str) -> None:
    with pytest.raises(
        ConfigError, match="expected a folder under one of the server's import roots"
    ) as error:
        bench.run(encoder="local", encoder_path=path)
    assert [violation.path for violation in error.value.violations] == ["semantic.encoder_path"]


def test_whitened_vectors_keep_their_raw_vectors(bench: Bench) -> None:
    artifact = bench.store.get(bench.run(transform="whiten", dim=3).semantic_ids.id)
    ids = load_semantic_ids(artifact)
    assert ids.semantic_IC.shape == (NUM_ITEMS, 3)
    assert artifact.meta["dim"] == 3
    assert ids.raw_IC is not None
    assert len(read_card(artifact.folder, "i0")["neighbors"]) == 5
