"""The report pipeline from artifacts to a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from stored_runs import StoredRuns, history, train_spec

from lghrec_compute.errors import ConfigError, NotFoundError, RunCancelled
from lghrec_compute.events import ArtifactStored, Progress
from lghrec_compute.pipelines import compare, report
from lghrec_compute.spec import ReportSpec, parse
from lghrec_compute.spec.compare import CompareSpec

_VOID = {"meta", "br", "img", "hr", "link", "input"}


class Outline(HTMLParser):
    """Tags that are open, ids, references and text; fails on tags that are not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.uses: list[str] = []
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._attributes(attrs)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._attributes(attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def _attributes(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "xlink:href", "src") and not (value or "").startswith("data:"):
                self.uses.append(value or "")


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> StoredRuns:
    return StoredRuns(tmp_path_factory.mktemp("runs"))


def make_report(runs: StoredRuns, entries: list[dict[str, Any]], **more: Any) -> tuple[str, Any]:
    """The page and its artifact."""
    result = report.run(parse(ReportSpec, {"entries": entries, **more}), runs.context())
    artifact = runs.store.verified(result.report.id, "report")
    return artifact.path("report.html").read_text(), artifact


@pytest.fixture(scope="module")
def full_spec(runs: StoredRuns) -> dict[str, Any]:
    """The spec of a report that has every section, and names that need escaping."""
    spec = train_spec(policy={"name": "hgpo", "num_groups": 5, "harmony_weight": 0.5})
    entries = [
        runs.entry("full", history=history(3), spec=spec),
        runs.entry('<script>alert("1")</script> & $x$', history=history(2, policy=False), seed=1),
    ]
    compared = compare.run(
        parse(
            CompareSpec,
            {
                "entries": [{"name": one["name"], "reports": [one["evaluation"]]} for one in entries],
                "resamples": 100,
            },
        ),
        runs.context(),
    )
    sweep = {"field": "policy.harmony_weight", "entries": [entries[0], {**entries[0], "name": "again"}]}
    return {"entries": entries, "comparison": compared.report.id, "sweeps": [sweep]}


@pytest.fixture(scope="module")
def full(runs: StoredRuns, full_spec: dict[str, Any]) -> tuple[str, Any]:
    return make_report(runs, **full_spec)


def test_report_has_a_page_and_each_figure_twice(full: tuple[str, Any]):
    names = [file.path for file in full[1].files]
    stems = {Path(name).stem for name in names if name.startswith("figures/")}
    assert stems == {
        "activity", "differences", "item-density", "learning-curves", "negatives-by-kind",
        "negatives-by-similarity", "policy-health", "rewards", "sweep-1-policy-harmony-weight",
        "temperature-by-degree", "variance-over-groups",
    }  # fmt: skip
    assert sorted(names) == sorted(
        ["report.html", *(f"figures/{stem}.{kind}" for stem in stems for kind in ("png", "svg"))]
    )


def test_page_needs_nothing_but_itself(full: tuple[str, Any]):
    page = full[0]
    outline = Outline(page)
    assert outline.open == []
    assert "script" not in outline.tags
    assert "link" not in outline.tags
    assert re.search(r"https?://", page) is None
    assert re.search(r"url\((?!#)", page) is None
    assert len(set(outline.ids)) == len(outline.ids)
    assert {use.removeprefix("#") for use in outline.uses} <= set(outline.ids)
    assert all(use.startswith("#") for use in outline.uses)


def test_page_escapes_names(full: tuple[str, Any]):
    assert "<script" not in full[0]
    assert '<script>alert("1")</script> & $x$' in "".join(Outline(full[0]).words)


def test_page_says_what_was_run_and_prints_the_comparison(full: tuple[str, Any], runs: StoredRuns):
    words = " ".join(Outline(full[0]).words)
    for expected in ("checkerboard", "abababababab", "hgpo", "p Holm", runs.dataset, "policy_few_hard"):
        assert expected in words
    assert "prefers-color-scheme:dark" in full[0]


def test_report_names_what_is_not_stored(runs: StoredRuns):
    page, artifact = make_report(runs, [runs.entry("old", evaluated=False)])
    words = " ".join(Outline(page).words)
    assert "These entries are not shown because there is no stored history of epochs: old." in words
    assert "These entries are not shown because there is no evaluation: old." in words
    assert "No values for this figure are stored, so it is not drawn." in words
    assert "without a comparison" in words
    assert [file.path for file in artifact.files] == [
        "figures/item-density.png", "figures/item-density.svg", "report.html",
    ]  # fmt: skip


def test_equal_reports_are_one_artifact(runs: StoredRuns, full_spec: dict[str, Any], full: tuple[str, Any]):
    assert make_report(runs, **full_spec)[1].id == full[1].id


def test_report_refuses_an_evaluation_of_another_model(runs: StoredRuns):
    one, two = runs.entry("one", seed=1), runs.entry("two", seed=2)
    spec = parse(ReportSpec, {"entries": [one, {**two, "evaluation": one["evaluation"]}]})
    with pytest.raises(ConfigError, match="of another model") as caught:
        report.run(spec, runs.context())
    assert [violation.path for violation in caught.value.violations] == ["entries.1.evaluation"]
    with pytest.raises(NotFoundError):
        report.run(parse(ReportSpec, {"entries": [{"name": "x", "model": "0" * 64}]}), runs.context())


def test_report_emits_progress_and_stops_on_request(runs: StoredRuns):
    entries = [runs.entry("full", evaluated=False, seed=5)]
    runs.events.clear()
    make_report(runs, entries)
    drawn = [event for event in runs.events if isinstance(event, Progress) and event.phase == "draw"]
    assert (drawn[0].done, drawn[-1].done) == (0, drawn[-1].total)
    assert isinstance(runs.events[-1], ArtifactStored)
    context = runs.context()
    context.stop.set()
    with pytest.raises(RunCancelled):
        report.run(parse(ReportSpec, {"entries": entries}), context)


def test_report_goes_without_a_data_set_that_is_gone(runs: StoredRuns):
    page, _ = make_report(
        runs, [{"name": "orphan", "model": runs.model(dataset="1" * 64, history=history(2))}]
    )
    assert "The data set is no longer stored" in page
