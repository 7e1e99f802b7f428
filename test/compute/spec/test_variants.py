"""What each variant of the method changes in a train spec, and which variant a spec is equal to."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from lghrec_compute.errors import ConfigError
from lghrec_compute.spec import TrainSpec, parse, spec_digest, spec_to_dict
from lghrec_compute.spec.variants import VARIANTS, TextVariant, Variant, variant_of

IDS, OTHER_IDS = "e" * 64, "f" * 64
PLAIN = {"dataset": "d" * 64, "backbone": {"name": "simgcl", "layers": 2}, "epochs": 3}
WITH_IDS = PLAIN | {"semantic_ids": IDS}
TEXTS = dict.fromkeys(get_args(TextVariant), OTHER_IDS)
TUNED = {
    "name": "hgpo",
    "preset": "paper",
    "pool_size": 512,
    "num_negatives": 64,
    "pool_sampling": "mixed",
    "learning_rate": 0.001,
    "harmony_weight": 0.3,
    "learn_negatives": True,
    "learn_temperature": True,
    "advantage": "group",
    "weighting": "soft",
}


def resolved(spec: dict[str, Any]) -> dict[str, Any]:
    return spec_to_dict(parse(TrainSpec, spec))


def by_hand(**changes: Any) -> dict[str, Any]:
    return {
        name: value for name, value in resolved(PLAIN | changes).items() if name != "semantic_ids_by_variant"
    }


def applied(spec: dict[str, Any], variant: str) -> dict[str, Any]:
    plain = resolved(spec | {"variant": variant})
    assert plain.pop("variant") == variant
    plain.pop("semantic_ids_by_variant")
    return plain


def violation(spec: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(ConfigError) as caught:
        parse(TrainSpec, spec)
    (only,) = caught.value.violations
    return only.path, only.description


def test_the_names_and_the_table_are_the_same():
    assert set(get_args(Variant)) == set(VARIANTS)
    assert {name for name, changes in VARIANTS.items() if changes.semantic_ids == "variant"} == set(TEXTS)


@pytest.mark.parametrize(
    ("variant", "changes"),
    [
        ("base", {"policy": {"name": "native"}}),
        ("dseg", {"semantic_ids": IDS, "policy": {"name": "native"}}),
        ("random", {"semantic_ids": IDS, "policy": {"name": "random"}}),
        ("no_dseg", {"policy": {"name": "hgpo"}}),
        ("no_adaptive_tau", {"semantic_ids": IDS, "policy": {"name": "hgpo", "learn_temperature": False}}),
        ("random_neg", {"semantic_ids": IDS, "policy": {"name": "hgpo", "learn_negatives": False}}),
        ("no_harm", {"semantic_ids": IDS, "policy": {"name": "hgpo", "harmony_weight": 0}}),
        (
            "grpo",
            {"semantic_ids": IDS, "policy": {"name": "hgpo", "advantage": "grpo", "harmony_weight": 0}},
        ),
        ("full", {"semantic_ids": IDS, "policy": {"name": "hgpo"}}),
        (
            "weighted_sum",
            {"semantic_ids": IDS, "policy": {"name": "hgpo"}, "fusion": {"method": "weighted_sum"}},
        ),
    ],
)
def test_a_variant_equals_the_same_fields_written_by_hand(variant: str, changes: dict[str, Any]):
    assert applied(WITH_IDS, variant) == by_hand(**changes)
    named, written = (parse(TrainSpec, spec) for spec in (WITH_IDS | {"variant": variant}, PLAIN | changes))
    assert spec_digest("train", named) == spec_digest("train", written)


@pytest.mark.parametrize("variant", TEXTS)
def test_a_variant_of_texts_trains_on_the_semantic_ids_given_for_it(variant: str):
    spec = WITH_IDS | {"semantic_ids_by_variant": TEXTS}
    assert applied(spec, variant) == by_hand(semantic_ids=OTHER_IDS, policy={"name": "hgpo"})
    path, text = violation(WITH_IDS | {"variant": variant})
    assert path == f"semantic_ids_by_variant.{variant}"
    assert "run preprocess with" in text


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_resolved_spec_resolves_to_itself(variant: str):
    spec = WITH_IDS | {"policy": TUNED, "semantic_ids_by_variant": TEXTS, "variant": variant}
    once = resolved(spec)
    assert resolved(once) == once


@pytest.mark.parametrize(
    ("variant", "policy"),
    [
        ("base", {"name": "native"}),
        ("random", {"name": "random", "pool_size": 512, "num_negatives": 64, "pool_sampling": "mixed"}),
        ("no_dseg", TUNED),
        ("full", TUNED),
        ("no_adaptive_tau", TUNED | {"learn_temperature": False}),
        ("no_harm", TUNED | {"harmony_weight": 0}),
        ("grpo", TUNED | {"advantage": "grpo", "harmony_weight": 0}),
        # soft weights are the probabilities of the policy, which random negatives do not have
        ("random_neg", TUNED | {"learn_negatives": False, "weighting": "hard"}),
    ],
)
def test_options_of_the_policy_stay_where_the_variant_has_them(variant: str, policy: dict[str, Any]):
    assert applied(WITH_IDS | {"policy": TUNED}, variant)["policy"] == by_hand(policy=policy)["policy"]


def test_full_drops_the_switches_of_another_variant():
    spec = WITH_IDS | {"policy": {"name": "hgpo", "learn_temperature": False, "harmony_weight": 0}}
    assert applied(spec, "full")["policy"] == by_hand(policy={"name": "hgpo"})["policy"]


def test_the_pool_of_another_policy_is_kept():
    spec = WITH_IDS | {"policy": {"name": "random", "pool_size": 256, "contrast": "structural"}}
    wanted = by_hand(policy={"name": "hgpo", "pool_size": 256, "contrast": "structural"})
    assert applied(spec, "full")["policy"] == wanted["policy"]


def test_weighted_sum_keeps_the_rest_of_the_fusion():
    spec = WITH_IDS | {"fusion": {"method": "concat_linear", "learning_rate_factor": 0.1}}
    assert (
        applied(spec, "weighted_sum")["fusion"]
        == by_hand(fusion={"method": "weighted_sum", "learning_rate_factor": 0.1})["fusion"]
    )
    assert applied(spec, "full")["fusion"]["method"] == "concat_linear"


@pytest.mark.parametrize("variant", ["dseg", "random", "full", "weighted_sum"])
def test_a_variant_that_trains_on_semantic_ids_needs_them(variant: str):
    path, text = violation(PLAIN | {"variant": variant})
    assert path == "semantic_ids"
    assert text.startswith(f"the variant {variant} trains on semantic ids, got none")


def test_an_unknown_variant_is_refused_with_the_known_ones():
    path, text = violation(PLAIN | {"variant": "ful"})
    assert path == "variant"
    assert text.endswith(", full, raw_text, base_cot, domain_cot, cot_task, mixed, weighted_sum, got 'ful'")


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_variant_of_a_spec_is_recognised(variant: str):
    spec = resolved(WITH_IDS | {"semantic_ids_by_variant": TEXTS, "variant": variant})
    assert variant_of(spec) == variant
    if variant not in TEXTS:
        assert variant_of({name: value for name, value in spec.items() if name != "variant"}) == variant


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": {"name": "random"}},  # without semantic ids
        {"semantic_ids": IDS, "policy": {"name": "hgpo", "learn_temperature": False, "harmony_weight": 0}},
        {"policy": {"name": "hgpo", "advantage": "grpo", "harmony_weight": 0}},
    ],
)
def test_a_spec_that_equals_no_variant_has_none(changes: dict[str, Any]):
    assert variant_of(resolved(PLAIN | changes)) is None
