"""The compare pipeline from evaluation artifacts to tables."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from lghrec_compute.errors import ConfigError, IntegrityError, NotFoundError, RunCancelled
from lghrec_compute.evaluation.significance import paired_t
from lghrec_compute.events import ArtifactStored, Progress
from lghrec_compute.pipelines import compare, evaluate
from lghrec_compute.results import CompareResult, CompareRow
from lghrec_compute.spec import EvaluateSpec, parse
from lghrec_compute.spec.compare import CompareSpec

FEW = {"resamples": 200}


class Lab:
    """A workplace with a data set whose models are evaluated."""

    def __init__(self, workplace: Any, dataset: Any) -> None:
        self.workplace, self.dataset = workplace, dataset
        self.dataset_id = workplace.add_dataset(dataset)
        generator = torch.Generator().manual_seed(0)
        self.users_UD = torch.randn(dataset.num_users, 6, generator=generator)
        self.items_ID = torch.randn(dataset.num_items, 6, generator=generator)

    def report(
        self, seed: int, *, truth: float = 0.0, dataset_id: str | None = None, **fields: object
    ) -> str:
        """Evaluates random embeddings that are moved by `truth` towards the test part."""
        rng = torch.Generator().manual_seed(seed)
        users_UD = torch.randn(self.users_UD.shape, generator=rng)
        test = self.dataset.test
        moved = torch.zeros_like(users_UD).index_add_(
            0, torch.from_numpy(test.user_E), self.items_ID[torch.from_numpy(test.item_E)]
        )
        model_id = self.workplace.add_model(
            dataset_id or self.dataset_id, users_UD + truth * moved, self.items_ID
        )
        spec = parse(EvaluateSpec, {"model": model_id, **fields})
        return evaluate.run(spec, self.workplace.context()).report.id

    def run(self, entries: dict[str, list[str]], **fields: object) -> CompareResult:
        listed = [{"name": name, "reports": reports} for name, reports in entries.items()]
        return compare.run(parse(CompareSpec, {"entries": listed, **FEW, **fields}), self.workplace.context())

    def file(self, result: CompareResult, name: str) -> str:
        return self.workplace.store.verified(result.report.id, "comparison").path(name).read_text()

    def values(self, report_id: str, metric: str) -> np.ndarray:
        path = self.workplace.store.get(report_id).path("per_user.parquet")
        return pq.read_table(path)[metric].to_numpy()


@pytest.fixture
def lab(workplace, make_dataset) -> Lab:
    return Lab(workplace, make_dataset())


def test_compare_returns_a_row_for_each_entry_and_metric(lab: Lab):
    result = lab.run({"chance": [lab.report(0)], "seer": [lab.report(1, truth=3)]})
    assert [(row.name, row.metric) for row in result.rows] == [
        ("chance", "recall@20"),
        ("chance", "ndcg@20"),
        ("seer", "recall@20"),
        ("seer", "ndcg@20"),
    ]
    assert result.report.kind == "comparison"
    seer = result.rows[3]
    assert seer.difference > 0.1
    assert seer.p_holm < 0.05
    assert seer.interval_low > 0
    assert result.rows[0].difference is None


def test_compare_uses_the_values_of_users_and_seeds(lab: Lab):
    base, other = [lab.report(seed) for seed in (0, 1)], [lab.report(seed, truth=1) for seed in (2, 3)]
    row = lab.run({"base": base, "other": other}, metrics=["ndcg@10"]).rows[1]
    base_SU, other_SU = (np.stack([lab.values(one, "ndcg@10") for one in some]) for some in (base, other))
    assert row.mean == pytest.approx(other_SU.mean())
    assert row.std == pytest.approx(other_SU.mean(axis=1).std(ddof=1))
    assert row.difference == pytest.approx((other_SU.mean(axis=0) - base_SU.mean(axis=0)).mean())
    assert row.p_t == pytest.approx(paired_t(other_SU.mean(axis=0) - base_SU.mean(axis=0)))
    assert row.p_seeds == pytest.approx(paired_t(other_SU.mean(axis=1) - base_SU.mean(axis=1)))
    assert (row.num_users, row.num_seeds) == (base_SU.shape[1], 2)


def test_compare_accepts_any_entry_as_the_baseline(lab: Lab):
    entries = {"chance": [lab.report(0)], "seer": [lab.report(1, truth=3)]}
    forward, back = lab.run(entries).rows, lab.run(entries, baseline="seer").rows
    assert [row.name for row in back] == ["chance", "chance", "seer", "seer"]
    assert back[2].difference is None
    assert back[0].difference == pytest.approx(-forward[2].difference)
    assert back[0].p_permutation == forward[2].p_permutation


def test_compare_stores_rows_and_settings_and_no_more(lab: Lab):
    entries = {"a": [lab.report(0)], "b": [lab.report(1)]}
    result = lab.run(entries, seed=7, threads=1)
    stored = json.loads(lab.file(result, "comparison.json"))
    assert [CompareRow(**row) for row in stored["rows"]] == list(result.rows)
    assert stored["entries"] == [{"name": name, "reports": reports} for name, reports in entries.items()]
    assert (stored["baseline"], stored["seed"], stored["resamples"]) == ("a", 7, 200)
    assert (stored["dataset"], stored["split"], stored["mask"]) == (lab.dataset_id, "test", "train_valid")
    assert lab.run(entries, seed=7) == result
    assert lab.run(entries, seed=8).report.id != result.report.id


def test_compare_writes_a_table_in_markdown(lab: Lab):
    result = lab.run({"a|b": [lab.report(0), lab.report(2)], "*seer*": [lab.report(1, truth=3)]})
    lines = lab.file(result, "comparison.md").splitlines()
    assert lines[0].startswith(
        "|  | metric | mean | difference | relative | 0.95 interval | p t | p Wilcoxon"
    )
    assert lines[2].startswith(r"| a\|b | recall@20 | ")
    assert " ± " in lines[2]
    row = result.rows[3]
    cells = [cell.strip() for cell in lines[5].strip("|").split("|")]
    assert cells[:4] == [r"\*seer\*", "ndcg@20", f"{row.mean:.4f}", f"{row.difference:+.4f}"]
    assert cells[4] == f"{100 * row.relative_difference:+.2f} %"
    assert cells[5] == f"[{row.interval_low:+.4f}, {row.interval_high:+.4f}]"
    assert len({line.replace(r"\|", "").count("|") for line in lines[:6]}) == 1
    assert "- p Holm: the permutation p, corrected for all 2 comparisons of the table" in lines


def test_compare_writes_a_table_in_latex(lab: Lab):
    result = lab.run({"base": [lab.report(1, truth=3)], "50 % & more_{x}": [lab.report(0)]})
    lines = lab.file(result, "comparison.tex").splitlines()
    assert r"\begin{tabular}{llrrrrrrrrr}" in lines
    body = [line for line in lines if line.endswith(r" \\") and not line.startswith("%")]
    assert len(body) == 5
    assert {line.replace(r"\&", "").count("&") for line in body} == {10}
    assert body[3].startswith(r"50 \% \& more\_\{x\} & recall@20 & ")
    assert "$-$" in body[3]


def test_compare_rejects_reports_of_different_settings(lab: Lab, make_dataset):
    first = lab.report(0)
    other = lab.workplace.add_dataset(make_dataset(seed=1))
    reports = [
        lab.report(1, split="valid"),
        lab.report(1, mask="train"),
        lab.report(1, drop_unseen=True),
        lab.report(1, dataset_id=other),
    ]
    with pytest.raises(ConfigError) as caught:
        lab.run({"a": [first], "b": reports})
    found = [(violation.path, violation.description) for violation in caught.value.violations]
    assert found[0] == (
        "entries.1.reports.0",
        "computed with another split than entries.0.reports.0: got 'valid', expected 'test'",
    )
    assert [path for path, _ in found] == [f"entries.1.reports.{number}" for number in (0, 0, 1, 2, 3)]
    assert [text.split()[3] for _, text in found] == ["split", "mask", "mask", "drop_unseen", "dataset"]
    assert "same split, mask, metrics and cutoffs" in caught.value.hint


def test_compare_rejects_reports_of_other_users(lab: Lab):
    first = lab.report(0)
    artifact = lab.workplace.store.get(first)
    with lab.workplace.store.draft("evaluation", {}, run_id="x") as draft:
        draft.path("summary.json").write_bytes(artifact.path("summary.json").read_bytes())
        pq.write_table(
            pq.read_table(artifact.path("per_user.parquet")).slice(1), draft.path("per_user.parquet")
        )
    total = len(lab.values(first, "ndcg@20"))
    with pytest.raises(
        ConfigError, match=f"contains other users than entries.0.reports.0: got {total - 1} users, 0"
    ):
        lab.run({"a": [first], "b": [draft.stored.id]})


def test_compare_rejects_a_metric_that_a_report_lacks(lab: Lab):
    first, other = lab.report(0), lab.report(1, cutoffs=[10], metrics=["ndcg", "novelty"])
    with pytest.raises(ConfigError) as caught:
        lab.run({"a": [first], "b": [other]}, metrics=["ndcg@10", "ndcg@20"])
    [violation] = caught.value.violations
    assert violation.path == "metrics"
    assert violation.description == "entries.1.reports.0 has no ndcg@20, got ndcg@10, novelty@10"
    assert lab.run({"a": [first], "b": [other]}, metrics=["novelty@10"]).rows


def test_compare_rejects_artifacts_that_are_not_reports(lab: Lab):
    report = lab.report(0)
    model = json.loads(lab.workplace.store.get(report).path("summary.json").read_text())["model"]
    with pytest.raises(
        ConfigError, match=r"entries\.1\.reports\.0: artifact of another kind: got model"
    ) as caught:
        lab.run({"a": [report], "b": [model]})
    assert [violation.path for violation in caught.value.violations] == ["entries.1.reports.0"]
    with pytest.raises(NotFoundError):
        lab.run({"a": [report], "b": ["0" * 64]})
    lab.workplace.store.get(report).path("per_user.parquet").write_bytes(b"cut")
    with pytest.raises(IntegrityError, match=r"per_user\.parquet does not match"):
        lab.run({"a": [report], "b": [lab.report(1)]})


def test_compare_emits_progress_and_stops_on_request(lab: Lab):
    entries = {"a": [lab.report(0)], "b": [lab.report(1)]}
    result = lab.run(entries)
    progress = [
        event for event in lab.workplace.events if isinstance(event, Progress) and event.phase == "compare"
    ]
    assert (progress[0].done, progress[-1].done, progress[-1].total) == (0, 800, 800)
    assert lab.workplace.events[-1] == ArtifactStored(result.report)
    context = lab.workplace.context()
    context.stop.set()
    listed = [{"name": name, "reports": reports} for name, reports in entries.items()]
    with pytest.raises(RunCancelled):
        compare.run(parse(CompareSpec, {"entries": listed}), context)


@pytest.mark.parametrize(
    ("change", "path", "text"),
    [
        ({"entries": [{"name": "a", "reports": ["0" * 64]}]}, "entries", "at least 2 items"),
        ({"baseline": "c"}, "baseline", "no entry of this name: got 'c', expected 'a', 'b'"),
        ({"metrics": ["gini@20"]}, "metrics.0", "no metric, got 'gini@20'"),
        ({"metrics": ["map@20"]}, "metrics.0", "map is called map_min"),
        ({"resamples": 10}, "resamples", "greater than or equal to 100"),
        ({"confidence": 1}, "confidence", "less than 1"),
        (
            {"entries": [{"name": name, "reports": ["0" * 64]} for name in "aba"]},
            "entries.2.name",
            "two entries have the same name, got 'a'",
        ),
        (
            {"entries": [{"name": name, "reports": ["0" * 64] * 2} for name in "ab"]},
            "entries.0.reports",
            "a report is there twice",
        ),
    ],
)
def test_an_invalid_compare_spec_names_the_field(change: dict[str, Any], path: str, text: str):
    entries = [{"name": name, "reports": [sign * 64]} for name, sign in (("a", "0"), ("b", "1"))]
    with pytest.raises(ConfigError) as caught:
        parse(CompareSpec, {"entries": entries, **change})
    found = {violation.path: violation.description for violation in caught.value.violations}
    assert text in found[path]


def test_compare_defaults_are_these():
    entries = [{"name": name, "reports": [sign * 64]} for name, sign in (("a", "0"), ("b", "1"))]
    spec = parse(CompareSpec, {"entries": entries})
    assert (spec.metrics, spec.resamples, spec.confidence) == (("recall@20", "ndcg@20"), 10_000, 0.95)
    assert (spec.baseline, spec.baseline_entry.name, spec.seed) == (None, "a", 0)
