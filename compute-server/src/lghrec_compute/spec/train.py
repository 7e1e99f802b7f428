"""Options of a train run."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from lghrec_compute.spec.backbone import BackboneSpec
from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import DatasetId, Device, Seed, SemanticIdsId, Threads
from lghrec_compute.spec.metrics import RankingMetric
from lghrec_compute.spec.policy import NativePolicy, PolicySpec
from lghrec_compute.spec.recipes import with_recipe
from lghrec_compute.spec.variants import TextVariant, Variant, with_variant

FusionMethod: TypeAlias = Literal["concat_linear", "weighted_sum"]
"""Methods that combine the id embedding of an item with its semantic id. `concat_linear` applies a linear
layer to their concatenation (LGHRec, section 2.1). `weighted_sum` learns one weight between the id embedding
and a linear layer of the semantic id."""
FUSIONS = frozenset(get_args(FusionMethod))

Epochs = Annotated[int, Field(ge=1, le=10_000)]


class FusionSpec(Spec):
    """Fusion of semantic ids with the id embeddings of items."""

    method: FusionMethod = "concat_linear"
    """Method that combines both. Source: LGHRec, section 2.1."""
    learning_rate_factor: Annotated[float, Field(gt=0, le=100)] = 0.01
    """Learning rate of the fusion weights, as a multiple of the optimizer's learning rate. All items share
    these weights, so every step moves every item; the fusion must therefore learn much slower than the id
    embeddings. On MovieLens 100k the factors 0.3, 0.03 and 0.005 gave a valid NDCG@20 of 0.259, 0.276 and
    0.279."""
    neighbors: Annotated[int, Field(ge=0, le=1000)] = 0
    """Number of nearest items by semantic id whose embeddings are added to the embedding of an item. 0 adds
    none."""
    neighbor_weight: Annotated[float, Field(ge=0, le=10)] = 0.5
    """Weight of all added neighbors together, relative to the item's own embedding."""


class OptimizerSpec(Spec):
    """The optimizer and its regularization."""

    name: Literal["adam", "adamw", "sgd"] = "adam"
    """Algorithm. Source: LGHRec, appendix B.4."""
    learning_rate: Annotated[float, Field(gt=0, le=100)] = 1e-3
    """Learning rate. Source: LGHRec, appendix B.4."""
    embedding_l2: Annotated[float, Field(ge=0, le=10)] = 1e-4
    """Weight of the squared norm of the batch's embeddings before graph convolution."""
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 0.0
    """Decoupled weight decay of all parameters, for `adamw` only."""

    @model_validator(mode="after")
    def _only_adamw_decays_weights(self) -> OptimizerSpec:
        if self.weight_decay > 0 and self.name != "adamw":
            raise field_error("weight_decay", f"{self.name} has none, expected adamw or embedding_l2")
        return self


class EarlyStopSpec(Spec):
    """Condition that ends the training before its last epoch."""

    metric: RankingMetric = "ndcg@20"
    """Metric with its cutoff, evaluated on the valid part. A higher value is better."""
    patience: Epochs = 10
    """Number of evaluations without a better value after which the training ends. Source: LGHRec, appendix
    B.4."""
    every_epochs: Epochs = 1
    """Number of epochs between evaluations."""


class CheckpointSpec(Spec):
    """Checkpoints, from which an interrupted run resumes."""

    every_epochs: Epochs = 5
    """Number of epochs between checkpoints."""


class TrainSpec(Spec):
    """Trains a backbone on a prepared data set, with or without semantic ids, under a policy."""

    outside_digest: ClassVar[frozenset[str]] = frozenset({"variant", "semantic_ids_by_variant"})

    kind: Literal["train"] = Field(default="train", exclude=True)
    recipe: Literal["default", "backbone_paper", "lghrec_paper"] = "default"
    """Setting that replaces the documented defaults of the fields that are left out. `default` keeps these
    defaults, `backbone_paper` uses the setting of the paper of the backbone, and `lghrec_paper` uses the
    common setting of the LGHRec paper. Source: LGHRec, appendix B.4."""
    dataset: DatasetId
    """Prepared data set: `result.dataset` of a preprocess result, or its id."""
    semantic_ids: SemanticIdsId | None = None
    """Semantic ids of the same data set: `result.semanticIds` of a preprocess result, or their id. None means
    that the model uses id embeddings only."""
    backbone: BackboneSpec
    """The graph recommender and its options."""
    variant: Variant | None = None
    """Variant of the method (LGHRec, Table 2). It decides `semantic_ids`, `policy` and `fusion.method`; the
    other options of the spec stay. None means that the spec is used as written."""
    semantic_ids_by_variant: dict[TextVariant, SemanticIdsId] = Field(default_factory=dict)
    """Semantic ids of other texts, for the variants `raw_text`, `base_cot`, `domain_cot`, `cot_task` and
    `mixed`. All other variants ignore them."""
    policy: PolicySpec = NativePolicy()
    """The policy that selects negatives and temperatures."""
    fusion: FusionSpec = FusionSpec()
    """Fusion of semantic ids with the id embeddings of items."""
    optimizer: OptimizerSpec = OptimizerSpec()
    """The optimizer and its regularization."""
    embedding_dim: Annotated[int, Field(ge=2, le=4096)] = 64
    """Number of dimensions of an embedding. Source: LGHRec, appendix B.4."""
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)] = 2048
    """Number of interactions per step."""
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 300
    """Maximum number of epochs."""
    early_stop: EarlyStopSpec = EarlyStopSpec()
    """Condition that ends the training before its last epoch."""
    checkpoint: CheckpointSpec = CheckpointSpec()
    """Checkpoints, from which an interrupted run resumes."""
    seed: Seed = 0
    """Seed of all random numbers of the run. On a CPU the same spec with the same seed gives the same
    bits."""
    device: Device = "auto"
    """Device of the worker."""
    threads: Threads | None = None
    """Number of threads of the worker. None means that the worker chooses it from the free cores and the size
    of the graph."""

    @model_validator(mode="before")
    @classmethod
    def _apply_variant_and_recipe(cls, value: Any) -> Any:
        return with_recipe(with_variant(value)) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _policy_has_a_contrast(self) -> TrainSpec:
        if isinstance(self.policy, NativePolicy):
            return self
        given = self.policy.contrast
        contrast = given or self._default_contrast()
        if contrast != "structural" and not self.backbone.has_contrast:
            known = "structural" if self.backbone.has_graph_layers else "a backbone with a contrast"
            wrong = f"{self.backbone.name} has no contrast of its own to act on, expected {known}"
            raise field_error("policy.contrast" if self.backbone.has_graph_layers else "policy", wrong)
        if contrast != "backbone" and not self.backbone.has_graph_layers:
            wrong = "the structural contrast needs a backbone with layers, expected backbone"
            raise field_error("policy.contrast", wrong)
        if given is None:
            object.__setattr__(self, "policy", self.policy.model_copy(update={"contrast": contrast}))
        return self

    def _default_contrast(self) -> Literal["backbone", "structural"]:
        """Return the contrast of the backbone, or the structural one if the backbone has none.

        The paper uses the structural contrast. On LightCCF it gave the lower metrics of the two.
        """
        return (
            "structural" if self.backbone.has_graph_layers and not self.backbone.has_contrast else "backbone"
        )
