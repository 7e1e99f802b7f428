from lghrec.v1 import backbone_pb2 as _backbone_pb2
from lghrec.v1 import device_pb2 as _device_pb2
from lghrec.v1 import policy_pb2 as _policy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Variant(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VARIANT_UNSPECIFIED: _ClassVar[Variant]
    VARIANT_BASE: _ClassVar[Variant]
    VARIANT_DSEG: _ClassVar[Variant]
    VARIANT_RANDOM: _ClassVar[Variant]
    VARIANT_NO_DSEG: _ClassVar[Variant]
    VARIANT_NO_ADAPTIVE_TAU: _ClassVar[Variant]
    VARIANT_RANDOM_NEG: _ClassVar[Variant]
    VARIANT_NO_HARM: _ClassVar[Variant]
    VARIANT_GRPO: _ClassVar[Variant]
    VARIANT_FULL: _ClassVar[Variant]
    VARIANT_RAW_TEXT: _ClassVar[Variant]
    VARIANT_BASE_COT: _ClassVar[Variant]
    VARIANT_DOMAIN_COT: _ClassVar[Variant]
    VARIANT_COT_TASK: _ClassVar[Variant]
    VARIANT_MIXED: _ClassVar[Variant]
    VARIANT_WEIGHTED_SUM: _ClassVar[Variant]

class TrainRecipe(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRAIN_RECIPE_UNSPECIFIED: _ClassVar[TrainRecipe]
    TRAIN_RECIPE_DEFAULT: _ClassVar[TrainRecipe]
    TRAIN_RECIPE_BACKBONE_PAPER: _ClassVar[TrainRecipe]
    TRAIN_RECIPE_LGHREC_PAPER: _ClassVar[TrainRecipe]

class FusionMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FUSION_METHOD_UNSPECIFIED: _ClassVar[FusionMethod]
    FUSION_METHOD_CONCAT_LINEAR: _ClassVar[FusionMethod]
    FUSION_METHOD_WEIGHTED_SUM: _ClassVar[FusionMethod]

class OptimizerName(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPTIMIZER_NAME_UNSPECIFIED: _ClassVar[OptimizerName]
    OPTIMIZER_NAME_ADAM: _ClassVar[OptimizerName]
    OPTIMIZER_NAME_ADAMW: _ClassVar[OptimizerName]
    OPTIMIZER_NAME_SGD: _ClassVar[OptimizerName]
VARIANT_UNSPECIFIED: Variant
VARIANT_BASE: Variant
VARIANT_DSEG: Variant
VARIANT_RANDOM: Variant
VARIANT_NO_DSEG: Variant
VARIANT_NO_ADAPTIVE_TAU: Variant
VARIANT_RANDOM_NEG: Variant
VARIANT_NO_HARM: Variant
VARIANT_GRPO: Variant
VARIANT_FULL: Variant
VARIANT_RAW_TEXT: Variant
VARIANT_BASE_COT: Variant
VARIANT_DOMAIN_COT: Variant
VARIANT_COT_TASK: Variant
VARIANT_MIXED: Variant
VARIANT_WEIGHTED_SUM: Variant
TRAIN_RECIPE_UNSPECIFIED: TrainRecipe
TRAIN_RECIPE_DEFAULT: TrainRecipe
TRAIN_RECIPE_BACKBONE_PAPER: TrainRecipe
TRAIN_RECIPE_LGHREC_PAPER: TrainRecipe
FUSION_METHOD_UNSPECIFIED: FusionMethod
FUSION_METHOD_CONCAT_LINEAR: FusionMethod
FUSION_METHOD_WEIGHTED_SUM: FusionMethod
OPTIMIZER_NAME_UNSPECIFIED: OptimizerName
OPTIMIZER_NAME_ADAM: OptimizerName
OPTIMIZER_NAME_ADAMW: OptimizerName
OPTIMIZER_NAME_SGD: OptimizerName

class TrainSpec(_message.Message):
    __slots__ = ("dataset", "semantic_ids", "backbone", "policy", "fusion", "optimizer", "embedding_dim", "batch_size", "epochs", "early_stop", "checkpoint", "seed", "device", "threads", "recipe", "variant", "semantic_ids_by_variant")
    class SemanticIdsByVariantEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_IDS_FIELD_NUMBER: _ClassVar[int]
    BACKBONE_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    FUSION_FIELD_NUMBER: _ClassVar[int]
    OPTIMIZER_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_DIM_FIELD_NUMBER: _ClassVar[int]
    BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    EPOCHS_FIELD_NUMBER: _ClassVar[int]
    EARLY_STOP_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    RECIPE_FIELD_NUMBER: _ClassVar[int]
    VARIANT_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_IDS_BY_VARIANT_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    semantic_ids: str
    backbone: _backbone_pb2.Backbone
    policy: _policy_pb2.Policy
    fusion: FusionSpec
    optimizer: OptimizerSpec
    embedding_dim: int
    batch_size: int
    epochs: int
    early_stop: EarlyStopSpec
    checkpoint: CheckpointSpec
    seed: int
    device: _device_pb2.Device
    threads: int
    recipe: TrainRecipe
    variant: Variant
    semantic_ids_by_variant: _containers.ScalarMap[str, str]
    def __init__(self, dataset: _Optional[str] = ..., semantic_ids: _Optional[str] = ..., backbone: _Optional[_Union[_backbone_pb2.Backbone, _Mapping]] = ..., policy: _Optional[_Union[_policy_pb2.Policy, _Mapping]] = ..., fusion: _Optional[_Union[FusionSpec, _Mapping]] = ..., optimizer: _Optional[_Union[OptimizerSpec, _Mapping]] = ..., embedding_dim: _Optional[int] = ..., batch_size: _Optional[int] = ..., epochs: _Optional[int] = ..., early_stop: _Optional[_Union[EarlyStopSpec, _Mapping]] = ..., checkpoint: _Optional[_Union[CheckpointSpec, _Mapping]] = ..., seed: _Optional[int] = ..., device: _Optional[_Union[_device_pb2.Device, str]] = ..., threads: _Optional[int] = ..., recipe: _Optional[_Union[TrainRecipe, str]] = ..., variant: _Optional[_Union[Variant, str]] = ..., semantic_ids_by_variant: _Optional[_Mapping[str, str]] = ...) -> None: ...

class FusionSpec(_message.Message):
    __slots__ = ("method", "learning_rate_factor", "neighbors", "neighbor_weight")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    LEARNING_RATE_FACTOR_FIELD_NUMBER: _ClassVar[int]
    NEIGHBORS_FIELD_NUMBER: _ClassVar[int]
    NEIGHBOR_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    method: FusionMethod
    learning_rate_factor: float
    neighbors: int
    neighbor_weight: float
    def __init__(self, method: _Optional[_Union[FusionMethod, str]] = ..., learning_rate_factor: _Optional[float] = ..., neighbors: _Optional[int] = ..., neighbor_weight: _Optional[float] = ...) -> None: ...

class OptimizerSpec(_message.Message):
    __slots__ = ("learning_rate", "embedding_l2", "name", "weight_decay")
    LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_L2_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_DECAY_FIELD_NUMBER: _ClassVar[int]
    learning_rate: float
    embedding_l2: float
    name: OptimizerName
    weight_decay: float
    def __init__(self, learning_rate: _Optional[float] = ..., embedding_l2: _Optional[float] = ..., name: _Optional[_Union[OptimizerName, str]] = ..., weight_decay: _Optional[float] = ...) -> None: ...

class EarlyStopSpec(_message.Message):
    __slots__ = ("metric", "patience", "every_epochs")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    PATIENCE_FIELD_NUMBER: _ClassVar[int]
    EVERY_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    metric: str
    patience: int
    every_epochs: int
    def __init__(self, metric: _Optional[str] = ..., patience: _Optional[int] = ..., every_epochs: _Optional[int] = ...) -> None: ...

class CheckpointSpec(_message.Message):
    __slots__ = ("every_epochs",)
    EVERY_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    every_epochs: int
    def __init__(self, every_epochs: _Optional[int] = ...) -> None: ...
