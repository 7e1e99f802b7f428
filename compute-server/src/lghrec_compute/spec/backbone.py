"""Options of the backbones, one class for each paper.

A backbone is selected by its `name`, which is also the case of the oneof in `backbone.proto` and the name of
the module in `backbones/`. The defaults are those of the paper or of its released code, where they fit any
data set. The union at the end of this module is the only list of the backbones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from lghrec_compute.spec.base import Spec, field_error

Layers = Annotated[int, Field(ge=1, le=8)]
Temperature = Annotated[float, Field(gt=0, le=10)]
Weight = Annotated[float, Field(ge=0, le=1000)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Share = Annotated[float, Field(gt=0, le=1)]
Noise = Annotated[float, Field(ge=0, le=10)]
Clusters = Annotated[int, Field(ge=1, le=100_000)]
GraphEncoder: TypeAlias = Literal["mf", "lightgcn"]
"""Encoders of users and items. `mf` uses the embedding table, and `lightgcn` the mean over graph convolutions
of it."""
GraphDropout: TypeAlias = Literal["edge", "node", "random_walk"]
"""Methods that remove parts of the graph. `edge` removes interactions, and `node` removes users and items
with their interactions. `random_walk` removes other interactions in each layer."""

STRUCTURAL_TEMPERATURE = 0.2
"""Temperature of the structural contrast on a backbone that has no `temperature` of its own."""

_ADAM = {"learning_rate": 1e-3, "embedding_l2": 1e-4}


class BackboneOptions(Spec):
    """Base class of the options of a backbone, with the facts that other parts need to know about it."""

    paper_recipe: ClassVar[Mapping[str, Any]] = {"optimizer": _ADAM, "batch_size": 2048}
    """Fields of the train spec under the recipe `backbone_paper`, where they differ from the defaults."""
    has_contrast: ClassVar[bool] = True
    """Whether the backbone has a contrast of its own, on which a policy can act."""

    @property
    def has_graph_layers(self) -> bool:
        """Whether graph layers lie between the embedding table and the final embeddings.

        The structural contrast compares the two. AutoGraph has graph layers, but no field `layers`.
        """
        return True

    @property
    def structural_temperature(self) -> float:
        """Temperature of the structural contrast under a policy that does not set it."""
        return getattr(self, "temperature", STRUCTURAL_TEMPERATURE)


class _WithLayers(BackboneOptions):
    layers: Layers = 3
    """Number of graph convolutions."""


class _WithContrast(BackboneOptions):
    temperature: Temperature = 0.2
    """Temperature of the contrast, by which similarities are divided."""
    contrast_weight: Weight = 0.1
    """Weight of the contrast, relative to the ranking loss."""


class _WithEncoder(BackboneOptions):
    encoder: GraphEncoder = "mf"
    """Encoder of users and items."""
    layers: Layers = 3
    """Number of graph convolutions, for the encoder `lightgcn` only."""

    @property
    def has_graph_layers(self) -> bool:
        """True for the encoder `lightgcn`."""
        return self.encoder != "mf"


class MfBackbone(BackboneOptions):
    """Matrix factorization with the BPR loss (Rendle et al. 2009)."""

    has_contrast = False
    name: Literal["mf"] = "mf"

    @property
    def has_graph_layers(self) -> bool:
        """False, because the final embeddings are the embedding table."""
        return False


class LightGcnBackbone(_WithLayers):
    """LightGCN (He et al. 2020): the mean over layers of graph convolutions, with the BPR loss."""

    has_contrast = False
    name: Literal["lightgcn"] = "lightgcn"


class LightCcfBackbone(_WithContrast, _WithEncoder):
    """LightCCF (Zhang et al. 2025): the BPR loss and a neighborhood aggregation contrast of users and items.

    The defaults are those of the released code on sparse data. The interactions of a batch are each other's
    negatives, so a batch should contain few interactions of each user: on small dense data use small batches
    and a smaller weight, and try the form `sum`.
    """

    name: Literal["lightccf"] = "lightccf"
    temperature: Temperature = 0.28
    contrast_weight: Weight = 1.0
    form: Literal["product", "sum"] = "product"
    """Form of the denominator. `product` adds similarities before the exponential, as the released code does;
    `sum` adds two sums of exponentials."""


class SglBackbone(_WithContrast, _WithLayers):
    """SGL (Wu et al. 2021): a contrast between two views of the graph, with random parts of it removed in
    each epoch."""

    name: Literal["sgl"] = "sgl"
    dropout: GraphDropout = "edge"
    """Method that removes parts of the graph. Source: SGL, section 3.1."""
    drop_rate: Rate = 0.1
    """Share of the interactions, or of the nodes, that is removed. Source: SGL, section 3.1."""
    pool: Literal["all", "batch"] = "all"
    """Negatives of the contrast. `all` uses all nodes of the type (users, items) that have a train
    interaction, and `batch` the distinct nodes of the batch."""


class SimGclBackbone(_WithContrast, _WithLayers):
    """SimGCL (Yu et al. 2022): a contrast between two views with uniform noise in each layer."""

    name: Literal["simgcl"] = "simgcl"
    contrast_weight: Weight = 0.5
    noise: Noise = 0.1
    """Length of the noise vector that each layer adds to each node."""
    keep_layer_zero: bool = False
    """Whether the mean over layers includes layer zero. The published code excludes it, also at inference."""


class LightGclBackbone(_WithContrast, _WithLayers):
    """LightGCL (Cai et al. 2023), as in the released code: a contrast with a low-rank view of the graph, with
    dot products and sums over layers."""

    paper_recipe: ClassVar = {"optimizer": {"learning_rate": 1e-3, "embedding_l2": 1e-7}, "batch_size": 4096}
    name: Literal["lightgcl"] = "lightgcl"
    layers: Layers = 2
    contrast_weight: Weight = 0.2
    rank: Annotated[int, Field(ge=1, le=256)] = 5
    """Rank of the singular value decomposition of the normalized interactions."""
    edge_dropout: Rate = 0.0
    """Share of the entries of the adjacency that each layer leaves out in a training step. The others are
    scaled up."""


class SccfBackbone(_WithEncoder):
    """SCCF (Wu et al. 2024): one contrast over the users and items of a batch is the whole loss."""

    paper_recipe: ClassVar = {
        "optimizer": {"name": "sgd", "learning_rate": 10.0, "embedding_l2": 0.0},
        "batch_size": 10_000,
        "backbone": {"temperature": 0.25},
    }
    name: Literal["sccf"] = "sccf"
    temperature: Temperature = 0.2
    """Temperature of the contrast, by which similarities are divided."""


class VgclBackbone(_WithContrast, _WithLayers):
    """VGCL (Yang et al. 2023): contrasts two samples of a variational embedding, by node and by cluster."""

    name: Literal["vgcl"] = "vgcl"
    layers: Layers = 2
    contrast_weight: Weight = 0.2
    cluster_temperature: Temperature = 0.13
    """Temperature of the contrasts by cluster. A policy that changes the temperature of an anchor changes
    this one by the same factor."""
    cluster_weight: Weight = 0.4
    """Weight of the contrasts by cluster, as a multiple of `contrast_weight`."""
    kl_weight: Weight = 0.1
    """Weight of the divergence from the standard normal distribution, relative to the ranking loss."""
    noise: Noise = 0.01
    """Scale of the standard deviation of the samples. With 0 both samples are the mean."""
    user_clusters: Clusters | None = None
    """Number of user clusters. None means a tenth of the users, at most 900."""
    item_clusters: Clusters | None = None
    """Number of item clusters. None means a tenth of the items, at most 300."""


class NesclBackbone(_WithContrast, _WithLayers):
    """NESCL (Sun et al. 2023): the views of SGL, with two more positives for each anchor: a similar node of
    its type, and the other node of the interaction."""

    paper_recipe: ClassVar = {"optimizer": _ADAM, "batch_size": 4096}
    name: Literal["nescl"] = "nescl"
    layers: Layers = 2
    temperature: Temperature = 0.1
    contrast_weight: Weight = 0.3
    dropout: Literal["edge", "node"] = "node"
    """Method that removes parts of the graph. `edge` removes interactions, and `node` removes users and items
    with their interactions."""
    drop_rate: Rate = 0.3
    """Share of the interactions, or of the nodes, that is removed."""
    neighbors: Annotated[int, Field(ge=1, le=1000)] = 15
    """Number of the most similar nodes of the same type from which a positive is drawn. Source: NESCL,
    section 4.1."""
    neighbor_sampling: Literal["uniform", "similarity"] = "uniform"
    """Sampling of a positive among these nodes: with equal probability, or in proportion to similarity."""
    positive_reduction: Literal["log_mean", "mean_log"] = "log_mean"
    """Reduction over the positives of an anchor: the logarithm of the mean of their probabilities, or the
    mean of the logarithms."""
    keep_layer_zero: bool = False
    """Whether the mean over layers includes layer zero."""


class CikgBackbone(_WithContrast, _WithLayers):
    """CIKG (Hu et al. 2025): interactions, an item knowledge graph and user interests in one graph."""

    paper_recipe: ClassVar = {"optimizer": {"learning_rate": 5e-4, "embedding_l2": 1e-5}, "batch_size": 1024}
    name: Literal["cikg"] = "cikg"
    contrast_weight: Weight = 0.02
    noise: Noise = 0.1
    """Length of the noise vector that each layer of the noisy view adds to each node."""
    reconstruction_weight: Weight = 0.03
    """Weight of the reconstruction of masked interests, relative to the ranking loss. 0 disables it."""
    mask_rate_min: Share = 0.05
    """Share of the interests that are masked in the first epoch. The share grows geometrically."""
    mask_rate_max: Share = 0.65
    """Largest share of the interests that are masked, at least `mask_rate_min`."""
    mask_epochs: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Number of epochs until the share is `mask_rate_max`."""
    replace_rate: Rate = 0.1
    """Share of the masked interests that receive the embedding of another interest instead of the mask."""
    reconstruction_power: Annotated[float, Field(ge=1, le=10)] = 2.0
    """Exponent of the reconstruction error (1 - cosine)."""
    cf_view: Literal["hybrid", "cf"] = "hybrid"
    """Graph of the noisy view. `hybrid` is the whole graph, as in the released code; `cf` has interactions
    only, as in the paper."""

    @model_validator(mode="after")
    def _rates_in_order(self) -> CikgBackbone:
        if self.mask_rate_min > self.mask_rate_max:
            raise field_error("mask_rate_min", f"above mask_rate_max: got {self.mask_rate_min}")
        return self


class AutoGraphBackbone(_WithContrast):
    """AutoGraph (Shan et al. 2024): a graph with the latent codes of semantic ids as nodes.

    Without semantic ids the codes are those of the interactions' singular vectors.
    """

    paper_recipe: ClassVar = {
        "optimizer": {"name": "adamw", "learning_rate": 1e-3, "embedding_l2": 0.0, "weight_decay": 1e-2},
        "batch_size": 256,
        "embedding_dim": 32,
    }
    name: Literal["autograph"] = "autograph"
    temperature: Temperature = 0.2
    """Temperature of the structural contrast. AutoGraph itself has none. Source: LGHRec, eqs 56-58."""
    contrast_weight: Weight = 0.1
    """Weight of the structural contrast, relative to the ranking loss."""
    codebooks: Annotated[int, Field(ge=1, le=8)] = 3
    """Number of levels of the residual quantization."""
    codes: Annotated[int, Field(ge=1, le=65_536)] | None = None
    """Number of codes per level. None means an eighth of the nodes of the type, at most 256."""
    heads: Annotated[int, Field(ge=1, le=16)] = 2
    """Number of attention heads."""
    dropout: Rate = 0.1
    """Dropout rate of the metapath output in training."""
    ranking_loss: Literal["softmax", "bpr"] = "softmax"
    """Ranking loss: the cross-entropy of an item among random negatives, or BPR."""
    num_negatives: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Number of negatives per interaction, for the ranking loss `softmax`."""


AnyBackbone: TypeAlias = (
    MfBackbone
    | LightGcnBackbone
    | LightCcfBackbone
    | SglBackbone
    | SimGclBackbone
    | LightGclBackbone
    | SccfBackbone
    | VgclBackbone
    | NesclBackbone
    | CikgBackbone
    | AutoGraphBackbone
)
BackboneSpec = Annotated[AnyBackbone, Field(discriminator="name")]
"""The backbone, which is selected by its `name`. `serverInfo().capabilities.backbones` lists the backbones
that a server trains."""
BACKBONES: dict[str, type[BackboneOptions]] = {
    options.model_fields["name"].default: options for options in get_args(AnyBackbone)
}
