from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PoolSampling(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POOL_SAMPLING_UNSPECIFIED: _ClassVar[PoolSampling]
    POOL_SAMPLING_UNIFORM: _ClassVar[PoolSampling]
    POOL_SAMPLING_POPULARITY: _ClassVar[PoolSampling]
    POOL_SAMPLING_MIXED: _ClassVar[PoolSampling]
    POOL_SAMPLING_BATCH: _ClassVar[PoolSampling]

class PolicyPreset(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_PRESET_UNSPECIFIED: _ClassVar[PolicyPreset]
    POLICY_PRESET_RECOMMENDED: _ClassVar[PolicyPreset]
    POLICY_PRESET_PAPER: _ClassVar[PolicyPreset]

class PolicyContrast(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_CONTRAST_UNSPECIFIED: _ClassVar[PolicyContrast]
    POLICY_CONTRAST_BACKBONE: _ClassVar[PolicyContrast]
    POLICY_CONTRAST_STRUCTURAL: _ClassVar[PolicyContrast]
    POLICY_CONTRAST_BOTH: _ClassVar[PolicyContrast]

class PolicyNetwork(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_NETWORK_UNSPECIFIED: _ClassVar[PolicyNetwork]
    POLICY_NETWORK_BASIS: _ClassVar[PolicyNetwork]
    POLICY_NETWORK_BILINEAR: _ClassVar[PolicyNetwork]

class RewardThresholds(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REWARD_THRESHOLDS_UNSPECIFIED: _ClassVar[RewardThresholds]
    REWARD_THRESHOLDS_QUANTILE: _ClassVar[RewardThresholds]
    REWARD_THRESHOLDS_ABSOLUTE: _ClassVar[RewardThresholds]

class PolicyCredit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_CREDIT_UNSPECIFIED: _ClassVar[PolicyCredit]
    POLICY_CREDIT_FACTORED: _ClassVar[PolicyCredit]
    POLICY_CREDIT_JOINT: _ClassVar[PolicyCredit]

class PolicyAdvantage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POLICY_ADVANTAGE_UNSPECIFIED: _ClassVar[PolicyAdvantage]
    POLICY_ADVANTAGE_GROUP: _ClassVar[PolicyAdvantage]
    POLICY_ADVANTAGE_GRPO: _ClassVar[PolicyAdvantage]

class NegativeWeighting(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NEGATIVE_WEIGHTING_UNSPECIFIED: _ClassVar[NegativeWeighting]
    NEGATIVE_WEIGHTING_HARD: _ClassVar[NegativeWeighting]
    NEGATIVE_WEIGHTING_SOFT: _ClassVar[NegativeWeighting]
POOL_SAMPLING_UNSPECIFIED: PoolSampling
POOL_SAMPLING_UNIFORM: PoolSampling
POOL_SAMPLING_POPULARITY: PoolSampling
POOL_SAMPLING_MIXED: PoolSampling
POOL_SAMPLING_BATCH: PoolSampling
POLICY_PRESET_UNSPECIFIED: PolicyPreset
POLICY_PRESET_RECOMMENDED: PolicyPreset
POLICY_PRESET_PAPER: PolicyPreset
POLICY_CONTRAST_UNSPECIFIED: PolicyContrast
POLICY_CONTRAST_BACKBONE: PolicyContrast
POLICY_CONTRAST_STRUCTURAL: PolicyContrast
POLICY_CONTRAST_BOTH: PolicyContrast
POLICY_NETWORK_UNSPECIFIED: PolicyNetwork
POLICY_NETWORK_BASIS: PolicyNetwork
POLICY_NETWORK_BILINEAR: PolicyNetwork
REWARD_THRESHOLDS_UNSPECIFIED: RewardThresholds
REWARD_THRESHOLDS_QUANTILE: RewardThresholds
REWARD_THRESHOLDS_ABSOLUTE: RewardThresholds
POLICY_CREDIT_UNSPECIFIED: PolicyCredit
POLICY_CREDIT_FACTORED: PolicyCredit
POLICY_CREDIT_JOINT: PolicyCredit
POLICY_ADVANTAGE_UNSPECIFIED: PolicyAdvantage
POLICY_ADVANTAGE_GROUP: PolicyAdvantage
POLICY_ADVANTAGE_GRPO: PolicyAdvantage
NEGATIVE_WEIGHTING_UNSPECIFIED: NegativeWeighting
NEGATIVE_WEIGHTING_HARD: NegativeWeighting
NEGATIVE_WEIGHTING_SOFT: NegativeWeighting

class Policy(_message.Message):
    __slots__ = ("native", "random", "hgpo")
    NATIVE_FIELD_NUMBER: _ClassVar[int]
    RANDOM_FIELD_NUMBER: _ClassVar[int]
    HGPO_FIELD_NUMBER: _ClassVar[int]
    native: NativePolicy
    random: RandomPolicy
    hgpo: HgpoPolicy
    def __init__(self, native: _Optional[_Union[NativePolicy, _Mapping]] = ..., random: _Optional[_Union[RandomPolicy, _Mapping]] = ..., hgpo: _Optional[_Union[HgpoPolicy, _Mapping]] = ...) -> None: ...

class NativePolicy(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RandomPolicy(_message.Message):
    __slots__ = ("num_negatives", "pool_size", "contrast", "pool_sampling", "rescale_negatives", "structural_weight", "structural_temperature")
    NUM_NEGATIVES_FIELD_NUMBER: _ClassVar[int]
    POOL_SIZE_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_FIELD_NUMBER: _ClassVar[int]
    POOL_SAMPLING_FIELD_NUMBER: _ClassVar[int]
    RESCALE_NEGATIVES_FIELD_NUMBER: _ClassVar[int]
    STRUCTURAL_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    STRUCTURAL_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    num_negatives: int
    pool_size: int
    contrast: PolicyContrast
    pool_sampling: PoolSampling
    rescale_negatives: bool
    structural_weight: float
    structural_temperature: float
    def __init__(self, num_negatives: _Optional[int] = ..., pool_size: _Optional[int] = ..., contrast: _Optional[_Union[PolicyContrast, str]] = ..., pool_sampling: _Optional[_Union[PoolSampling, str]] = ..., rescale_negatives: _Optional[bool] = ..., structural_weight: _Optional[float] = ..., structural_temperature: _Optional[float] = ...) -> None: ...

class HgpoPolicy(_message.Message):
    __slots__ = ("preset", "contrast", "network", "credit", "num_negatives", "pool_size", "policy_anchors", "thresholds", "easy_threshold", "hard_threshold", "false_negative_threshold", "positive_similarity_threshold", "hard_weight", "false_negative_weight", "false_positive_weight", "easy_weight", "temperature_weight", "target_temperature_scale", "temperature_min", "temperature_max", "num_groups", "clip_range", "update_epochs", "entropy_weight", "temperature_entropy_weight", "harmony_weight", "learning_rate", "pool_sampling", "rescale_negatives", "structural_weight", "structural_temperature", "learn_negatives", "learn_temperature", "advantage", "action_samples", "warmup_epochs", "weighting", "relative_temperature", "max_positive_similarity_quantile", "target_temperature_slope")
    PRESET_FIELD_NUMBER: _ClassVar[int]
    CONTRAST_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    NUM_NEGATIVES_FIELD_NUMBER: _ClassVar[int]
    POOL_SIZE_FIELD_NUMBER: _ClassVar[int]
    POLICY_ANCHORS_FIELD_NUMBER: _ClassVar[int]
    THRESHOLDS_FIELD_NUMBER: _ClassVar[int]
    EASY_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    HARD_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    FALSE_NEGATIVE_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    POSITIVE_SIMILARITY_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    HARD_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    FALSE_NEGATIVE_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    FALSE_POSITIVE_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    EASY_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    TARGET_TEMPERATURE_SCALE_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_MIN_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_MAX_FIELD_NUMBER: _ClassVar[int]
    NUM_GROUPS_FIELD_NUMBER: _ClassVar[int]
    CLIP_RANGE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    ENTROPY_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_ENTROPY_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    HARMONY_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    POOL_SAMPLING_FIELD_NUMBER: _ClassVar[int]
    RESCALE_NEGATIVES_FIELD_NUMBER: _ClassVar[int]
    STRUCTURAL_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    STRUCTURAL_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    LEARN_NEGATIVES_FIELD_NUMBER: _ClassVar[int]
    LEARN_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    ADVANTAGE_FIELD_NUMBER: _ClassVar[int]
    ACTION_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    WARMUP_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    WEIGHTING_FIELD_NUMBER: _ClassVar[int]
    RELATIVE_TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    MAX_POSITIVE_SIMILARITY_QUANTILE_FIELD_NUMBER: _ClassVar[int]
    TARGET_TEMPERATURE_SLOPE_FIELD_NUMBER: _ClassVar[int]
    preset: PolicyPreset
    contrast: PolicyContrast
    network: PolicyNetwork
    credit: PolicyCredit
    num_negatives: int
    pool_size: int
    policy_anchors: int
    thresholds: RewardThresholds
    easy_threshold: float
    hard_threshold: float
    false_negative_threshold: float
    positive_similarity_threshold: float
    hard_weight: float
    false_negative_weight: float
    false_positive_weight: float
    easy_weight: float
    temperature_weight: float
    target_temperature_scale: float
    temperature_min: float
    temperature_max: float
    num_groups: int
    clip_range: float
    update_epochs: int
    entropy_weight: float
    temperature_entropy_weight: float
    harmony_weight: float
    learning_rate: float
    pool_sampling: PoolSampling
    rescale_negatives: bool
    structural_weight: float
    structural_temperature: float
    learn_negatives: bool
    learn_temperature: bool
    advantage: PolicyAdvantage
    action_samples: int
    warmup_epochs: int
    weighting: NegativeWeighting
    relative_temperature: bool
    max_positive_similarity_quantile: float
    target_temperature_slope: float
    def __init__(self, preset: _Optional[_Union[PolicyPreset, str]] = ..., contrast: _Optional[_Union[PolicyContrast, str]] = ..., network: _Optional[_Union[PolicyNetwork, str]] = ..., credit: _Optional[_Union[PolicyCredit, str]] = ..., num_negatives: _Optional[int] = ..., pool_size: _Optional[int] = ..., policy_anchors: _Optional[int] = ..., thresholds: _Optional[_Union[RewardThresholds, str]] = ..., easy_threshold: _Optional[float] = ..., hard_threshold: _Optional[float] = ..., false_negative_threshold: _Optional[float] = ..., positive_similarity_threshold: _Optional[float] = ..., hard_weight: _Optional[float] = ..., false_negative_weight: _Optional[float] = ..., false_positive_weight: _Optional[float] = ..., easy_weight: _Optional[float] = ..., temperature_weight: _Optional[float] = ..., target_temperature_scale: _Optional[float] = ..., temperature_min: _Optional[float] = ..., temperature_max: _Optional[float] = ..., num_groups: _Optional[int] = ..., clip_range: _Optional[float] = ..., update_epochs: _Optional[int] = ..., entropy_weight: _Optional[float] = ..., temperature_entropy_weight: _Optional[float] = ..., harmony_weight: _Optional[float] = ..., learning_rate: _Optional[float] = ..., pool_sampling: _Optional[_Union[PoolSampling, str]] = ..., rescale_negatives: _Optional[bool] = ..., structural_weight: _Optional[float] = ..., structural_temperature: _Optional[float] = ..., learn_negatives: _Optional[bool] = ..., learn_temperature: _Optional[bool] = ..., advantage: _Optional[_Union[PolicyAdvantage, str]] = ..., action_samples: _Optional[int] = ..., warmup_epochs: _Optional[int] = ..., weighting: _Optional[_Union[NegativeWeighting, str]] = ..., relative_temperature: _Optional[bool] = ..., max_positive_similarity_quantile: _Optional[float] = ..., target_temperature_slope: _Optional[float] = ...) -> None: ...
