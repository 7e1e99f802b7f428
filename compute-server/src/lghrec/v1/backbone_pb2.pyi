from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GraphEncoder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GRAPH_ENCODER_UNSPECIFIED: _ClassVar[GraphEncoder]
    GRAPH_ENCODER_MF: _ClassVar[GraphEncoder]
    GRAPH_ENCODER_LIGHTGCN: _ClassVar[GraphEncoder]

class LightCcfForm(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LIGHT_CCF_FORM_UNSPECIFIED: _ClassVar[LightCcfForm]
    LIGHT_CCF_FORM_PRODUCT: _ClassVar[LightCcfForm]
    LIGHT_CCF_FORM_SUM: _ClassVar[LightCcfForm]

class GraphDropout(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GRAPH_DROPOUT_UNSPECIFIED: _ClassVar[GraphDropout]
    GRAPH_DROPOUT_EDGE: _ClassVar[GraphDropout]
    GRAPH_DROPOUT_NODE: _ClassVar[GraphDropout]
    GRAPH_DROPOUT_RANDOM_WALK: _ClassVar[GraphDropout]

class SglPool(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SGL_POOL_UNSPECIFIED: _ClassVar[SglPool]
    SGL_POOL_ALL: _ClassVar[SglPool]
    SGL_POOL_BATCH: _ClassVar[SglPool]

class NeighborSampling(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NEIGHBOR_SAMPLING_UNSPECIFIED: _ClassVar[NeighborSampling]
    NEIGHBOR_SAMPLING_UNIFORM: _ClassVar[NeighborSampling]
    NEIGHBOR_SAMPLING_SIMILARITY: _ClassVar[NeighborSampling]

class PositiveReduction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POSITIVE_REDUCTION_UNSPECIFIED: _ClassVar[PositiveReduction]
    POSITIVE_REDUCTION_LOG_MEAN: _ClassVar[PositiveReduction]
    POSITIVE_REDUCTION_MEAN_LOG: _ClassVar[PositiveReduction]

class NesclDropout(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NESCL_DROPOUT_UNSPECIFIED: _ClassVar[NesclDropout]
    NESCL_DROPOUT_EDGE: _ClassVar[NesclDropout]
    NESCL_DROPOUT_NODE: _ClassVar[NesclDropout]

class CikgCfView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CIKG_CF_VIEW_UNSPECIFIED: _ClassVar[CikgCfView]
    CIKG_CF_VIEW_HYBRID: _ClassVar[CikgCfView]
    CIKG_CF_VIEW_CF: _ClassVar[CikgCfView]

class AutoGraphRanking(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUTO_GRAPH_RANKING_UNSPECIFIED: _ClassVar[AutoGraphRanking]
    AUTO_GRAPH_RANKING_SOFTMAX: _ClassVar[AutoGraphRanking]
    AUTO_GRAPH_RANKING_BPR: _ClassVar[AutoGraphRanking]
GRAPH_ENCODER_UNSPECIFIED: GraphEncoder
GRAPH_ENCODER_MF: GraphEncoder
GRAPH_ENCODER_LIGHTGCN: GraphEncoder
LIGHT_CCF_FORM_UNSPECIFIED: LightCcfForm
LIGHT_CCF_FORM_PRODUCT: LightCcfForm
LIGHT_CCF_FORM_SUM: LightCcfForm
GRAPH_DROPOUT_UNSPECIFIED: GraphDropout
GRAPH_DROPOUT_EDGE: GraphDropout
GRAPH_DROPOUT_NODE: GraphDropout
GRAPH_DROPOUT_RANDOM_WALK: GraphDropout
SGL_POOL_UNSPECIFIED: SglPool
SGL_POOL_ALL: SglPool
SGL_POOL_BATCH: SglPool
NEIGHBOR_SAMPLING_UNSPECIFIED: NeighborSampling
NEIGHBOR_SAMPLING_UNIFORM: NeighborSampling
NEIGHBOR_SAMPLING_SIMILARITY: NeighborSampling
POSITIVE_REDUCTION_UNSPECIFIED: PositiveReduction
POSITIVE_REDUCTION_LOG_MEAN: PositiveReduction
POSITIVE_REDUCTION_MEAN_LOG: PositiveReduction
NESCL_DROPOUT_UNSPECIFIED: NesclDropout
NESCL_DROPOUT_EDGE: NesclDropout
NESCL_DROPOUT_NODE: NesclDropout
CIKG_CF_VIEW_UNSPECIFIED: CikgCfView
CIKG_CF_VIEW_HYBRID: CikgCfView
CIKG_CF_VIEW_CF: CikgCfView
AUTO_GRAPH_RANKING_UNSPECIFIED: AutoGraphRanking
AUTO_GRAPH_RANKING_SOFTMAX: AutoGraphRanking
AUTO_GRAPH_RANKING_BPR: AutoGraphRanking

class Backbone(_message.Message):
    __slots__ = ("mf", "lightgcn", "lightccf", "sgl", "simgcl", "lightgcl", "sccf", "vgcl", "nescl", "cikg", "autograph")
    MF_FIELD_NUMBER: _ClassVar[int]
    LIGHTGCN_FIELD_NUMBER: _ClassVar[int]
    LIGHTCCF_FIELD_NUMBER: _ClassVar[int]
    SGL_FIELD_NUMBER: _ClassVar[int]
    SIMGCL_FIELD_NUMBER: _ClassVar[int]
    LIGHTGCL_FIELD_NUMBER: _ClassVar[int]
    SCCF_FIELD_NUMBER: _ClassVar[int]
    VGCL_FIELD_NUMBER: _ClassVar[int]
    NESCL_FIELD_NUMBER: _ClassVar[int]
    CIKG_FIELD_NUMBER: _ClassVar[int]
    AUTOGRAPH_FIELD_NUMBER: _ClassVar[int]
    mf: MfBackbone
    lightgcn: LightGcnBackbone
    lightccf: LightCcfBackbone
    sgl: SglBackbone
    simgcl: SimGclBackbone
    lightgcl: LightGclBackbone
    sccf: SccfBackbone
    vgcl: VgclBackbone
    nescl: NesclBackbone
    cikg: CikgBackbone
    autograph: AutoGraphBackbone
    def __init__(self, mf: _Optional[_Union[MfBackbone, _Mapping]] = ..., lightgcn: _Optional[_Union[LightGcnBackbone, _Mapping]] = ..., lightccf: _Optional[_Union[LightCcfBackbone, _Mapping]] = ..., sgl: _Optional[_Union[SglBackbone, _Mapping]] = ..., simgcl: _Optional[_Union[SimGclBackbone, _Mapping]] = ..., lightgcl: _Optional[_Union[LightGclBackbone, _Mapping]] = ..., sccf: _Optional[_Union[SccfBackbone, _Mapping]] = ..., vgcl: _Optional[_Union[VgclBackbone, _Mapping]] = ..., nescl: _Optional[_Union[NesclBackbone, _Mapping]] = ..., cikg: _Optional[_Union[CikgBackbone, _Mapping]] = ..., autograph: _Optional[_Union[AutoGraphBackbone, _Mapping]] = ...) -> None: ...

class MfBackbone(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class LightGcnBackbone(_message.Message):
    __slots__ = ("layers",)
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    layers: int
    def __init__(self, layers: _Optional[int] = ...) -> None: ...

class LightCcfBackbone(_message.Message):
    __slots__ = ("encoder", "layers", "temperature", "contrast_weight", "form")
    ENCODER_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    encoder: GraphEncoder
    layers: int
    temperature: float
    contrast_weight: float
    form: LightCcfForm
    def __init__(self, encoder: _Optional[_Union[GraphEncoder, str]] = ..., layers: _Optional[int] = ..., temperature: _Optional[float] = ..., contrast_weight: _Optional[float] = ..., form: _Optional[_Union[LightCcfForm, str]] = ...) -> None: ...

class SglBackbone(_message.Message):
    __slots__ = ("layers", "temperature", "contrast_weight", "dropout", "drop_rate", "pool")
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    DROPOUT_FIELD_NUMBER: _ClassVar[int]
    DROP_RATE_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    layers: int
    temperature: float
    contrast_weight: float
    dropout: GraphDropout
    drop_rate: float
    pool: SglPool
    def __init__(self, layers: _Optional[int] = ..., temperature: _Optional[float] = ..., contrast_weight: _Optional[float] = ..., dropout: _Optional[_Union[GraphDropout, str]] = ..., drop_rate: _Optional[float] = ..., pool: _Optional[_Union[SglPool, str]] = ...) -> None: ...

class SimGclBackbone(_message.Message):
    __slots__ = ("layers", "temperature", "contrast_weight", "noise", "keep_layer_zero")
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    NOISE_FIELD_NUMBER: _ClassVar[int]
    KEEP_LAYER_ZERO_FIELD_NUMBER: _ClassVar[int]
    layers: int
    temperature: float
    contrast_weight: float
    noise: float
    keep_layer_zero: bool
    def __init__(self, layers: _Optional[int] = ..., temperature: _Optional[float] = ..., contrast_weight: _Optional[float] = ..., noise: _Optional[float] = ..., keep_layer_zero: _Optional[bool] = ...) -> None: ...

class LightGclBackbone(_message.Message):
    __slots__ = ("layers", "temperature", "contrast_weight", "rank", "edge_dropout")
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    EDGE_DROPOUT_FIELD_NUMBER: _ClassVar[int]
    layers: int
    temperature: float
    contrast_weight: float
    rank: int
    edge_dropout: float
    def __init__(self, layers: _Optional[int] = ..., temperature: _Optional[float] = ..., contrast_weight: _Optional[float] = ..., rank: _Optional[int] = ..., edge_dropout: _Optional[float] = ...) -> None: ...

class SccfBackbone(_message.Message):
    __slots__ = ("encoder", "layers", "temperature")
    ENCODER_FIELD_NUMBER: _ClassVar[int]
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    encoder: GraphEncoder
    layers: int
    temperature: float
    def __init__(self, encoder: _Optional[_Union[GraphEncoder, str]] = ..., layers: _Optional[int] = ..., temperature: _Optional[float] = ...) -> None: ...

class VgclBackbone(_message.Message):
    __slots__ = ("layers", "temperature", "cluster_temperature", "contrast_weight", "cluster_weight", "kl_weight", "user_clusters", "item_clusters", "noise")
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    KL_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    USER_CLUSTERS_FIELD_NUMBER: _ClassVar[int]
    ITEM_CLUSTERS_FIELD_NUMBER: _ClassVar[int]
    NOISE_FIELD_NUMBER: _ClassVar[int]
    layers: int
    temperature: float
    cluster_temperature: float
    contrast_weight: float
    cluster_weight: float
    kl_weight: float
    user_clusters: int
    item_clusters: int
    noise: float
    def __init__(self, layers: _Optional[int] = ..., temperature: _Optional[float] = ..., cluster_temperature: _Optional[float] = ..., contrast_weight: _Optional[float] = ..., cluster_weight: _Optional[float] = ..., kl_weight: _Optional[float] = ..., user_clusters: _Optional[int] = ..., item_clusters: _Optional[int] = ..., noise: _Optional[float] = ...) -> None: ...

class NesclBackbone(_message.Message):
    __slots__ = ("layers", "temperature", "contrast_weight", "dropout", "drop_rate", "neighbors", "neighbor_sampling", "positive_reduction", "keep_layer_zero")
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    DROPOUT_FIELD_NUMBER: _ClassVar[int]
    DROP_RATE_FIELD_NUMBER: _ClassVar[int]
    NEIGHBORS_FIELD_NUMBER: _ClassVar[int]
    NEIGHBOR_SAMPLING_FIELD_NUMBER: _ClassVar[int]
    POSITIVE_REDUCTION_FIELD_NUMBER: _ClassVar[int]
    KEEP_LAYER_ZERO_FIELD_NUMBER: _ClassVar[int]
    layers: int
    temperature: float
    contrast_weight: float
    dropout: NesclDropout
    drop_rate: float
    neighbors: int
    neighbor_sampling: NeighborSampling
    positive_reduction: PositiveReduction
    keep_layer_zero: bool
    def __init__(self, layers: _Optional[int] = ..., temperature: _Optional[float] = ..., contrast_weight: _Optional[float] = ..., dropout: _Optional[_Union[NesclDropout, str]] = ..., drop_rate: _Optional[float] = ..., neighbors: _Optional[int] = ..., neighbor_sampling: _Optional[_Union[NeighborSampling, str]] = ..., positive_reduction: _Optional[_Union[PositiveReduction, str]] = ..., keep_layer_zero: _Optional[bool] = ...) -> None: ...

class CikgBackbone(_message.Message):
    __slots__ = ("layers", "temperature", "contrast_weight", "reconstruction_weight", "cf_view", "noise", "mask_rate_min", "mask_rate_max", "mask_epochs", "replace_rate", "reconstruction_power")
    LAYERS_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    RECONSTRUCTION_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    CF_VIEW_FIELD_NUMBER: _ClassVar[int]
    NOISE_FIELD_NUMBER: _ClassVar[int]
    MASK_RATE_MIN_FIELD_NUMBER: _ClassVar[int]
    MASK_RATE_MAX_FIELD_NUMBER: _ClassVar[int]
    MASK_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    REPLACE_RATE_FIELD_NUMBER: _ClassVar[int]
    RECONSTRUCTION_POWER_FIELD_NUMBER: _ClassVar[int]
    layers: int
    temperature: float
    contrast_weight: float
    reconstruction_weight: float
    cf_view: CikgCfView
    noise: float
    mask_rate_min: float
    mask_rate_max: float
    mask_epochs: int
    replace_rate: float
    reconstruction_power: float
    def __init__(self, layers: _Optional[int] = ..., temperature: _Optional[float] = ..., contrast_weight: _Optional[float] = ..., reconstruction_weight: _Optional[float] = ..., cf_view: _Optional[_Union[CikgCfView, str]] = ..., noise: _Optional[float] = ..., mask_rate_min: _Optional[float] = ..., mask_rate_max: _Optional[float] = ..., mask_epochs: _Optional[int] = ..., replace_rate: _Optional[float] = ..., reconstruction_power: _Optional[float] = ...) -> None: ...

class AutoGraphBackbone(_message.Message):
    __slots__ = ("codebooks", "codes", "heads", "contrast_weight", "dropout", "ranking_loss", "num_negatives", "temperature")
    CODEBOOKS_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    HEADS_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    DROPOUT_FIELD_NUMBER: _ClassVar[int]
    RANKING_LOSS_FIELD_NUMBER: _ClassVar[int]
    NUM_NEGATIVES_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    codebooks: int
    codes: int
    heads: int
    contrast_weight: float
    dropout: float
    ranking_loss: AutoGraphRanking
    num_negatives: int
    temperature: float
    def __init__(self, codebooks: _Optional[int] = ..., codes: _Optional[int] = ..., heads: _Optional[int] = ..., contrast_weight: _Optional[float] = ..., dropout: _Optional[float] = ..., ranking_loss: _Optional[_Union[AutoGraphRanking, str]] = ..., num_negatives: _Optional[int] = ..., temperature: _Optional[float] = ...) -> None: ...
