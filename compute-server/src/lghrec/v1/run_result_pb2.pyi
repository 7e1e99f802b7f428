from lghrec.v1 import artifact_pb2 as _artifact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RunResult(_message.Message):
    __slots__ = ("preprocess", "train", "evaluate", "export", "compare", "report", "reused_from_run_id")
    PREPROCESS_FIELD_NUMBER: _ClassVar[int]
    TRAIN_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_FIELD_NUMBER: _ClassVar[int]
    EXPORT_FIELD_NUMBER: _ClassVar[int]
    COMPARE_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    REUSED_FROM_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    preprocess: PreprocessResult
    train: TrainResult
    evaluate: EvaluateResult
    export: ExportResult
    compare: CompareResult
    report: ReportResult
    reused_from_run_id: str
    def __init__(self, preprocess: _Optional[_Union[PreprocessResult, _Mapping]] = ..., train: _Optional[_Union[TrainResult, _Mapping]] = ..., evaluate: _Optional[_Union[EvaluateResult, _Mapping]] = ..., export: _Optional[_Union[ExportResult, _Mapping]] = ..., compare: _Optional[_Union[CompareResult, _Mapping]] = ..., report: _Optional[_Union[ReportResult, _Mapping]] = ..., reused_from_run_id: _Optional[str] = ...) -> None: ...

class PreprocessResult(_message.Message):
    __slots__ = ("dataset", "semantic_ids", "statistics", "estimate", "preview", "quality")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_IDS_FIELD_NUMBER: _ClassVar[int]
    STATISTICS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    dataset: _artifact_pb2.ArtifactRef
    semantic_ids: _artifact_pb2.ArtifactRef
    statistics: DatasetStatistics
    estimate: SemanticEstimate
    preview: _containers.RepeatedCompositeFieldContainer[ItemPreview]
    quality: SemanticQuality
    def __init__(self, dataset: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ..., semantic_ids: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ..., statistics: _Optional[_Union[DatasetStatistics, _Mapping]] = ..., estimate: _Optional[_Union[SemanticEstimate, _Mapping]] = ..., preview: _Optional[_Iterable[_Union[ItemPreview, _Mapping]]] = ..., quality: _Optional[_Union[SemanticQuality, _Mapping]] = ...) -> None: ...

class DatasetStatistics(_message.Message):
    __slots__ = ("num_users", "num_items", "num_interactions", "num_train", "num_valid", "num_test", "num_rows_read", "num_duplicates", "split_sha256", "num_cold_users", "num_cold_items", "filters", "knowledge", "interests")
    NUM_USERS_FIELD_NUMBER: _ClassVar[int]
    NUM_ITEMS_FIELD_NUMBER: _ClassVar[int]
    NUM_INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    NUM_TRAIN_FIELD_NUMBER: _ClassVar[int]
    NUM_VALID_FIELD_NUMBER: _ClassVar[int]
    NUM_TEST_FIELD_NUMBER: _ClassVar[int]
    NUM_ROWS_READ_FIELD_NUMBER: _ClassVar[int]
    NUM_DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    SPLIT_SHA256_FIELD_NUMBER: _ClassVar[int]
    NUM_COLD_USERS_FIELD_NUMBER: _ClassVar[int]
    NUM_COLD_ITEMS_FIELD_NUMBER: _ClassVar[int]
    FILTERS_FIELD_NUMBER: _ClassVar[int]
    KNOWLEDGE_FIELD_NUMBER: _ClassVar[int]
    INTERESTS_FIELD_NUMBER: _ClassVar[int]
    num_users: int
    num_items: int
    num_interactions: int
    num_train: int
    num_valid: int
    num_test: int
    num_rows_read: int
    num_duplicates: int
    split_sha256: str
    num_cold_users: int
    num_cold_items: int
    filters: _containers.RepeatedCompositeFieldContainer[FilterStep]
    knowledge: KnowledgeStatistics
    interests: InterestStatistics
    def __init__(self, num_users: _Optional[int] = ..., num_items: _Optional[int] = ..., num_interactions: _Optional[int] = ..., num_train: _Optional[int] = ..., num_valid: _Optional[int] = ..., num_test: _Optional[int] = ..., num_rows_read: _Optional[int] = ..., num_duplicates: _Optional[int] = ..., split_sha256: _Optional[str] = ..., num_cold_users: _Optional[int] = ..., num_cold_items: _Optional[int] = ..., filters: _Optional[_Iterable[_Union[FilterStep, _Mapping]]] = ..., knowledge: _Optional[_Union[KnowledgeStatistics, _Mapping]] = ..., interests: _Optional[_Union[InterestStatistics, _Mapping]] = ...) -> None: ...

class FilterStep(_message.Message):
    __slots__ = ("name", "num_interactions")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NUM_INTERACTIONS_FIELD_NUMBER: _ClassVar[int]
    name: str
    num_interactions: int
    def __init__(self, name: _Optional[str] = ..., num_interactions: _Optional[int] = ...) -> None: ...

class KnowledgeStatistics(_message.Message):
    __slots__ = ("num_triples", "num_malformed", "num_removed", "num_unreachable", "num_pairs", "num_entities", "num_items")
    NUM_TRIPLES_FIELD_NUMBER: _ClassVar[int]
    NUM_MALFORMED_FIELD_NUMBER: _ClassVar[int]
    NUM_REMOVED_FIELD_NUMBER: _ClassVar[int]
    NUM_UNREACHABLE_FIELD_NUMBER: _ClassVar[int]
    NUM_PAIRS_FIELD_NUMBER: _ClassVar[int]
    NUM_ENTITIES_FIELD_NUMBER: _ClassVar[int]
    NUM_ITEMS_FIELD_NUMBER: _ClassVar[int]
    num_triples: int
    num_malformed: int
    num_removed: int
    num_unreachable: int
    num_pairs: int
    num_entities: int
    num_items: int
    def __init__(self, num_triples: _Optional[int] = ..., num_malformed: _Optional[int] = ..., num_removed: _Optional[int] = ..., num_unreachable: _Optional[int] = ..., num_pairs: _Optional[int] = ..., num_entities: _Optional[int] = ..., num_items: _Optional[int] = ...) -> None: ...

class InterestStatistics(_message.Message):
    __slots__ = ("num_rows", "num_malformed", "num_removed", "num_unknown", "num_pairs", "num_interests", "num_users")
    NUM_ROWS_FIELD_NUMBER: _ClassVar[int]
    NUM_MALFORMED_FIELD_NUMBER: _ClassVar[int]
    NUM_REMOVED_FIELD_NUMBER: _ClassVar[int]
    NUM_UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    NUM_PAIRS_FIELD_NUMBER: _ClassVar[int]
    NUM_INTERESTS_FIELD_NUMBER: _ClassVar[int]
    NUM_USERS_FIELD_NUMBER: _ClassVar[int]
    num_rows: int
    num_malformed: int
    num_removed: int
    num_unknown: int
    num_pairs: int
    num_interests: int
    num_users: int
    def __init__(self, num_rows: _Optional[int] = ..., num_malformed: _Optional[int] = ..., num_removed: _Optional[int] = ..., num_unknown: _Optional[int] = ..., num_pairs: _Optional[int] = ..., num_interests: _Optional[int] = ..., num_users: _Optional[int] = ...) -> None: ...

class SemanticEstimate(_message.Message):
    __slots__ = ("num_items", "num_calls", "num_cached", "input_tokens", "input_tokens_exact", "output_tokens", "seconds", "cost", "notes")
    NUM_ITEMS_FIELD_NUMBER: _ClassVar[int]
    NUM_CALLS_FIELD_NUMBER: _ClassVar[int]
    NUM_CACHED_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_EXACT_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    num_items: int
    num_calls: int
    num_cached: int
    input_tokens: int
    input_tokens_exact: bool
    output_tokens: int
    seconds: float
    cost: float
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, num_items: _Optional[int] = ..., num_calls: _Optional[int] = ..., num_cached: _Optional[int] = ..., input_tokens: _Optional[int] = ..., input_tokens_exact: _Optional[bool] = ..., output_tokens: _Optional[int] = ..., seconds: _Optional[float] = ..., cost: _Optional[float] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class ItemPreview(_message.Message):
    __slots__ = ("item", "text", "reasoning", "keywords", "status", "grounded")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REASONING_FIELD_NUMBER: _ClassVar[int]
    KEYWORDS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    GROUNDED_FIELD_NUMBER: _ClassVar[int]
    item: str
    text: str
    reasoning: str
    keywords: _containers.RepeatedScalarFieldContainer[str]
    status: str
    grounded: bool
    def __init__(self, item: _Optional[str] = ..., text: _Optional[str] = ..., reasoning: _Optional[str] = ..., keywords: _Optional[_Iterable[str]] = ..., status: _Optional[str] = ..., grounded: _Optional[bool] = ...) -> None: ...

class SemanticQuality(_message.Message):
    __slots__ = ("num_items", "valid", "repaired", "fallback", "grounded_exact", "grounded_fuzzy", "duplicate", "mean_cosine", "effective_rank", "num_truncated")
    NUM_ITEMS_FIELD_NUMBER: _ClassVar[int]
    VALID_FIELD_NUMBER: _ClassVar[int]
    REPAIRED_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_FIELD_NUMBER: _ClassVar[int]
    GROUNDED_EXACT_FIELD_NUMBER: _ClassVar[int]
    GROUNDED_FUZZY_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    MEAN_COSINE_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_RANK_FIELD_NUMBER: _ClassVar[int]
    NUM_TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    num_items: int
    valid: float
    repaired: float
    fallback: float
    grounded_exact: float
    grounded_fuzzy: float
    duplicate: float
    mean_cosine: float
    effective_rank: float
    num_truncated: int
    def __init__(self, num_items: _Optional[int] = ..., valid: _Optional[float] = ..., repaired: _Optional[float] = ..., fallback: _Optional[float] = ..., grounded_exact: _Optional[float] = ..., grounded_fuzzy: _Optional[float] = ..., duplicate: _Optional[float] = ..., mean_cosine: _Optional[float] = ..., effective_rank: _Optional[float] = ..., num_truncated: _Optional[int] = ...) -> None: ...

class TrainResult(_message.Message):
    __slots__ = ("model", "best_epoch", "epochs_run", "metrics", "train_seconds", "device", "threads")
    class MetricsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    MODEL_FIELD_NUMBER: _ClassVar[int]
    BEST_EPOCH_FIELD_NUMBER: _ClassVar[int]
    EPOCHS_RUN_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    TRAIN_SECONDS_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    model: _artifact_pb2.ArtifactRef
    best_epoch: int
    epochs_run: int
    metrics: _containers.ScalarMap[str, float]
    train_seconds: float
    device: str
    threads: int
    def __init__(self, model: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ..., best_epoch: _Optional[int] = ..., epochs_run: _Optional[int] = ..., metrics: _Optional[_Mapping[str, float]] = ..., train_seconds: _Optional[float] = ..., device: _Optional[str] = ..., threads: _Optional[int] = ...) -> None: ...

class EvaluateResult(_message.Message):
    __slots__ = ("report", "metrics", "num_users", "num_skipped")
    class MetricsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    REPORT_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    NUM_USERS_FIELD_NUMBER: _ClassVar[int]
    NUM_SKIPPED_FIELD_NUMBER: _ClassVar[int]
    report: _artifact_pb2.ArtifactRef
    metrics: _containers.ScalarMap[str, float]
    num_users: int
    num_skipped: int
    def __init__(self, report: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ..., metrics: _Optional[_Mapping[str, float]] = ..., num_users: _Optional[int] = ..., num_skipped: _Optional[int] = ...) -> None: ...

class ExportResult(_message.Message):
    __slots__ = ("export", "index_recall")
    EXPORT_FIELD_NUMBER: _ClassVar[int]
    INDEX_RECALL_FIELD_NUMBER: _ClassVar[int]
    export: _artifact_pb2.ArtifactRef
    index_recall: float
    def __init__(self, export: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ..., index_recall: _Optional[float] = ...) -> None: ...

class CompareResult(_message.Message):
    __slots__ = ("report", "rows")
    REPORT_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    report: _artifact_pb2.ArtifactRef
    rows: _containers.RepeatedCompositeFieldContainer[CompareRow]
    def __init__(self, report: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[CompareRow, _Mapping]]] = ...) -> None: ...

class CompareRow(_message.Message):
    __slots__ = ("name", "metric", "mean", "std", "difference", "relative_difference", "interval_low", "interval_high", "p_t", "p_wilcoxon", "p_permutation", "p_holm", "p_seeds", "num_users", "num_seeds")
    NAME_FIELD_NUMBER: _ClassVar[int]
    METRIC_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    STD_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    RELATIVE_DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_LOW_FIELD_NUMBER: _ClassVar[int]
    INTERVAL_HIGH_FIELD_NUMBER: _ClassVar[int]
    P_T_FIELD_NUMBER: _ClassVar[int]
    P_WILCOXON_FIELD_NUMBER: _ClassVar[int]
    P_PERMUTATION_FIELD_NUMBER: _ClassVar[int]
    P_HOLM_FIELD_NUMBER: _ClassVar[int]
    P_SEEDS_FIELD_NUMBER: _ClassVar[int]
    NUM_USERS_FIELD_NUMBER: _ClassVar[int]
    NUM_SEEDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    metric: str
    mean: float
    std: float
    difference: float
    relative_difference: float
    interval_low: float
    interval_high: float
    p_t: float
    p_wilcoxon: float
    p_permutation: float
    p_holm: float
    p_seeds: float
    num_users: int
    num_seeds: int
    def __init__(self, name: _Optional[str] = ..., metric: _Optional[str] = ..., mean: _Optional[float] = ..., std: _Optional[float] = ..., difference: _Optional[float] = ..., relative_difference: _Optional[float] = ..., interval_low: _Optional[float] = ..., interval_high: _Optional[float] = ..., p_t: _Optional[float] = ..., p_wilcoxon: _Optional[float] = ..., p_permutation: _Optional[float] = ..., p_holm: _Optional[float] = ..., p_seeds: _Optional[float] = ..., num_users: _Optional[int] = ..., num_seeds: _Optional[int] = ...) -> None: ...

class ReportResult(_message.Message):
    __slots__ = ("report",)
    REPORT_FIELD_NUMBER: _ClassVar[int]
    report: _artifact_pb2.ArtifactRef
    def __init__(self, report: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ...) -> None: ...
