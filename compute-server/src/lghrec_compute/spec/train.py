"""What a train run may ask for."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from lghrec_compute.spec.backbone import BackboneSpec, has_contrast, has_layers
from lghrec_compute.spec.base import Spec, field_error, served
from lghrec_compute.spec.common import ArtifactId, Device, Seed, Threads
from lghrec_compute.spec.metrics import check_metric
from lghrec_compute.spec.policy import NativePolicy, PolicySpec
from lghrec_compute.spec.recipes import with_recipe
from lghrec_compute.spec.variants import TextVariant, Variant, with_variant

FUSIONS = frozenset({"concat_linear", "weighted_sum"})


class FusionSpec(Spec):
    """How semantic ids enter the item rows of the ego table."""

    method: Annotated[str, AfterValidator(lambda v: served(v, FUSIONS, "fusion"))] = "concat_linear"
    learning_rate_factor: Annotated[float, Field(gt=0, le=100)] = 0.01
    """The fusion matrix is shared by all items and moves each of them at every step, and its semantic columns
    are standardised: it has to learn much slower than the ids. On ml-100k .3, .03 and .005 gave a valid
    NDCG@20 of .259, .276 and .279."""
    neighbors: Annotated[int, Field(ge=0, le=1000)] = 0
    """Each item's nearest by semantic id that its row takes from; 0: none."""
    neighbor_weight: Annotated[float, Field(ge=0, le=10)] = 0.5


class OptimizerSpec(Spec):
    """Adam, unless the backbone's own paper trains otherwise."""

    name: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: Annotated[float, Field(gt=0, le=100)] = 1e-3
    embedding_l2: Annotated[float, Field(ge=0, le=10)] = 1e-4
    """Weight of the squared norm of the batch's ego rows."""
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 0.0
    """Decoupled decay of all parameters, for `adamw`."""

    @model_validator(mode="after")
    def _decay_is_of_adamw(self) -> OptimizerSpec:
        if self.weight_decay > 0 and self.name != "adamw":
            raise field_error("weight_decay", f"{self.name} has none, expected adamw or embedding_l2")
        return self


class EarlyStopSpec(Spec):
    """When training ends before its last epoch."""

    metric: Annotated[str, AfterValidator(check_metric)] = "ndcg@20"
    """A metric on the valid part."""
    patience: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Evaluations without a better value."""
    every_epochs: Annotated[int, Field(ge=1, le=10_000)] = 1


class CheckpointSpec(Spec):
    """When a checkpoint to go on from is committed."""

    every_epochs: Annotated[int, Field(ge=1, le=10_000)] = 5


class TrainSpec(Spec):
    """A backbone on a data set, with or without semantic ids, under a policy."""

    outside_digest: ClassVar[frozenset[str]] = frozenset({"variant", "semantic_ids_by_variant"})

    kind: Literal["train"] = Field(default="train", exclude=True)
    recipe: Literal["default", "backbone_paper", "lghrec_paper"] = "default"
    """Fills in the fields that are left out. `backbone_paper` takes the setting of the backbone's paper,
    `lghrec_paper` the common one
    of the LGHRec paper (appendix B.4), `default` this page's numbers."""
    dataset: ArtifactId
    semantic_ids: ArtifactId | None = None
    backbone: BackboneSpec
    variant: Variant | None = None
    """Variant of the method (LGHRec, Table 2). It decides `semantic_ids`, `policy` and `fusion.method`; the
    other options of the spec stay. None means that the spec is used as written."""
    semantic_ids_by_variant: dict[TextVariant, ArtifactId] = Field(default_factory=dict)
    """Semantic ids of other texts, for the variants `raw_text`, `base_cot`, `domain_cot`, `cot_task` and
    `mixed`. All other variants ignore them."""
    policy: PolicySpec = NativePolicy()
    fusion: FusionSpec = FusionSpec()
    optimizer: OptimizerSpec = OptimizerSpec()
    embedding_dim: Annotated[int, Field(ge=2, le=4096)] = 64
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)] = 2048
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 300
    early_stop: EarlyStopSpec = EarlyStopSpec()
    checkpoint: CheckpointSpec = CheckpointSpec()
    seed: Seed = 0
    device: Device = "auto"
    threads: Threads | None = None
    """None: chosen by the worker from the cores that are free and the size of the graph."""

    @model_validator(mode="before")
    @classmethod
    def _apply_variant_and_recipe(cls, value: Any) -> Any:
        return with_recipe(with_variant(value)) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _policy_has_a_contrast(self) -> TrainSpec:
        if isinstance(self.policy, NativePolicy):
            return self
        asked = self.policy.contrast
        contrast = asked or self._default_contrast()
        if contrast != "structural" and not has_contrast(self.backbone):
            known = "structural" if has_layers(self.backbone) else "a backbone with a contrast"
            wrong = f"{self.backbone.name} has no contrast of its own to act on, expected {known}"
            raise field_error("policy.contrast" if has_layers(self.backbone) else "policy", wrong)
        if contrast != "backbone" and not has_layers(self.backbone):
            wrong = "the structural contrast needs a backbone with layers, expected backbone"
            raise field_error("policy.contrast", wrong)
        if asked is None:
            object.__setattr__(self, "policy", self.policy.model_copy(update={"contrast": contrast}))
        return self

    def _default_contrast(self) -> Literal["backbone", "structural"]:
        """The backbone's own; the paper's, measured to be the weaker one on LightCCF, where it has none."""
        return "structural" if has_layers(self.backbone) and not has_contrast(self.backbone) else "backbone"
