"""Figures of a run of the study besides its metrics: the equality of user groups, and the behaviour of its
policy."""

from __future__ import annotations

from bench_steps import Json, Steps


def figures(steps: Steps, model: str, report: str) -> Json:
    """Return the figures of one trained model and its evaluation; those of a policy belong to the best epoch.

    `group_variance` is the variance of NDCG@20 over groups of users by degree. For HGPO there are also
    `reward_variance`, the variance of the mean rewards over groups; `hard`, the shares of hard candidates
    among the chosen negatives and in the pool; and `temperatures`, the mean temperature of each group of
    users and items, from the lowest degree to the highest.
    """
    from lghrec_compute.artifacts import ArtifactStore
    from lghrec_compute.reporting.stored import Entry

    store = ArtifactStore(steps.work / "artifacts")
    entry = Entry("run", store.get(model, "model"), store.get(report, "evaluation"))
    figures_of_run: Json = {"group_variance": _short(entry.summary["user_group_variance"]["ndcg@20"])}
    policy = entry.at_best
    if "reward_variance" in policy:
        figures_of_run["reward_variance"] = _short(policy["reward_variance"])
    if "negatives" in policy:
        figures_of_run["hard"] = [round(policy["negatives"][by]["hard"], 4) for by in ("chosen", "random")]
    temperatures = [group for group in policy.get("groups", ()) if "temperature" in group]
    if temperatures:
        figures_of_run["temperatures"] = {
            kind: [round(group["temperature"]["mean"], 4) for group in temperatures if group["kind"] == kind]
            for kind in ("users", "items")
        }
    return figures_of_run


def _short(value: float) -> float:
    return float(f"{value:.4g}")
