"""Options of each backbone; the discriminator `name` is the case of the oneof on the wire.

Defaults are those of each backbone's own paper or released code where they carry over to any data set;
recipes.py has both its own whole setting and the common one of the LGHRec paper.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from lghrec_compute.spec.base import Spec, field_error

Layers = Annotated[int, Field(ge=1, le=8)]
Temperature = Annotated[float, Field(gt=0, le=10)]
Weight = Annotated[float, Field(ge=0, le=1000)]
Rate = Annotated[float, Field(ge=0, lt=1)]
GraphEncoder: TypeAlias = Literal["mf", "lightgcn"]
"""Encoders of users and items. `mf` uses the embedding table, and `lightgcn` the mean over graph convolutions
of it."""
GraphDropout: TypeAlias = Literal["edge", "node", "random_walk"]
"""Methods that remove parts of the graph. `edge` removes interactions, and `node` removes users and items
with their interactions. `random_walk` removes other interactions in each layer."""


class MfBackbone(Spec):
    """Matrix factorisation with the BPR loss."""

    name: Literal["mf"] = "mf"


class LightGcnBackbone(Spec):
    """LightGCN (He et al. 2020): layer mean of `layers` graph convolutions."""

    name: Literal["lightgcn"] = "lightgcn"
    layers: Layers = 3


class LightCcfBackbone(Spec):
    """LightCCF (2025): BPR and a neighbourhood aggregation contrast between users and items.

    Defaults follow the released code on sparse data. A batch should hold few interactions of each user, since
    they are each other's negatives: on small dense data take small batches, a smaller weight, and try `sum`.
    """

    name: Literal["lightccf"] = "lightccf"
    encoder: GraphEncoder = "mf"
    layers: Layers = 3
    """Used by the encoder `lightgcn` only."""
    temperature: Temperature = 0.28
    contrast_weight: Weight = 1.0
    form: Literal["product", "sum"] = "product"
    """`product`: similarities are added before the exponential (released code); `sum`: two sums."""


class SglBackbone(Spec):
    """SGL (Wu et al. 2021): two views of the graph with parts of it left out, drawn anew each epoch."""

    name: Literal["sgl"] = "sgl"
    layers: Layers = 3
    temperature: Temperature = 0.2
    contrast_weight: Weight = 0.1
    dropout: GraphDropout = "edge"
    """`edge`: interactions; `node`: users and items with theirs; `random_walk`: other ones in each layer."""
    drop_rate: Rate = 0.1
    pool: Literal["all", "batch"] = "all"
    """Negatives: all nodes of the type, or the distinct ones of the batch."""


class SimGclBackbone(Spec):
    """SimGCL (Yu et al. 2022): two views with uniform noise in each layer."""

    name: Literal["simgcl"] = "simgcl"
    layers: Layers = 3
    temperature: Temperature = 0.2
    contrast_weight: Weight = 0.5
    noise: Annotated[float, Field(ge=0, le=10)] = 0.1
    """Length of each layer's noise vector."""
    keep_layer_zero: bool = False
    """The published readout skips it, also at inference."""


class LightGclBackbone(Spec):
    """LightGCL (Cai et al. 2023), as released: a low-rank view of the graph, dot products, layer sums."""

    name: Literal["lightgcl"] = "lightgcl"
    layers: Layers = 2
    temperature: Temperature = 0.2
    contrast_weight: Weight = 0.2
    rank: Annotated[int, Field(ge=1, le=256)] = 5
    """Of the singular value decomposition."""
    edge_dropout: Rate = 0.0


class SccfBackbone(Spec):
    """SCCF (Wu et al. 2024): one contrast over the batch's users and items is the whole loss."""

    name: Literal["sccf"] = "sccf"
    encoder: GraphEncoder = "mf"
    layers: Layers = 3
    """Used by the encoder `lightgcn` only."""
    temperature: Temperature = 0.2


class VgclBackbone(Spec):
    """VGCL (Yang et al. 2023): two samples of a variational embedding, contrasted by node and by cluster."""

    name: Literal["vgcl"] = "vgcl"
    layers: Layers = 2
    temperature: Temperature = 0.2
    cluster_temperature: Temperature = 0.13
    contrast_weight: Weight = 0.2
    cluster_weight: Weight = 0.4
    """Of the cluster tasks, as a share of `contrast_weight`."""
    kl_weight: Weight = 0.1
    noise: Annotated[float, Field(ge=0, le=10)] = 0.01
    """Scale of the samples' deviation; 0 makes both views the mean."""
    user_clusters: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """None: a tenth of the users, at most 900."""
    item_clusters: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """None: a tenth of the items, at most 300."""


class NesclBackbone(Spec):
    """NESCL (Sun et al. 2023): SGL's views, with a neighbour and the other end as further positives."""

    name: Literal["nescl"] = "nescl"
    layers: Layers = 2
    temperature: Temperature = 0.1
    contrast_weight: Weight = 0.3
    dropout: Literal["edge", "node"] = "node"
    drop_rate: Rate = 0.3
    neighbors: Annotated[int, Field(ge=1, le=1000)] = 15
    """Most similar nodes of the same type that a positive is drawn from."""
    neighbor_sampling: Literal["uniform", "similarity"] = "uniform"
    positive_reduction: Literal["log_mean", "mean_log"] = "log_mean"
    """Log of the mean over an anchor's positives, or mean of the logs."""
    keep_layer_zero: bool = False


class CikgBackbone(Spec):
    """CIKG (Hu et al. 2025): interactions, an item knowledge graph and users' interests in one graph."""

    name: Literal["cikg"] = "cikg"
    layers: Layers = 3
    temperature: Temperature = 0.2
    contrast_weight: Weight = 0.02
    noise: Annotated[float, Field(ge=0, le=10)] = 0.1
    reconstruction_weight: Weight = 0.03
    mask_rate_min: Annotated[float, Field(gt=0, le=1)] = 0.05
    """Share of interests masked in the first epoch; grows geometrically."""
    mask_rate_max: Annotated[float, Field(gt=0, le=1)] = 0.65
    mask_epochs: Annotated[int, Field(ge=1, le=100_000)] = 100
    """Epochs until `mask_rate_max`."""
    replace_rate: Rate = 0.1
    """Of the masked, the share that gets another interest's row instead of the mask's."""
    reconstruction_power: Annotated[float, Field(ge=1, le=10)] = 2.0
    cf_view: Literal["hybrid", "cf"] = "hybrid"
    """`hybrid`: the released code's, the whole graph; `cf`: interactions only."""

    @model_validator(mode="after")
    def _rates_in_order(self) -> CikgBackbone:
        if self.mask_rate_min > self.mask_rate_max:
            raise field_error("mask_rate_min", f"above mask_rate_max: got {self.mask_rate_min}")
        return self


class AutoGraphBackbone(Spec):
    """AutoGraph (Shan et al. 2024): latent codes of the semantic ids are nodes of the graph."""

    name: Literal["autograph"] = "autograph"
    codebooks: Annotated[int, Field(ge=1, le=8)] = 3
    """Levels of the residual quantisation."""
    codes: Annotated[int, Field(ge=1, le=65_536)] | None = None
    """Codes a level; None: an eighth of the nodes of the type, at most 256."""
    heads: Annotated[int, Field(ge=1, le=16)] = 2
    dropout: Rate = 0.1
    ranking_loss: Literal["softmax", "bpr"] = "softmax"
    num_negatives: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Of the softmax."""
    temperature: Temperature = 0.2
    """Of the structural contrast."""
    contrast_weight: Weight = 0.1


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
    """True where there is a graph convolution, and so a structural contrast."""
    return getattr(backbone, "encoder", None) != "mf" and not isinstance(backbone, MfBackbone)


def has_contrast(backbone: Spec) -> bool:
    """True where the backbone brings contrasts of its own for a policy to act on."""
    return not isinstance(backbone, MfBackbone | LightGcnBackbone)
