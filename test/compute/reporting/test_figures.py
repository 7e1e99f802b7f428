"""Figures: what is drawn is what was stored."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from stored_runs import StoredRuns, history, train_spec

from lghrec_compute.reporting.drawing import Drawing
from lghrec_compute.reporting.figures.activity import activity
from lghrec_compute.reporting.figures.density import item_density
from lghrec_compute.reporting.figures.differences import differences
from lghrec_compute.reporting.figures.learning import learning
from lghrec_compute.reporting.figures.negatives import kind_shares, similarity
from lghrec_compute.reporting.figures.policy_lines import health, rewards
from lghrec_compute.reporting.figures.sweep import sweeps
from lghrec_compute.reporting.figures.temperature import temperature
from lghrec_compute.reporting.figures.variance import variance
from lghrec_compute.reporting.stored import Entry, Stored, Sweep
from lghrec_compute.reporting.style import look

HGPO = {"name": "hgpo", "num_groups": 5}


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> StoredRuns:
    return StoredRuns(tmp_path_factory.mktemp("runs"))


def stored(runs: StoredRuns, *specs: dict[str, Any], **more: Any) -> Stored:
    return Stored(tuple(entry(runs, spec) for spec in specs), **more)


def entry(runs: StoredRuns, spec: dict[str, Any]) -> Entry:
    model = runs.store.get(spec["model"])
    evaluation = runs.store.get(spec["evaluation"]) if "evaluation" in spec else None
    return Entry(spec["name"], model, evaluation, runs.store.get(model.meta["dataset"]))


def axes_of(drawing: Drawing, columns: int = 3) -> dict[str, Axes]:
    """The panels by title."""
    assert drawing.draw is not None
    with look():
        figure = drawing.draw(columns)
    return {ax.get_title(loc="left"): ax for ax in figure.axes}


def points(ax: Axes, label: str | None = None) -> list[tuple[list[float], list[float]]]:
    return [
        ([float(x) for x in line.get_xdata()], [float(y) for y in line.get_ydata()])
        for line in ax.lines
        if label is None or line.get_label() == label
    ]


def test_learning_curves_hold_each_loss_and_mark_the_best_epoch(runs: StoredRuns):
    found = stored(runs, runs.entry("one", history=history(3)), runs.entry("two", history=history(2), seed=1))
    axes = axes_of(learning(found))
    assert list(axes) == [
        "total loss", "ranking loss", "contrastive loss",
        "NDCG@20 on the valid part", "Recall@20 on the valid part",
    ]  # fmt: skip
    assert points(axes["total loss"])[0] == ([1, 2, 3], [1.0, 0.5, 1 / 3])
    assert points(axes["total loss"])[1] == ([1, 2], [1.0, 0.5])
    assert points(axes["NDCG@20 on the valid part"], "_best") == [([2], [0.2]), ([2], [0.2])]


def test_learning_curves_name_models_without_a_history(runs: StoredRuns):
    drawing = learning(stored(runs, runs.entry("new", history=history(2)), runs.entry("old")))
    assert list(drawing.left_out) == [
        "These entries are not shown because there is no stored history of epochs: old."
    ]
    assert learning(stored(runs, runs.entry("old"))).draw is None


def test_learning_curves_have_points_only_at_evaluated_epochs(runs: StoredRuns):
    epochs = history(4)
    for index in (0, 2):
        epochs[index]["metrics"] = {"loss/total": 1.0}
    axes = axes_of(learning(stored(runs, runs.entry("one", history=epochs))))
    assert points(axes["NDCG@20 on the valid part"])[0] == ([2, 4], [0.2, 0.4])


def test_rewards_and_health_show_scalars_of_policies_by_epoch(runs: StoredRuns):
    found = stored(
        runs, runs.entry("full", history=history(3)), runs.entry("base", history=history(3, policy=False))
    )
    axes = axes_of(rewards(found))
    assert points(axes["total reward"]) == [([1, 2, 3], [0.01, 0.02, 0.03])]
    assert points(axes["variance of the reward"]) == [([1, 2, 3], [0.001, 0.002, 0.003])]
    assert points(axes_of(health(found))["entropy of the selection"]) == [([1, 2, 3], [0.9] * 3)]
    assert "base" in rewards(found).left_out[0]


def test_temperature_is_that_of_the_best_epoch_and_has_the_target(runs: StoredRuns):
    drawing = temperature(stored(runs, runs.entry("full", history=history(3))))
    axes = axes_of(drawing)
    assert list(axes) == ["users", "items"]
    (means,) = points(axes["users"], "_mean")
    assert means[0] == [0, 1, 2, 3, 4]
    assert means[1] == pytest.approx([0.3, 0.26, 0.22, 0.18, 0.14])
    assert points(axes["users"], "_target") == [
        ([0, 1, 2, 3, 4], [pytest.approx(target) for target in (0.25, 0.23, 0.21, 0.19, 0.17)])
    ]


def test_negatives_are_shares_of_kinds_of_selected_and_random_ones(runs: StoredRuns):
    drawing = kind_shares(stored(runs, runs.entry("full", history=history(3))))
    (ax,) = axes_of(drawing).values()
    bars = [patch.get_width() for container in ax.containers for patch in container]
    assert bars == pytest.approx([40, 48, 10, 2, 20, 45, 30, 5])
    assert len({patch.get_hatch() for container in ax.containers for patch in container}) == 4


def test_similarity_is_the_histogram_that_was_stored(runs: StoredRuns):
    epochs = history(3)
    (ax,) = axes_of(similarity(stored(runs, runs.entry("full", history=epochs)))).values()
    by_label = {patch.get_label(): patch.get_data() for patch in ax.patches}
    for source in ("chosen", "random"):
        share = np.array(epochs[1]["policy"]["cosine"][source])
        np.testing.assert_allclose(by_label[f"_{source}"].values, 100 * share)
        np.testing.assert_allclose(by_label[f"_{source}"].edges, np.linspace(-1, 1, 41))


def test_variance_is_that_of_summaries_and_of_rewards(runs: StoredRuns):
    found = stored(
        runs, runs.entry("full", history=history(3)), runs.entry("bare", history=history(2), evaluated=False)
    )
    drawing = variance(found)
    axes = axes_of(drawing)
    expected = found.entries[0].summary["user_group_variance"]["ndcg@20"]
    assert points(axes["Variance of NDCG@20 over groups of users"], "_values") == [([expected], [0])]
    assert points(axes["Variance of the mean reward over groups"], "_values") == [([0.002, 0.002], [0, 1])]
    sentence = "These entries have no variance of the metric because there is no evaluation: bare."
    assert list(drawing.left_out) == [sentence]


def test_activity_shows_group_means_and_intervals_over_users(runs: StoredRuns):
    found = stored(runs, runs.entry("one"), runs.entry("two", seed=1))
    axes = axes_of(activity(found))
    for index, each in enumerate(found.entries):
        x, y = points(axes["users"], "_means")[index]
        assert y == [each.summary["group_metrics"]["group_0/ndcg@20"]]
        assert x == pytest.approx([(index - 0.5) * 0.07])
    _, values = found.entries[0].per_user("ndcg@20") or ([], np.zeros(0))
    half = 1.959964 * np.std(values, ddof=1) / math.sqrt(40)
    bars = axes["users"].collections[0].get_segments()[0]
    assert bars[1][1] - bars[0][1] == pytest.approx(2 * half)


def test_item_density_has_a_panel_an_entry_and_at_most_nine(runs: StoredRuns):
    entries = [runs.entry(f"e{seed}", seed=seed, evaluated=False) for seed in range(11)]
    drawing = item_density(stored(runs, *entries))
    titles = [title for title in axes_of(drawing, 1) if title]
    assert [title.split()[0] for title in titles] == [f"e{seed}" for seed in range(9)]
    assert "e9, e10" in drawing.left_out[0]


def test_sweep_averages_models_that_share_a_value(runs: StoredRuns):
    entries = [
        runs.entry(f"w{weight}s{seed}", seed=seed, spec=train_spec(policy={**HGPO, "harmony_weight": weight}))
        for weight in (0.5, 0.0)
        for seed in (1, 2)
    ]
    entries.append(runs.entry("other", seed=3))
    swept = Sweep("policy.harmony_weight", tuple(entry(runs, spec) for spec in entries))
    (drawing,) = sweeps(Stored((swept.entries[0],), (swept,)))
    metrics = [each.metrics["ndcg@20"] for each in swept.entries]
    (ax,) = axes_of(drawing).values()
    means = next(container for container in ax.containers if container.get_label() == "_means")
    x, y = means.lines[0].get_data()
    assert list(x) == [0.0, 0.5]
    assert list(y) == pytest.approx([np.mean(metrics[2:4]), np.mean(metrics[:2])])
    assert drawing.table is not None
    assert drawing.table.rows[0][1:] == (
        "2", f"{np.mean(metrics[2:4]):.4f}", f"{np.std(metrics[2:4], ddof=1):.4f}",
    )  # fmt: skip
    assert "other" in drawing.left_out[0]


def test_differences_are_those_of_the_comparison():
    found = {"difference": 0.01, "interval_low": 0.002, "interval_high": 0.02, "p_holm": 0.01}
    rows = [
        {"name": "full", "metric": "ndcg@20", **found},
        {"name": "base", "metric": "ndcg@20", **dict.fromkeys(found)},
    ]
    compared = {"baseline": "base", "confidence": 0.95, "rows": rows}
    drawing = differences(Stored((), (), compared))
    assert drawing is not None
    (ax,) = axes_of(drawing).values()
    assert points(ax, "_difference") == [([0.01], [0])]
    assert [tuple(point) for point in ax.collections[0].get_segments()[0]] == [(0.002, 0), (0.02, 0)]
    assert differences(Stored(())) is None


def test_many_entries_keep_figures_within_bounds(runs: StoredRuns):
    entries = [
        runs.entry(f"entry number {n}", seed=n % 3, history=history(2), evaluated=n < 12) for n in range(64)
    ]
    found = stored(runs, *entries)
    for prepare in (learning, rewards, health, temperature, kind_shares, similarity, variance, activity):
        drawing = prepare(found)
        assert drawing.draw is not None
        with look():
            figure = drawing.draw(3)
            figure.draw_without_rendering()
        width, height = figure.get_size_inches()
        assert (width, height < 20) == (9.6, True)
        legend = figure.legends[0].get_window_extent() if figure.legends else None
        assert legend is None or legend.x1 <= figure.bbox.x1
