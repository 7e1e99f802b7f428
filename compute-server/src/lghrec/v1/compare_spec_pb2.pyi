from lghrec.v1 import artifact_pb2 as _artifact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CompareEntry(_message.Message):
    __slots__ = ("name", "reports")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    reports: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., reports: _Optional[_Iterable[str]] = ...) -> None: ...

class CompareSpec(_message.Message):
    __slots__ = ("entries", "baseline", "metrics", "resamples", "confidence", "seed", "threads")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    RESAMPLES_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[CompareEntry]
    baseline: str
    metrics: _containers.RepeatedScalarFieldContainer[str]
    resamples: int
    confidence: float
    seed: int
    threads: int
    def __init__(self, entries: _Optional[_Iterable[_Union[CompareEntry, _Mapping]]] = ..., baseline: _Optional[str] = ..., metrics: _Optional[_Iterable[str]] = ..., resamples: _Optional[int] = ..., confidence: _Optional[float] = ..., seed: _Optional[int] = ..., threads: _Optional[int] = ...) -> None: ...

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

class CompareResult(_message.Message):
    __slots__ = ("report", "rows")
    REPORT_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    report: _artifact_pb2.ArtifactRef
    rows: _containers.RepeatedCompositeFieldContainer[CompareRow]
    def __init__(self, report: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[CompareRow, _Mapping]]] = ...) -> None: ...
