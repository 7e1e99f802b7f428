"""What a run of the study tells beside its metrics: how alike groups are served, and what its policy did."""

from __future__ import annotations

from bench_steps import Json, Steps


def figures(steps: Steps, model: str, report: str) -> Json:
    """Of one trained model and its evaluation; what concerns a policy is of the epoch that was kept.

    `group_variance`: of NDCG@20 over groups of users by degree. For HGPO also `reward_variance` over groups,
    `hard`, shares of hard candidates among the chosen and among the pool, and `temperatures`, for users and
    items the mean in each group from the lowest degrees to the highest.
    """
    from lghrec_compute.artifacts import ArtifactStore
    from lghrec_compute.reporting.stored import Entry

    store = ArtifactStore(steps.work / "artifacts")
    entry = Entry("run", store.get(model, "model"), store.get(report, "evaluation"))
    told: Json = {"group_variance": _short(entry.summary["user_group_variance"]["ndcg@20"])}
    policy = entry.at_best
    if "reward_variance" in policy:
        told["reward_variance"] = _short(policy["reward_variance"])
    if "negatives" in policy:
        told["hard"] = [round(policy["negatives"][by]["hard"], 4) for by in ("chosen", "random")]
    temperatures = [group for group in policy.get("groups", ()) if "temperature" in group]
    if temperatures:
        told["temperatures"] = {
            kind: [round(group["temperature"]["mean"], 4) for group in temperatures if group["kind"] == kind]
            for kind in ("users", "items")
        }
    return told


def _short(value: float) -> float:
    return float(f"{value:.4g}")
