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

class TextSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TEXT_SOURCE_UNSPECIFIED: _ClassVar[TextSource]
    TEXT_SOURCE_EXTRACTIVE: _ClassVar[TextSource]
    TEXT_SOURCE_RAW_TEXT: _ClassVar[TextSource]
    TEXT_SOURCE_LLAMACPP: _ClassVar[TextSource]
    TEXT_SOURCE_OPENAI: _ClassVar[TextSource]

class TextEncoder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TEXT_ENCODER_UNSPECIFIED: _ClassVar[TextEncoder]
    TEXT_ENCODER_MINILM: _ClassVar[TextEncoder]
    TEXT_ENCODER_LOCAL: _ClassVar[TextEncoder]

class Transform(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSFORM_UNSPECIFIED: _ClassVar[Transform]
    TRANSFORM_NONE: _ClassVar[Transform]
    TRANSFORM_CENTER: _ClassVar[Transform]
    TRANSFORM_WHITEN: _ClassVar[Transform]
    TRANSFORM_PCA: _ClassVar[Transform]

class SemanticStage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEMANTIC_STAGE_UNSPECIFIED: _ClassVar[SemanticStage]
    SEMANTIC_STAGE_ALL: _ClassVar[SemanticStage]
    SEMANTIC_STAGE_ESTIMATE: _ClassVar[SemanticStage]
    SEMANTIC_STAGE_PREVIEW: _ClassVar[SemanticStage]

class Pooling(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    POOLING_UNSPECIFIED: _ClassVar[Pooling]
    POOLING_MEAN: _ClassVar[Pooling]
    POOLING_CLS: _ClassVar[Pooling]
    POOLING_POOLER: _ClassVar[Pooling]
    POOLING_MEAN_NO_CLS: _ClassVar[Pooling]

class Windowing(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WINDOWING_UNSPECIFIED: _ClassVar[Windowing]
    WINDOWING_TRUNCATE: _ClassVar[Windowing]
    WINDOWING_STRIDE: _ClassVar[Windowing]
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
TEXT_SOURCE_UNSPECIFIED: TextSource
TEXT_SOURCE_EXTRACTIVE: TextSource
TEXT_SOURCE_RAW_TEXT: TextSource
TEXT_SOURCE_LLAMACPP: TextSource
TEXT_SOURCE_OPENAI: TextSource
TEXT_ENCODER_UNSPECIFIED: TextEncoder
TEXT_ENCODER_MINILM: TextEncoder
TEXT_ENCODER_LOCAL: TextEncoder
TRANSFORM_UNSPECIFIED: Transform
TRANSFORM_NONE: Transform
TRANSFORM_CENTER: Transform
TRANSFORM_WHITEN: Transform
TRANSFORM_PCA: Transform
SEMANTIC_STAGE_UNSPECIFIED: SemanticStage
SEMANTIC_STAGE_ALL: SemanticStage
SEMANTIC_STAGE_ESTIMATE: SemanticStage
SEMANTIC_STAGE_PREVIEW: SemanticStage
POOLING_UNSPECIFIED: Pooling
POOLING_MEAN: Pooling
POOLING_CLS: Pooling
POOLING_POOLER: Pooling
POOLING_MEAN_NO_CLS: Pooling
WINDOWING_UNSPECIFIED: Windowing
WINDOWING_TRUNCATE: Windowing
WINDOWING_STRIDE: Windowing

class PreprocessSpec(_message.Message):
    __slots__ = ("source", "filter", "split", "semantic")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_FIELD_NUMBER: _ClassVar[int]
    source: SourceSpec
    filter: FilterSpec
    split: SplitSpec
    semantic: SemanticSpec
    def __init__(self, source: _Optional[_Union[SourceSpec, _Mapping]] = ..., filter: _Optional[_Union[FilterSpec, _Mapping]] = ..., split: _Optional[_Union[SplitSpec, _Mapping]] = ..., semantic: _Optional[_Union[SemanticSpec, _Mapping]] = ...) -> None: ...

class SourceSpec(_message.Message):
    __slots__ = ("builtin", "path", "format", "upload", "generator", "columns", "files")
    BUILTIN_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    GENERATOR_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    builtin: str
    path: str
    format: SourceFormat
    upload: str
    generator: GeneratorSpec
    columns: ColumnsSpec
    files: FilesSpec
    def __init__(self, builtin: _Optional[str] = ..., path: _Optional[str] = ..., format: _Optional[_Union[SourceFormat, str]] = ..., upload: _Optional[str] = ..., generator: _Optional[_Union[GeneratorSpec, _Mapping]] = ..., columns: _Optional[_Union[ColumnsSpec, _Mapping]] = ..., files: _Optional[_Union[FilesSpec, _Mapping]] = ...) -> None: ...

class ColumnsSpec(_message.Message):
    __slots__ = ("user", "item", "rating", "timestamp", "text", "separator", "header")
    USER_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SEPARATOR_FIELD_NUMBER: _ClassVar[int]
    HEADER_FIELD_NUMBER: _ClassVar[int]
    user: str
    item: str
    rating: str
    timestamp: str
    text: _containers.RepeatedScalarFieldContainer[str]
    separator: str
    header: bool
    def __init__(self, user: _Optional[str] = ..., item: _Optional[str] = ..., rating: _Optional[str] = ..., timestamp: _Optional[str] = ..., text: _Optional[_Iterable[str]] = ..., separator: _Optional[str] = ..., header: _Optional[bool] = ...) -> None: ...

class FilesSpec(_message.Message):
    __slots__ = ("interactions", "items", "train", "valid", "test", "knowledge", "interests")
    INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    TRAIN_FIELD_NUMBER: _ClassVar[int]
    VALID_FIELD_NUMBER: _ClassVar[int]
    TEST_FIELD_NUMBER: _ClassVar[int]
    KNOWLEDGE_FIELD_NUMBER: _ClassVar[int]
    INTERESTS_FIELD_NUMBER: _ClassVar[int]
    interactions: str
    items: str
    train: str
    valid: str
    test: str
    knowledge: str
    interests: str
    def __init__(self, interactions: _Optional[str] = ..., items: _Optional[str] = ..., train: _Optional[str] = ..., valid: _Optional[str] = ..., test: _Optional[str] = ..., knowledge: _Optional[str] = ..., interests: _Optional[str] = ...) -> None: ...

class GeneratorSpec(_message.Message):
    __slots__ = ("size", "users", "items", "interactions", "categories", "cold_items", "seed")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    USERS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    COLD_ITEMS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    size: str
    users: int
    items: int
    interactions: int
    categories: int
    cold_items: float
    seed: int
    def __init__(self, size: _Optional[str] = ..., users: _Optional[int] = ..., items: _Optional[int] = ..., interactions: _Optional[int] = ..., categories: _Optional[int] = ..., cold_items: _Optional[float] = ..., seed: _Optional[int] = ...) -> None: ...

class FilterSpec(_message.Message):
    __slots__ = ("min_rating", "k_core", "min_user_interactions", "min_item_interactions", "min_time", "max_time")
    MIN_RATING_FIELD_NUMBER: _ClassVar[int]
    K_CORE_FIELD_NUMBER: _ClassVar[int]
    MIN_USER_INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    MIN_ITEM_INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    MIN_TIME_FIELD_NUMBER: _ClassVar[int]
    MAX_TIME_FIELD_NUMBER: _ClassVar[int]
    min_rating: float
    k_core: int
    min_user_interactions: int
    min_item_interactions: int
    min_time: float
    max_time: float
    def __init__(self, min_rating: _Optional[float] = ..., k_core: _Optional[int] = ..., min_user_interactions: _Optional[int] = ..., min_item_interactions: _Optional[int] = ..., min_time: _Optional[float] = ..., max_time: _Optional[float] = ...) -> None: ...

class SplitSpec(_message.Message):
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

class SemanticSpec(_message.Message):
    __slots__ = ("text_source", "encoder", "transform", "fields", "max_tokens", "generation", "pooling", "windowing", "dim", "encoder_path", "stage")
    TEXT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    ENCODER_FIELD_NUMBER: _ClassVar[int]
    TRANSFORM_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKENS_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    POOLING_FIELD_NUMBER: _ClassVar[int]
    WINDOWING_FIELD_NUMBER: _ClassVar[int]
    DIM_FIELD_NUMBER: _ClassVar[int]
    ENCODER_PATH_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    text_source: TextSource
    encoder: TextEncoder
    transform: Transform
    fields: _containers.RepeatedScalarFieldContainer[str]
    max_tokens: int
    generation: GenerationSpec
    pooling: Pooling
    windowing: Windowing
    dim: int
    encoder_path: str
    stage: SemanticStage
    def __init__(self, text_source: _Optional[_Union[TextSource, str]] = ..., encoder: _Optional[_Union[TextEncoder, str]] = ..., transform: _Optional[_Union[Transform, str]] = ..., fields: _Optional[_Iterable[str]] = ..., max_tokens: _Optional[int] = ..., generation: _Optional[_Union[GenerationSpec, _Mapping]] = ..., pooling: _Optional[_Union[Pooling, str]] = ..., windowing: _Optional[_Union[Windowing, str]] = ..., dim: _Optional[int] = ..., encoder_path: _Optional[str] = ..., stage: _Optional[_Union[SemanticStage, str]] = ...) -> None: ...

class GenerationSpec(_message.Message):
    __slots__ = ("endpoint", "model", "prompt", "temperature", "top_p", "repetition_penalty", "max_output_tokens", "seed", "max_in_flight", "requests_per_minute", "input_tokens_per_minute", "output_tokens_per_minute", "budget_tokens", "max_attempts", "timeout_seconds", "preview_items", "input_price", "output_price")
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    TEMPERATURE_FIELD_NUMBER: _ClassVar[int]
    TOP_P_FIELD_NUMBER: _ClassVar[int]
    REPETITION_PENALTY_FIELD_NUMBER: _ClassVar[int]
    MAX_OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    MAX_IN_FLIGHT_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    BUDGET_TOKENS_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_ITEMS_FIELD_NUMBER: _ClassVar[int]
    INPUT_PRICE_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_PRICE_FIELD_NUMBER: _ClassVar[int]
    endpoint: str
    model: str
    prompt: str
    temperature: float
    top_p: float
    repetition_penalty: float
    max_output_tokens: int
    seed: int
    max_in_flight: int
    requests_per_minute: int
    input_tokens_per_minute: int
    output_tokens_per_minute: int
    budget_tokens: int
    max_attempts: int
    timeout_seconds: float
    preview_items: int
    input_price: float
    output_price: float
    def __init__(self, endpoint: _Optional[str] = ..., model: _Optional[str] = ..., prompt: _Optional[str] = ..., temperature: _Optional[float] = ..., top_p: _Optional[float] = ..., repetition_penalty: _Optional[float] = ..., max_output_tokens: _Optional[int] = ..., seed: _Optional[int] = ..., max_in_flight: _Optional[int] = ..., requests_per_minute: _Optional[int] = ..., input_tokens_per_minute: _Optional[int] = ..., output_tokens_per_minute: _Optional[int] = ..., budget_tokens: _Optional[int] = ..., max_attempts: _Optional[int] = ..., timeout_seconds: _Optional[float] = ..., preview_items: _Optional[int] = ..., input_price: _Optional[float] = ..., output_price: _Optional[float] = ...) -> None: ...
