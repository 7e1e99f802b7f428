from lghrec.v1 import artifact_pb2 as _artifact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SourceFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SOURCE_FORMAT_UNSPECIFIED: _ClassVar[SourceFormat]
    SOURCE_FORMAT_RECBOLE: _ClassVar[SourceFormat]
    SOURCE_FORMAT_DELIMITED: _ClassVar[SourceFormat]
    SOURCE_FORMAT_JSONL: _ClassVar[SourceFormat]
    SOURCE_FORMAT_PARQUET: _ClassVar[SourceFormat]
    SOURCE_FORMAT_ADJACENCY: _ClassVar[SourceFormat]
    SOURCE_FORMAT_AMAZON: _ClassVar[SourceFormat]
    SOURCE_FORMAT_YELP: _ClassVar[SourceFormat]
    SOURCE_FORMAT_MIND: _ClassVar[SourceFormat]
    SOURCE_FORMAT_MOVIELENS: _ClassVar[SourceFormat]
    SOURCE_FORMAT_JSON_MAPS: _ClassVar[SourceFormat]

class SplitMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SPLIT_METHOD_UNSPECIFIED: _ClassVar[SplitMethod]
    SPLIT_METHOD_RATIO_PER_USER: _ClassVar[SplitMethod]
    SPLIT_METHOD_RATIO_GLOBAL: _ClassVar[SplitMethod]
    SPLIT_METHOD_TEMPORAL: _ClassVar[SplitMethod]
    SPLIT_METHOD_LEAVE_ONE_OUT: _ClassVar[SplitMethod]
    SPLIT_METHOD_GIVEN: _ClassVar[SplitMethod]

class CotProvider(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COT_PROVIDER_UNSPECIFIED: _ClassVar[CotProvider]
    COT_PROVIDER_EXTRACTIVE: _ClassVar[CotProvider]
    COT_PROVIDER_RAW_TEXT: _ClassVar[CotProvider]
    COT_PROVIDER_LLAMACPP: _ClassVar[CotProvider]
    COT_PROVIDER_OPENAI: _ClassVar[CotProvider]

class TextEncoder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TEXT_ENCODER_UNSPECIFIED: _ClassVar[TextEncoder]
    TEXT_ENCODER_MINILM: _ClassVar[TextEncoder]
    TEXT_ENCODER_BERT: _ClassVar[TextEncoder]
    TEXT_ENCODER_LOCAL: _ClassVar[TextEncoder]

class Transform(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSFORM_UNSPECIFIED: _ClassVar[Transform]
    TRANSFORM_NONE: _ClassVar[Transform]
    TRANSFORM_CENTER: _ClassVar[Transform]
    TRANSFORM_WHITEN: _ClassVar[Transform]
    TRANSFORM_PCA: _ClassVar[Transform]
SOURCE_FORMAT_UNSPECIFIED: SourceFormat
SOURCE_FORMAT_RECBOLE: SourceFormat
SOURCE_FORMAT_DELIMITED: SourceFormat
SOURCE_FORMAT_JSONL: SourceFormat
SOURCE_FORMAT_PARQUET: SourceFormat
SOURCE_FORMAT_ADJACENCY: SourceFormat
SOURCE_FORMAT_AMAZON: SourceFormat
SOURCE_FORMAT_YELP: SourceFormat
SOURCE_FORMAT_MIND: SourceFormat
SOURCE_FORMAT_MOVIELENS: SourceFormat
SOURCE_FORMAT_JSON_MAPS: SourceFormat
SPLIT_METHOD_UNSPECIFIED: SplitMethod
SPLIT_METHOD_RATIO_PER_USER: SplitMethod
SPLIT_METHOD_RATIO_GLOBAL: SplitMethod
SPLIT_METHOD_TEMPORAL: SplitMethod
SPLIT_METHOD_LEAVE_ONE_OUT: SplitMethod
SPLIT_METHOD_GIVEN: SplitMethod
COT_PROVIDER_UNSPECIFIED: CotProvider
COT_PROVIDER_EXTRACTIVE: CotProvider
COT_PROVIDER_RAW_TEXT: CotProvider
COT_PROVIDER_LLAMACPP: CotProvider
COT_PROVIDER_OPENAI: CotProvider
TEXT_ENCODER_UNSPECIFIED: TextEncoder
TEXT_ENCODER_MINILM: TextEncoder
TEXT_ENCODER_BERT: TextEncoder
TEXT_ENCODER_LOCAL: TextEncoder
TRANSFORM_UNSPECIFIED: Transform
TRANSFORM_NONE: Transform
TRANSFORM_CENTER: Transform
TRANSFORM_WHITEN: Transform
TRANSFORM_PCA: Transform

class PreprocessSpec(_message.Message):
    __slots__ = ("source", "filter", "split", "semantic")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_FIELD_NUMBER: _ClassVar[int]
    source: Source
    filter: Filter
    split: Split
    semantic: Semantic
    def __init__(self, source: _Optional[_Union[Source, _Mapping]] = ..., filter: _Optional[_Union[Filter, _Mapping]] = ..., split: _Optional[_Union[Split, _Mapping]] = ..., semantic: _Optional[_Union[Semantic, _Mapping]] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("builtin", "path", "format")
    BUILTIN_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    builtin: str
    path: str
    format: SourceFormat
    def __init__(self, builtin: _Optional[str] = ..., path: _Optional[str] = ..., format: _Optional[_Union[SourceFormat, str]] = ...) -> None: ...

class Filter(_message.Message):
    __slots__ = ("min_rating", "k_core")
    MIN_RATING_FIELD_NUMBER: _ClassVar[int]
    K_CORE_FIELD_NUMBER: _ClassVar[int]
    min_rating: float
    k_core: int
    def __init__(self, min_rating: _Optional[float] = ..., k_core: _Optional[int] = ...) -> None: ...

class Split(_message.Message):
    __slots__ = ("method", "train", "valid", "test", "seed")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    TRAIN_FIELD_NUMBER: _ClassVar[int]
    VALID_FIELD_NUMBER: _ClassVar[int]
    TEST_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    method: SplitMethod
    train: float
    valid: float
    test: float
    seed: int
    def __init__(self, method: _Optional[_Union[SplitMethod, str]] = ..., train: _Optional[float] = ..., valid: _Optional[float] = ..., test: _Optional[float] = ..., seed: _Optional[int] = ...) -> None: ...

class Semantic(_message.Message):
    __slots__ = ("cot", "encoder", "transform", "fields", "max_tokens")
    COT_FIELD_NUMBER: _ClassVar[int]
    ENCODER_FIELD_NUMBER: _ClassVar[int]
    TRANSFORM_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    cot: CotProvider
    encoder: TextEncoder
    transform: Transform
    fields: _containers.RepeatedScalarFieldContainer[str]
    max_tokens: int
    def __init__(self, cot: _Optional[_Union[CotProvider, str]] = ..., encoder: _Optional[_Union[TextEncoder, str]] = ..., transform: _Optional[_Union[Transform, str]] = ..., fields: _Optional[_Iterable[str]] = ..., max_tokens: _Optional[int] = ...) -> None: ...

class PreprocessResult(_message.Message):
    __slots__ = ("dataset", "semantic_ids", "statistics")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_IDS_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    dataset: _artifact_pb2.ArtifactRef
    semantic_ids: _artifact_pb2.ArtifactRef
    statistics: DatasetStatistics
    def __init__(self, dataset: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ..., semantic_ids: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ..., statistics: _Optional[_Union[DatasetStatistics, _Mapping]] = ...) -> None: ...

class DatasetStatistics(_message.Message):
    __slots__ = ("num_users", "num_items", "num_interactions", "num_train", "num_valid", "num_test", "num_rows_read", "num_duplicates", "split_sha256")
    NUM_USERS_FIELD_NUMBER: _ClassVar[int]
    NUM_ITEMS_FIELD_NUMBER: _ClassVar[int]
    NUM_INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    NUM_TRAIN_FIELD_NUMBER: _ClassVar[int]
    NUM_VALID_FIELD_NUMBER: _ClassVar[int]
    NUM_TEST_FIELD_NUMBER: _ClassVar[int]
    NUM_ROWS_READ_FIELD_NUMBER: _ClassVar[int]
    NUM_DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    SPLIT_SHA256_FIELD_NUMBER: _ClassVar[int]
    num_users: int
    num_items: int
    num_interactions: int
    num_train: int
    num_valid: int
    num_test: int
    num_rows_read: int
    num_duplicates: int
    split_sha256: str
    def __init__(self, num_users: _Optional[int] = ..., num_items: _Optional[int] = ..., num_interactions: _Optional[int] = ..., num_train: _Optional[int] = ..., num_valid: _Optional[int] = ..., num_test: _Optional[int] = ..., num_rows_read: _Optional[int] = ..., num_duplicates: _Optional[int] = ..., split_sha256: _Optional[str] = ...) -> None: ...
