from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("info",)
    INFO_FIELD_NUMBER: _ClassVar[int]
    info: ServerInfo
    def __init__(self, info: _Optional[_Union[ServerInfo, _Mapping]] = ...) -> None: ...

class ServerInfo(_message.Message):
    __slots__ = ("version", "api_revision", "instance_id", "max_concurrent_runs", "devices", "capabilities")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    API_REVISION_FIELD_NUMBER: _ClassVar[int]
    INSTANCE_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_CONCURRENT_RUNS_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    CAPABILITIES_FIELD_NUMBER: _ClassVar[int]
    version: str
    api_revision: int
    instance_id: str
    max_concurrent_runs: int
    devices: _containers.RepeatedScalarFieldContainer[str]
    capabilities: Capabilities
    def __init__(self, version: _Optional[str] = ..., api_revision: _Optional[int] = ..., instance_id: _Optional[str] = ..., max_concurrent_runs: _Optional[int] = ..., devices: _Optional[_Iterable[str]] = ..., capabilities: _Optional[_Union[Capabilities, _Mapping]] = ...) -> None: ...

class Capabilities(_message.Message):
    __slots__ = ("builtin_datasets", "formats", "text_sources", "encoders", "backbones", "policies", "export_formats")
    BUILTIN_DATASETS_FIELD_NUMBER: _ClassVar[int]
    FORMATS_FIELD_NUMBER: _ClassVar[int]
    TEXT_SOURCES_FIELD_NUMBER: _ClassVar[int]
    ENCODERS_FIELD_NUMBER: _ClassVar[int]
    BACKBONES_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    EXPORT_FORMATS_FIELD_NUMBER: _ClassVar[int]
    builtin_datasets: _containers.RepeatedScalarFieldContainer[str]
    formats: _containers.RepeatedScalarFieldContainer[str]
    text_sources: _containers.RepeatedScalarFieldContainer[str]
    encoders: _containers.RepeatedScalarFieldContainer[str]
    backbones: _containers.RepeatedScalarFieldContainer[str]
    policies: _containers.RepeatedScalarFieldContainer[str]
    export_formats: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, builtin_datasets: _Optional[_Iterable[str]] = ..., formats: _Optional[_Iterable[str]] = ..., text_sources: _Optional[_Iterable[str]] = ..., encoders: _Optional[_Iterable[str]] = ..., backbones: _Optional[_Iterable[str]] = ..., policies: _Optional[_Iterable[str]] = ..., export_formats: _Optional[_Iterable[str]] = ...) -> None: ...
