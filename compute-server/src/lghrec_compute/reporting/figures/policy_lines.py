"""Reports of policies by epoch: parts of the reward, and diagnostics of the training of the policy."""

from __future__ import annotations

from lghrec_compute.json_types import Json
from lghrec_compute.reporting.drawing import Drawing, absent
from lghrec_compute.reporting.figures.lines import Panel, Series, draw_lines
from lghrec_compute.reporting.stored import Entry, Stored

_NO_POLICY = "stored history of a policy that learns"
_REWARDS = (
    ("reward", "total reward", "mean per anchor"),
    ("reward_hard", "reward for hard negatives", "mean per negative"),
    ("reward_false", "reward for false negatives", "mean per negative"),
    ("reward_easy", "reward for easy negatives", "mean per negative"),
    ("reward_temperature", "reward for temperatures", "mean per anchor"),
    ("reward_variance", "variance of the reward", "variance over groups"),
)
_HEALTH = (
    ("normalized_entropy", "entropy of the selection", "entropy divided by ln N"),
    ("temperature_std", "spread of temperatures", "standard deviation σ"),
    ("temperature", "mean temperature", "temperature τ"),
    ("clip_fraction", "clipped probability ratios", "share of ratios"),
    ("approx_kl", "KL divergence, old to new policy", "nats"),
    ("gradient_norm", "gradient norm before clipping", "norm"),
)


def rewards(stored: Stored) -> Drawing:
    """Return the figure of the parts of the reward, and of its variance over degree groups."""
    return _drawing(
        stored, "rewards", "Rewards of the policy", _REWARDS,
        "The lines are means per epoch over the anchors from which the policy learns. The variance is the "
        "variance of the mean reward over degree groups, and the harmony loss reduces it.",
    )  # fmt: skip


def health(stored: Stored) -> Drawing:
    """Return the figure of entropy, standard deviation, clipping, divergence and gradients of the policy."""
    return _drawing(
        stored, "policy-health", "Diagnostics of the policy", _HEALTH,
        "The lines are means per epoch over the steps of the epoch. An entropy near 0 means that the policy "
        "always selects the same candidates. An entropy of 1 means that it selects them at random.",
    )  # fmt: skip


def _drawing(
    stored: Stored, name: str, title: str, wanted: tuple[tuple[str, str, str], ...], caption: str
) -> Drawing:
    reported = {index: entry for index, entry in enumerate(stored.entries) if _has_report(entry)}
    shown = [
        Panel(title_of, unit, series)
        for quantity, title_of, unit in wanted
        if (series := _lines(reported, quantity))
    ]
    labels = {index: entry.name for index, entry in reported.items()}
    left_out = absent([entry for entry in stored.entries if not _has_report(entry)], _NO_POLICY)
    return Drawing(
        name,
        title,
        caption,
        (lambda columns: draw_lines(shown, labels, columns)) if shown else None,
        left_out,
    )


def _lines(entries: dict[int, Entry], quantity: str) -> dict[int, Series]:
    """Return the series of each entry that has the quantity."""
    found = {index: _series(entry, quantity) for index, entry in entries.items()}
    return {index: series for index, series in found.items() if series[0]}


def _has_report(entry: Entry) -> bool:
    return any("scalars" in each["policy"] for each in entry.history)


def _series(entry: Entry, quantity: str) -> Series:
    points = [
        (each["epoch"], value)
        for each in entry.history
        if (value := _value(each["policy"], quantity)) is not None
    ]
    return [epoch for epoch, _ in points], [value for _, value in points]


def _value(policy: Json, quantity: str) -> float | None:
    return policy.get(quantity, policy.get("scalars", {}).get(quantity))
