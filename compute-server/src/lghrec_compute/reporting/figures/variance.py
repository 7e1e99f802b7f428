"""Variance over degree groups, for each entry (LGHRec, fig. 7c)."""

from __future__ import annotations

from matplotlib.figure import Figure

from lghrec_compute.reporting.drawing import Drawing, Table, absent
from lghrec_compute.reporting.stored import Stored, shared_metric
from lghrec_compute.reporting.style import COLOURS, PALE, new_figure, short


def variance(stored: Stored) -> Drawing:
    """Return the figure of the variances over degree groups of the main metric and of the mean reward."""
    metric = shared_metric(stored.entries)
    label = (metric or "").replace("ndcg", "NDCG").replace("recall", "Recall")
    metrics = {
        entry.name: entry.summary["user_group_variance"][metric]
        for entry in stored.entries
        if metric in entry.summary.get("user_group_variance", {})
    }
    rewards = {
        entry.name: entry.at_best["reward_variance"]
        for entry in stored.entries
        if "reward_variance" in entry.at_best
    }
    shown = [
        (title, values)
        for title, values in (
            (f"Variance of {label} over groups of users", metrics),
            ("Variance of the mean reward over groups", rewards),
        )
        if values
    ]
    left_out = absent(
        [entry for entry in stored.entries if entry.name not in metrics],
        "evaluation",
        statement="These entries have no variance of the metric",
    )
    left_out += absent(
        [entry for entry in stored.entries if entry.name not in rewards],
        "report of rewards for the best epoch",
        statement="These entries have no variance of the reward",
    )
    names = [entry.name for entry in stored.entries if entry.name in metrics or entry.name in rewards]
    rows = [(name, _form(metrics.get(name)), _form(rewards.get(name))) for name in names]
    return Drawing(
        "variance-over-groups",
        "Variance over groups",
        "The groups are those of the train degree. A lower value means that the metric, or the reward, is "
        "more equal in all groups. The rewards of policies with different weights or thresholds have "
        "different scales, so their variances are not comparable.",
        (lambda columns: _draw(shown, names, columns)) if shown else None,
        left_out,
        Table(("", f"variance of {label}", "variance of the reward"), rows) if shown else None,
    )


def _form(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _draw(shown: list[tuple[str, dict[str, float]]], names: list[str], columns: int) -> Figure:
    """Draw the panels. Each panel has a row for each entry, so that the panels can be compared."""
    side_by_side = columns > 1
    height = 0.75 + 0.27 * len(names)
    figure = new_figure(columns, height * (1 if side_by_side else len(shown)))
    shape = (1, max(2, len(shown))) if side_by_side else (len(shown), 1)
    axes = figure.subplots(*shape, squeeze=False, sharey=side_by_side).ravel()
    for spare in axes[len(shown) :]:
        spare.remove()
    for ax, (title, values) in zip(axes, shown, strict=False):
        rows = [names.index(name) for name in values]
        lengths = list(values.values())
        ax.hlines(rows, 0, lengths, color=PALE, linewidth=1.2)
        dot = {"marker": "o", "color": COLOURS[0], "markersize": 6.5}
        ax.plot(lengths, rows, linestyle="none", label="_values", **dot)
        for row, value in zip(rows, lengths, strict=True):
            offset = {"xytext": (7, 0), "textcoords": "offset points", "va": "center"}
            ax.annotate(f"{value:.2e}", (value, row), fontsize=8.5, **offset)
        ax.set_yticks(range(len(names)), [short(name, 24) for name in names])
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_xlim(0, 1.4 * max(lengths) or 1)
        ax.set_title(title)
        ax.set_xlabel("variance")
        ax.ticklabel_format(axis="x", style="sci", scilimits=(-2, 3))
        ax.locator_params(axis="x", nbins=4)
        ax.grid(axis="y", visible=False)
        ax.tick_params(axis="y", length=0)
    return figure
