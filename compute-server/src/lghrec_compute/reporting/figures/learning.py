"""Losses by epoch, and metrics on the valid part by epoch."""

from __future__ import annotations

from collections.abc import Iterable

from lghrec_compute.reporting.drawing import Drawing, absent
from lghrec_compute.reporting.figures.lines import Panel, Series, draw_lines
from lghrec_compute.reporting.stored import Entry, Stored

_FIRST = ("loss/total", "loss/ranking", "loss/contrast", "valid/ndcg@20", "valid/recall@20")
_UNITS = {"loss": "loss, mean over steps", "valid": "mean over users"}


def learning(stored: Stored) -> Drawing:
    """Return the figure of all losses, and of NDCG and recall on the valid part, with the best epochs."""
    with_history = {index: entry for index, entry in enumerate(stored.entries) if entry.history}
    names = [name for name in _names(with_history.values()) if _is_shown(name, with_history)]
    best = {index: entry.best_epoch for index, entry in with_history.items()}
    shown = [
        Panel(
            _title(name),
            _UNITS[name.split("/")[0]],
            {index: series for index, entry in with_history.items() if (series := _series(entry, name))[0]},
            best if name.startswith("valid/") else None,
        )
        for name in names
    ]
    labels = {index: entry.name for index, entry in with_history.items()}
    left_out = absent(
        [entry for entry in stored.entries if not entry.history],
        "stored history of epochs",
    )
    if shown and not any(name.startswith("valid/") for name in names):
        left_out.append("No metric on the valid part is stored, because the data set has no valid part.")
    return Drawing(
        "learning-curves",
        "Learning curves",
        "The figure shows the losses of each epoch, and the metrics on the valid part for the epochs after "
        "which they were computed. A ring marks the epoch whose model was kept.",
        (lambda columns: draw_lines(shown, labels, columns)) if shown else None,
        left_out,
    )


def _names(entries: Iterable[Entry]) -> list[str]:
    every = dict.fromkeys(name for entry in entries for epoch in entry.history for name in epoch["metrics"])
    return [name for name in _FIRST if name in every] + [name for name in every if name not in _FIRST]


def _is_shown(name: str, with_history: dict[int, Entry]) -> bool:
    """Return whether the figure shows a metric.

    It shows losses that are not always 0, and NDCG@20 and Recall@20 on the valid part. If neither of the two
    is stored, it shows all metrics on the valid part.
    """
    if name.startswith("loss/"):
        return any(value for entry in with_history.values() for value in _series(entry, name)[1])
    wanted = [each for each in _names(with_history.values()) if each in ("valid/ndcg@20", "valid/recall@20")]
    return name.startswith("valid/") and (name in wanted or not wanted)


def _series(entry: Entry, name: str) -> Series:
    points = [(each["epoch"], each["metrics"][name]) for each in entry.history if name in each["metrics"]]
    return [epoch for epoch, _ in points], [value for _, value in points]


def _title(name: str) -> str:
    part, _, rest = name.partition("/")
    if part == "loss":
        return {"contrast": "contrastive loss"}.get(rest, f"{rest} loss")
    return f"{_metric(rest)} on the valid part"


def _metric(name: str) -> str:
    return name.replace("ndcg", "NDCG").replace("recall", "Recall")
