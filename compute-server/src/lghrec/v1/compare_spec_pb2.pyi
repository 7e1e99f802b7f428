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
