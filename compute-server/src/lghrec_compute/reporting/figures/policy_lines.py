"""What policies told of themselves by epoch: parts of the reward, and signs of their health."""

from __future__ import annotations

from lghrec_compute.json_types import Json
from lghrec_compute.reporting.drawing import Drawing, absent
from lghrec_compute.reporting.figures.lines import Panel, Series, draw_lines
from lghrec_compute.reporting.stored import Entry, Stored

_NO_POLICY = "a stored history of a policy that learns"
_REWARDS = (
    ("reward", "reward in all", "mean of an anchor"),
    ("reward_hard", "for hard negatives", "mean of a negative"),
    ("reward_false", "for false negatives", "mean of a negative"),
    ("reward_easy", "for easy negatives", "mean of a negative"),
    ("reward_temperature", "for temperature", "mean of an anchor"),
    ("reward_variance", "variance over groups", "variance of mean rewards"),
)
_HEALTH = (
    ("normalized_entropy", "entropy of negatives", "share of ln N"),
    ("temperature_std", "σ of temperatures", "σ"),
    ("temperature", "mean temperature", "τ"),
    ("clip_fraction", "clipped ratios", "share of ratios"),
    ("approx_kl", "KL, old to new policy", "nats"),
    ("gradient_norm", "gradient before clipping", "norm"),
)


def rewards(stored: Stored) -> Drawing:
    """Reward by its parts, and how far groups of degree are apart in it."""
    return _drawing(
        stored, "rewards", "Rewards of the policy", _REWARDS,
        "Means of each epoch over the anchors that the policy learned from. The variance is that of the mean "
        "reward over groups of degree, which the weight of harmony is to keep low.",
    )  # fmt: skip


def health(stored: Stored) -> Drawing:
    """Entropy, deviation, clipping, divergence and gradients."""
    return _drawing(
        stored, "policy-health", "Health of the policy", _HEALTH,
        "Means of each epoch over its steps. An entropy near 0 means that the same candidates are chosen "
        "over and over, one of 1 that they are chosen by chance.",
    )  # fmt: skip


def _drawing(
    stored: Stored, name: str, title: str, wanted: tuple[tuple[str, str, str], ...], caption: str
) -> Drawing:
    told = {place: entry for place, entry in enumerate(stored.entries) if _told(entry)}
    shown = [
        Panel(title_of, unit, series)
        for quantity, title_of, unit in wanted
        if (series := {place: line for place, entry in told.items() if (line := _series(entry, quantity))[0]})
    ]
    labels = {place: entry.name for place, entry in told.items()}
    left_out = absent([entry for entry in stored.entries if not _told(entry)], _NO_POLICY)
    return Drawing(
        name,
        title,
        caption,
        (lambda columns: draw_lines(shown, labels, columns)) if shown else None,
        left_out,
    )


def _told(entry: Entry) -> bool:
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
