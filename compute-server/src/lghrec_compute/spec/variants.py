"""The variants of the method (LGHRec, Table 2), each as a few changes to a train spec.

This module is the only place that knows what a variant changes. A new variant costs an entry in `VARIANTS`
and a value of the enum `Variant` in `train_spec.proto`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from lghrec_compute.spec.base import field_error
from lghrec_compute.spec.policy import RandomPolicy

TextVariant: TypeAlias = Literal["raw_text", "base_cot", "domain_cot", "cot_task", "mixed"]
"""Variants that train on semantic ids of other texts, with the whole method on top."""
Variant: TypeAlias = Literal[
    "base",
    "dseg",
    "random",
    "no_dseg",
    "no_adaptive_tau",
    "random_neg",
    "no_harm",
    "grpo",
    "full",
    "raw_text",
    "base_cot",
    "domain_cot",
    "cot_task",
    "mixed",
    "weighted_sum",
]
"""Variants of the method (LGHRec, Table 2). `base` is the plain backbone, `dseg` adds semantic ids, and
`random` also draws random negatives: the control to compare LGHRec with. `full` is LGHRec. `no_dseg` has no
semantic ids, `no_adaptive_tau` learns only negatives, `random_neg` learns only temperatures, `no_harm` has no
harmony loss, and `grpo` compares several actions of the same anchor, without the harmony loss. `raw_text`,
`base_cot`, `domain_cot`, `cot_task` and `mixed` are LGHRec on semantic ids of other texts: the raw text of
the items, the reasoning of a published language model, and the reasoning after fine-tuning on texts of the
domain, on the reasoning task, and on the task and general texts. `weighted_sum` is LGHRec with another
fusion."""


class Changes(NamedTuple):
    """What a variant sets in a train spec.

    `semantic_ids`: none, those of the spec, or those that the spec gives for this variant. `policy`: the name
    of the policy. `switches`: the fields of the policy that define the variant. `fusion`: the fusion method;
    None keeps the one of the spec.
    """

    semantic_ids: Literal["none", "spec", "variant"]
    policy: Literal["native", "random", "hgpo"]
    switches: Mapping[str, Any] = {}
    fusion: str | None = None


VARIANTS: dict[Variant, Changes] = {
    "base": Changes("none", "native"),
    "dseg": Changes("spec", "native"),
    "random": Changes("spec", "random"),
    "no_dseg": Changes("none", "hgpo"),
    "no_adaptive_tau": Changes("spec", "hgpo", {"learn_temperature": False}),
    "random_neg": Changes("spec", "hgpo", {"learn_negatives": False}),
    "no_harm": Changes("spec", "hgpo", {"harmony_weight": 0.0}),
    "grpo": Changes("spec", "hgpo", {"advantage": "grpo", "harmony_weight": 0.0}),
    "full": Changes("spec", "hgpo"),
    **{name: Changes("variant", "hgpo") for name in get_args(TextVariant)},
    "weighted_sum": Changes("spec", "hgpo", fusion="weighted_sum"),
}

_SWITCHES: dict[str, Any] = {"learn_negatives": True, "learn_temperature": True, "advantage": "group"}
"""Fields of HGPO that only variants decide, with their values in the whole method."""
_POOL_FIELDS = frozenset(RandomPolicy.model_fields) - {"name"}
"""Fields that the policy `random` shares with `hgpo`."""
_HOW_TO_GET: dict[Variant, str] = {
    "raw_text": "semantic.text_source raw_text",
    "base_cot": "a language model as it was published",
    "domain_cot": "a language model that was fine-tuned on texts of the domain",
    "cot_task": "a language model that was fine-tuned on the reasoning task",
    "mixed": "a language model that was fine-tuned on the reasoning task and on general texts",
}


def with_variant(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the train spec with the changes of its `variant` applied; without a variant it is unchanged.

    The variant decides semantic ids, policy and fusion method. Every other option of the spec's policy is
    kept if the policy of the variant has it too. A spec that has been resolved resolves to itself.

    Raises a violation if the variant needs semantic ids that the spec lacks.
    """
    name = spec.get("variant")
    if not isinstance(name, str) or name not in VARIANTS:
        return dict(spec)
    changes = VARIANTS[name]
    kept = {field: value for field, value in spec.items() if not field.startswith("semantic_ids")}
    return kept | _semantic_ids(spec, name, changes) | _policy(spec, changes) | _fusion(spec, changes)


def variant_of(spec: Mapping[str, Any]) -> str | None:
    """Return the name of the variant that a resolved train spec is equal to, or None if there is none.

    `spec` is plain data, as `spec_to_dict` returns it.
    """
    if spec.get("variant"):
        return spec["variant"]
    described = [name for name, changes in VARIANTS.items() if _describes(changes, spec)]
    # weighted_sum is the last entry and more specific than full, which allows any fusion method
    return described[-1] if described else None


def _semantic_ids(spec: Mapping[str, Any], name: Variant, changes: Changes) -> dict[str, Any]:
    if changes.semantic_ids == "none":
        return {}
    if changes.semantic_ids == "spec":
        if spec.get("semantic_ids"):
            return {"semantic_ids": spec["semantic_ids"]}
        cure = "give the semantic_ids of a preprocess result, or use the variant base or no_dseg"
        raise field_error("semantic_ids", f"the variant {name} trains on semantic ids, got none: {cure}")
    by_variant = spec.get("semantic_ids_by_variant")
    given = by_variant.get(name) if isinstance(by_variant, Mapping) else None
    if given:
        return {"semantic_ids": given, "semantic_ids_by_variant": {name: given}}
    cure = f"run preprocess with {_HOW_TO_GET[name]} and give the id of its semantic ids here"
    raise field_error(
        f"semantic_ids_by_variant.{name}",
        f"the variant {name} needs semantic ids of other texts, got none: {cure}",
    )


def _policy(spec: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    given = spec.get("policy")
    if given is not None and not isinstance(given, Mapping):
        return {}  # the type check of the field reports it
    if changes.policy == "native":
        return {"policy": {"name": "native"}}
    options = {field: value for field, value in (given or {}).items() if _is_kept(field, value, changes)}
    return {"policy": options | {"name": changes.policy} | dict(changes.switches)}


def _is_kept(field: str, value: Any, changes: Changes) -> bool:
    """Whether an option of the spec's policy stays in the policy of the variant."""
    if changes.policy == "random":
        return field in _POOL_FIELDS
    if field in _SWITCHES or field in changes.switches:
        return False
    if field == "harmony_weight":
        return value != 0  # no harmony is a variant of its own
    # soft weights are the policy's probabilities, which random negatives do not have
    return not (field == "weighting" and value == "soft" and "learn_negatives" in changes.switches)


def _fusion(spec: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    given = spec.get("fusion")
    if changes.fusion is None or (given is not None and not isinstance(given, Mapping)):
        return {}
    return {"fusion": dict(given or {}) | {"method": changes.fusion}}


def _describes(changes: Changes, spec: Mapping[str, Any]) -> bool:
    policy = spec["policy"]
    if changes.semantic_ids == "variant" or policy["name"] != changes.policy:
        return False
    if bool(spec.get("semantic_ids")) != (changes.semantic_ids == "spec"):
        return False
    if changes.fusion is not None and spec["fusion"]["method"] != changes.fusion:
        return False
    if changes.policy != "hgpo":
        return True
    switched = {field: changes.switches.get(field, value) for field, value in _SWITCHES.items()}
    without_harmony = changes.switches.get("harmony_weight") == 0
    return without_harmony == (policy["harmony_weight"] == 0) and all(
        policy[field] == value for field, value in switched.items()
    )
