"""From an epoch's sums to what is told of it. Shapes: types.py and diagnostics.py; all on the CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lghrec_compute.json_types import Json
from lghrec_compute.policy.network import DEVIATION_MAX
from lghrec_compute.policy.options import Options

TEMPERATURE_BINS = 64
COSINE_BINS = 40
FEW_HARD, AT_BOUND, LITTLE_ENTROPY, EMPTY_GROUP = CODES = (
    "policy_few_hard",
    "policy_deviation_at_bound",
    "policy_little_entropy",
    "policy_empty_group",
)
_ZONES = ("hard", "easy", "false", "between")
_QUANTILES = {"q10": 0.1, "q50": 0.5, "q90": 0.9}
_FEW_HARD, _LITTLE_ENTROPY, _OFTEN = 0.01, 0.1, 0.5


def epoch_report(
    totals: Mapping[str, Tensor], names: Sequence[str], nodes_W: Tensor, options: Options
) -> Json:
    """What an epoch was like; {} for one without a step.

    `scalars`: means over steps. `groups`: for each that had anchors its mean reward and, if the policy sets
    it, temperature and its target; `reward_variance` is over these groups. `negatives`: shares of zones
    among those chosen and those that chance would choose; `cosine`: their shares by bin of the cosine with
    the anchor.
    """
    steps = totals["steps"].item()
    if not steps:
        return {}
    scalars = dict(zip(names, (totals["scalars"] / steps).tolist(), strict=True))
    groups = [_group(totals, cell, options) for cell in range(len(nodes_W)) if totals["anchors_W"][cell] > 0]
    rewards = torch.tensor([group["reward"] for group in groups], dtype=torch.float64)
    chosen, by_chance = (_shares(row_4) for row_4 in totals["zones_24"])
    bins_2H = [_shares(row_H) for row_H in totals["cosine_2H"]]
    edges = torch.linspace(-1, 1, COSINE_BINS + 1, dtype=torch.float64).tolist()
    report: Json = {
        "steps": int(steps),
        "scalars": scalars,
        "groups": groups,
        "reward_variance": rewards.var(correction=0).item(),
        "negatives": {
            "chosen": dict(zip(_ZONES, chosen, strict=True)),
            "random": dict(zip(_ZONES, by_chance, strict=True)),
        },
        "cosine": {"edges": edges, "chosen": bins_2H[0], "random": bins_2H[1]},
    }
    return report | {"warnings": _warnings(report, totals["anchors_W"], nodes_W, options)}


def _group(totals: Mapping[str, Tensor], cell: int, options: Options) -> Json:
    anchors = totals["anchors_W"][cell].item()
    group: Json = {
        "kind": "users" if cell < options.num_groups else "items",
        "group": cell % options.num_groups,
        "anchors": int(anchors),
        "reward": totals["reward_W"][cell].item() / anchors,
    }
    if options.tempers:
        mean = totals["temperature_W"][cell].item() / anchors
        low, high = options.temperature_min, options.temperature_max
        quantiles = {
            name: low + (high - low) * _quantile(totals["temperature_WQ"][cell], share)
            for name, share in _QUANTILES.items()
        }
        target = totals["target_W"][cell].item() / anchors
        group["temperature"] = {"mean": mean, **quantiles, "target": target}
    return group


def _quantile(count_Q: Tensor, share: float) -> float:
    """Place in [0, 1] below which `share` of the counted lies, as if spread evenly within each bin."""
    below_Q = count_Q.cumsum(0)
    sought = share * below_Q[-1].item()
    place = int(torch.searchsorted(below_Q, torch.tensor(sought, dtype=below_Q.dtype)))
    place = min(place, len(count_Q) - 1)
    inside = (sought - (below_Q[place] - count_Q[place]).item()) / max(count_Q[place].item(), 1e-12)
    return (place + inside) / len(count_Q)


def _shares(count: Tensor) -> list[float]:
    return (count / count.sum().clamp(min=1)).tolist()


def _warnings(report: Json, anchors_W: Tensor, nodes_W: Tensor, options: Options) -> list[Json]:
    scalars = report["scalars"]
    found: list[tuple[str, str]] = []
    hard = report["negatives"]["random"]["hard"]
    if hard < _FEW_HARD:
        text = f"{hard:.2%} of the pool are hard negatives, expected at least {_FEW_HARD:.0%}"
        cure = ": rewards hardly differ; take thresholds quantile, or lower `hard_threshold`"
        found.append((FEW_HARD, text + cure))
    if scalars.get("deviation_at_bound", 0.0) > _OFTEN:
        share = scalars["deviation_at_bound"]
        text = f"the deviation of temperatures is at its bound for {share:.0%} of anchors"
        cure = ": they no longer explore; raise temperature_entropy_weight if they are far from their targets"
        if scalars.get("deviation", 0.0) > DEVIATION_MAX / 2:
            cure = ": temperatures are all but random; lower temperature_entropy_weight"
        found.append((AT_BOUND, text + cure))
    if scalars.get("entropy_share", 1.0) < _LITTLE_ENTROPY:
        share = scalars["entropy_share"]
        text = f"entropy over candidates is {share:.1%} of that of chance"
        cure = f", expected at least {_LITTLE_ENTROPY:.0%}; raise entropy_weight"
        found.append((LITTLE_ENTROPY, text + cure))
    kinds = {"users": slice(0, options.num_groups), "items": slice(options.num_groups, None)}
    for kind, cells in kinds.items():
        missed = ((anchors_W[cells] == 0) & (nodes_W[cells] > 0)).nonzero().flatten().tolist()
        # a task without anchors of a kind is no gap
        if missed and anchors_W[cells].sum() > 0:
            found.append((EMPTY_GROUP, f"no anchor among {kind} of degree groups {missed} in this epoch"))
    return [{"code": code, "message": message} for code, message in found]
