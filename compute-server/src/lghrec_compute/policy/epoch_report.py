"""From the sums of an epoch to the report that a run stores and its warnings.

All tensors are on the CPU. Shapes: W degree groups (of users, then of items), Q bins of temperature, H bins
of cosine; 2 stands for (selected, random) and 4 for the kinds of candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.policy.network import STD_MAX
from lghrec_compute.spec.policy import HgpoPolicy

TEMPERATURE_BINS = 64
COSINE_BINS = 40
FEW_HARD, STD_AT_BOUND, LOW_ENTROPY, EMPTY_GROUP = CODES = (
    "policy_few_hard",
    "policy_temperature_std_at_bound",
    "policy_low_entropy",
    "policy_empty_group",
)
_KINDS = ("hard", "easy", "false", "between")
_QUANTILES = {"q10": 0.1, "q50": 0.5, "q90": 0.9}
_MIN_HARD, _MIN_ENTROPY, _MAX_AT_BOUND = 0.01, 0.1, 0.5


def epoch_report(
    totals: Mapping[str, Tensor], names: Sequence[str], nodes_W: Tensor, spec: HgpoPolicy
) -> Json:
    """Return the report of an epoch; {} for an epoch without a step.

    `scalars` holds means over the steps. `groups` has, for each group with anchors, its mean reward and, if
    the policy sets temperatures, their mean, quantiles and target. `reward_variance` is the variance of the
    rewards of these groups. `negatives` holds the shares of the kinds of candidates: `chosen` among the
    selected ones, `random` in the whole pool. `cosine` holds the same shares by bins of the cosine with the
    anchor.
    """
    steps = totals["steps"].item()
    if not steps:
        return {}
    scalars = dict(zip(names, (totals["scalars"] / steps).tolist(), strict=True))
    groups = [_group(totals, index, spec) for index in range(len(nodes_W)) if totals["anchors_W"][index] > 0]
    rewards = torch.tensor([group["reward"] for group in groups], dtype=torch.float64)
    selected, random = (_shares(row_4) for row_4 in totals["kinds_24"])
    bins_2H = [_shares(row_H) for row_H in totals["cosine_2H"]]
    edges = torch.linspace(-1, 1, COSINE_BINS + 1, dtype=torch.float64).tolist()
    report: Json = {
        "steps": int(steps),
        "scalars": scalars,
        "groups": groups,
        "reward_variance": rewards.var(correction=0).item(),
        "negatives": {
            "chosen": dict(zip(_KINDS, selected, strict=True)),
            "random": dict(zip(_KINDS, random, strict=True)),
        },
        "cosine": {"edges": edges, "chosen": bins_2H[0], "random": bins_2H[1]},
    }
    return report | {"warnings": _warnings(report, totals["anchors_W"], nodes_W, spec)}


def _group(totals: Mapping[str, Tensor], index: int, spec: HgpoPolicy) -> Json:
    anchors = totals["anchors_W"][index].item()
    group: Json = {
        "kind": "users" if index < spec.num_groups else "items",
        "group": index % spec.num_groups,
        "anchors": int(anchors),
        "reward": totals["reward_W"][index].item() / anchors,
    }
    if spec.learn_temperature:
        mean = totals["temperature_W"][index].item() / anchors
        low, high = spec.temperature_min, spec.temperature_max
        quantiles = {
            name: low + (high - low) * _quantile(totals["temperature_WQ"][index], share)
            for name, share in _QUANTILES.items()
        }
        target = totals["target_W"][index].item() / anchors
        group["temperature"] = {"mean": mean, **quantiles, "target": target}
    return group


def _quantile(count_Q: Tensor, share: float) -> float:
    """Return the quantile in [0, 1], with the counts spread evenly within each bin."""
    cumulative_Q = count_Q.cumsum(0)
    wanted = share * cumulative_Q[-1].item()
    index = int(torch.searchsorted(cumulative_Q, torch.tensor(wanted, dtype=cumulative_Q.dtype)))
    index = min(index, len(count_Q) - 1)
    below = (cumulative_Q[index] - count_Q[index]).item()
    return (index + (wanted - below) / max(count_Q[index].item(), 1e-12)) / len(count_Q)


def _shares(count: Tensor) -> list[float]:
    return (count / count.sum().clamp(min=1)).tolist()


def _warnings(report: Json, anchors_W: Tensor, nodes_W: Tensor, spec: HgpoPolicy) -> list[Json]:
    scalars = report["scalars"]
    found: list[tuple[str, str]] = []
    hard = report["negatives"]["random"]["hard"]
    if hard < _MIN_HARD:
        text = f"{hard:.2%} of the pool are hard negatives, expected at least {_MIN_HARD:.0%}"
        cure = ": the rewards hardly differ; set thresholds to quantile, or lower hard_threshold"
        found.append((FEW_HARD, text + cure))
    if scalars.get("temperature_std_at_bound", 0.0) > _MAX_AT_BOUND:
        share = scalars["temperature_std_at_bound"]
        text = f"the standard deviation of the temperature is at its bound for {share:.0%} of the anchors"
        cure = ": it no longer explores; raise temperature_entropy_weight if temperatures miss their targets"
        if scalars.get("temperature_std", 0.0) > STD_MAX / 2:
            cure = ": temperatures are almost random; lower temperature_entropy_weight"
        found.append((STD_AT_BOUND, text + cure))
    if scalars.get("normalized_entropy", 1.0) < _MIN_ENTROPY:
        share = scalars["normalized_entropy"]
        text = f"the entropy over candidates is {share:.1%} of that of a uniform policy"
        cure = f", expected at least {_MIN_ENTROPY:.0%}; raise entropy_weight"
        found.append((LOW_ENTROPY, text + cure))
    kinds = {"users": slice(0, spec.num_groups), "items": slice(spec.num_groups, None)}
    for kind, groups in kinds.items():
        missed = ((anchors_W[groups] == 0) & (nodes_W[groups] > 0)).nonzero().flatten().tolist()
        # a task whose anchors are all of the other kind misses no group
        if missed and anchors_W[groups].sum() > 0:
            found.append((EMPTY_GROUP, f"no anchor among {kind} of degree groups {missed} in this epoch"))
    return [{"code": code, "message": message} for code, message in found]
