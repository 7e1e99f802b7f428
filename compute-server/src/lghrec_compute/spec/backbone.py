"""Options of each backbone. The field `name` is the case of the oneof on the wire.

The defaults are those of the paper or of the released code of each backbone, where they fit any data set. The
module `recipes` contains the whole setting of each paper, and the common setting of the LGHRec paper.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, get_args

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


class MfBackbone(Spec):
    """Matrix factorization with the BPR loss."""

    name: Literal["mf"] = "mf"


class LightGcnBackbone(Spec):
    """LightGCN (He et al. 2020): the mean over layers of graph convolutions, with the BPR loss."""

    name: Literal["lightgcn"] = "lightgcn"
    layers: Layers = 3
    """Number of graph convolutions."""


class LightCcfBackbone(Spec):
    """LightCCF (2025): the BPR loss and a neighborhood aggregation contrast between users and items.

    The defaults are those of the released code on sparse data. The interactions of a batch are each other's
    negatives, so a batch should contain few interactions of each user: on small dense data use small batches
    and a smaller weight, and try the form `sum`.
    """

    name: Literal["lightccf"] = "lightccf"
    encoder: GraphEncoder = "mf"
    """Encoder of users and items."""
    layers: Layers = 3
    """Number of graph convolutions, for the encoder `lightgcn` only."""
    temperature: Temperature = 0.28
    """Temperature of the contrast."""
    contrast_weight: Weight = 1.0
    """Weight of the contrast, relative to the ranking loss."""
    form: Literal["product", "sum"] = "product"
    """Form of the denominator. `product` adds similarities before the exponential, as the released code does;
    `sum` adds two sums of exponentials."""


class SglBackbone(Spec):
    """SGL (Wu et al. 2021): a contrast between two views of the graph with randomly removed parts.

    The views are drawn again in each epoch.
    """

    name: Literal["sgl"] = "sgl"
    layers: Layers = 3
    """Number of graph convolutions."""
    temperature: Temperature = 0.2
    """Temperature of the contrast."""
    contrast_weight: Weight = 0.1
    """Weight of the contrast, relative to the ranking loss."""
    dropout: GraphDropout = "edge"
    """Method that removes parts of the graph."""
    drop_rate: Rate = 0.1
    """Share of the graph that is removed."""
    pool: Literal["all", "batch"] = "all"
    """Negatives of the contrast. `all` uses all nodes of the type (users, items), `batch` the distinct nodes
    of the batch."""


class SimGclBackbone(Spec):
    """SimGCL (Yu et al. 2022): a contrast between two views with uniform noise in each layer."""

    name: Literal["simgcl"] = "simgcl"
    layers: Layers = 3
    """Number of graph convolutions."""
    temperature: Temperature = 0.2
    """Temperature of the contrast."""
    contrast_weight: Weight = 0.5
    """Weight of the contrast, relative to the ranking loss."""
    noise: Noise = 0.1
    """Length of the noise vector of each layer."""
    keep_layer_zero: bool = False
    """Whether the mean over layers includes layer zero. The published code excludes it, also at inference."""


class LightGclBackbone(Spec):
    """LightGCL (Cai et al. 2023), as in the released code: a contrast with a low-rank view of the graph.

    It uses dot products and sums over layers.
    """

    name: Literal["lightgcl"] = "lightgcl"
    layers: Layers = 2
    """Number of graph convolutions."""
    temperature: Temperature = 0.2
    """Temperature of the contrast."""
    contrast_weight: Weight = 0.2
    """Weight of the contrast, relative to the ranking loss."""
    rank: Annotated[int, Field(ge=1, le=256)] = 5
    """Rank of the singular value decomposition."""
    edge_dropout: Rate = 0.0
    """Share of the interactions that are removed in each step."""


class SccfBackbone(Spec):
    """SCCF (Wu et al. 2024): one contrast over the users and items of a batch is the whole loss."""

    name: Literal["sccf"] = "sccf"
    encoder: GraphEncoder = "mf"
    """Encoder of users and items."""
    layers: Layers = 3
    """Number of graph convolutions, for the encoder `lightgcn` only."""
    temperature: Temperature = 0.2
    """Temperature of the contrast."""


class VgclBackbone(Spec):
    """VGCL (Yang et al. 2023): contrasts between two samples of a variational embedding, by node and by
    cluster."""

    name: Literal["vgcl"] = "vgcl"
    layers: Layers = 2
    """Number of graph convolutions."""
    temperature: Temperature = 0.2
    """Temperature of the contrast by node."""
    cluster_temperature: Temperature = 0.13
    """Temperature of the contrast by cluster."""
    contrast_weight: Weight = 0.2
    """Weight of the contrast by node, relative to the ranking loss."""
    cluster_weight: Weight = 0.4
    """Weight of the contrast by cluster, as a multiple of `contrast_weight`."""
    kl_weight: Weight = 0.1
    """Weight of the KL divergence, relative to the ranking loss."""
    noise: Noise = 0.01
    """Scale of the standard deviation of the samples. With 0 both samples are the mean."""
    user_clusters: Clusters | None = None
    """Number of user clusters. None means a tenth of the users, at most 900."""
    item_clusters: Clusters | None = None
    """Number of item clusters. None means a tenth of the items, at most 300."""


class NesclBackbone(Spec):
    """NESCL (Sun et al. 2023): the views of SGL, with two more positives for each anchor.

    These are a similar node of the anchor's type, and the other node of the interaction.
    """

    name: Literal["nescl"] = "nescl"
    layers: Layers = 2
    """Number of graph convolutions."""
    temperature: Temperature = 0.1
    """Temperature of the contrast."""
    contrast_weight: Weight = 0.3
    """Weight of the contrast, relative to the ranking loss."""
    dropout: Literal["edge", "node"] = "node"
    """Method that removes parts of the graph. `edge` removes interactions, and `node` removes users and items
    with their interactions."""
    drop_rate: Rate = 0.3
    """Share of the graph that is removed."""
    neighbors: Annotated[int, Field(ge=1, le=1000)] = 15
    """Number of the most similar nodes of the same type from which a positive is drawn."""
    neighbor_sampling: Literal["uniform", "similarity"] = "uniform"
    """Sampling of a positive among these nodes: with equal probability, or in proportion to their
    similarity."""
    positive_reduction: Literal["log_mean", "mean_log"] = "log_mean"
    """Combination of the positives of an anchor: the logarithm of their mean, or the mean of their
    logarithms."""
    keep_layer_zero: bool = False
    """Whether the mean over layers includes layer zero."""


class CikgBackbone(Spec):
    """CIKG (Hu et al. 2025): interactions, an item knowledge graph and the interests of users in one
    graph."""

    name: Literal["cikg"] = "cikg"
    layers: Layers = 3
    """Number of graph convolutions."""
    temperature: Temperature = 0.2
    """Temperature of the contrasts."""
    contrast_weight: Weight = 0.02
    """Weight of the contrasts, relative to the ranking loss."""
    noise: Noise = 0.1
    """Length of the noise vector of each layer."""
    reconstruction_weight: Weight = 0.03
    """Weight of the reconstruction of masked interests, relative to the ranking loss."""
    mask_rate_min: Share = 0.05
    """Share of the interests that are masked in the first epoch. The share grows geometrically."""
    mask_rate_max: Share = 0.65
    """Largest share of the interests that are masked, at least `mask_rate_min`."""
    mask_epochs: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Number of epochs until the share is `mask_rate_max`."""
    replace_rate: Rate = 0.1
    """Share of the masked interests that receive the embedding of another interest instead of the mask."""
    reconstruction_power: Annotated[float, Field(ge=1, le=10)] = 2.0
    """Exponent of the cosine loss of the reconstruction."""
    cf_view: Literal["hybrid", "cf"] = "hybrid"
    """Graph of the noisy view. `hybrid` is the whole graph, as in the released code; `cf` has interactions
    only, as in the paper."""

    @model_validator(mode="after")
    def _rates_in_order(self) -> CikgBackbone:
        if self.mask_rate_min > self.mask_rate_max:
            raise field_error("mask_rate_min", f"above mask_rate_max: got {self.mask_rate_min}")
        return self


class AutoGraphBackbone(Spec):
    """AutoGraph (Shan et al. 2024): a graph with the latent codes of semantic ids as nodes.

    Without semantic ids the codes are those of the interactions' singular vectors.
    """

    name: Literal["autograph"] = "autograph"
    codebooks: Annotated[int, Field(ge=1, le=8)] = 3
    """Number of levels of the residual quantization."""
    codes: Annotated[int, Field(ge=1, le=65_536)] | None = None
    """Number of codes per level. None means an eighth of the nodes of the type, at most 256."""
    heads: Annotated[int, Field(ge=1, le=16)] = 2
    """Number of attention heads."""
    dropout: Rate = 0.1
    """Dropout rate of the metapath embeddings."""
    ranking_loss: Literal["softmax", "bpr"] = "softmax"
    """Ranking loss: the cross-entropy of an item among random negatives, or BPR."""
    num_negatives: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Number of negatives per interaction, for the ranking loss `softmax`."""
    temperature: Temperature = 0.2
    """Temperature of the structural contrast."""
    contrast_weight: Weight = 0.1
    """Weight of the structural contrast, relative to the ranking loss."""


_AnyBackbone: TypeAlias = (
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
BackboneSpec = Annotated[_AnyBackbone, Field(discriminator="name")]
"""The backbone, which is selected by its `name`. `serverInfo().capabilities.backbones` lists the backbones
that a server trains."""
BACKBONES = frozenset(backbone.model_fields["name"].default for backbone in get_args(_AnyBackbone))


def has_layers(backbone: Spec) -> bool:
    """Return whether the backbone has graph convolutions, and therefore a structural contrast."""
    return getattr(backbone, "encoder", None) != "mf" and not isinstance(backbone, MfBackbone)


def has_contrast(backbone: Spec) -> bool:
    """Return whether the backbone has contrasts that a policy can act on."""
    return not isinstance(backbone, MfBackbone | LightGcnBackbone)
