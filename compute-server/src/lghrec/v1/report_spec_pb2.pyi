from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReportEntry(_message.Message):
    __slots__ = ("name", "model", "evaluation")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    EVALUATION_FIELD_NUMBER: _ClassVar[int]
    name: str
    model: str
    evaluation: str
    def __init__(self, name: _Optional[str] = ..., model: _Optional[str] = ..., evaluation: _Optional[str] = ...) -> None: ...

class ReportSweep(_message.Message):
    __slots__ = ("field", "entries")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    field: str
    entries: _containers.RepeatedCompositeFieldContainer[ReportEntry]
    def __init__(self, field: _Optional[str] = ..., entries: _Optional[_Iterable[_Union[ReportEntry, _Mapping]]] = ...) -> None: ...

class ReportSpec(_message.Message):
    __slots__ = ("entries", "sweeps", "comparison")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    SWEEPS_FIELD_NUMBER: _ClassVar[int]
    COMPARISON_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[ReportEntry]
    sweeps: _containers.RepeatedCompositeFieldContainer[ReportSweep]
    comparison: str
    def __init__(self, entries: _Optional[_Iterable[_Union[ReportEntry, _Mapping]]] = ..., sweeps: _Optional[_Iterable[_Union[ReportSweep, _Mapping]]] = ..., comparison: _Optional[str] = ...) -> None: ...
