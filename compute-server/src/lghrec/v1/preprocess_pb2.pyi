from lghrec.v1 import preprocess_spec_pb2 as _preprocess_spec_pb2
from lghrec.v1 import run_pb2 as _run_pb2
from lghrec.v1 import submit_pb2 as _submit_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartPreprocessRequest(_message.Message):
    __slots__ = ("request_id", "spec", "labels", "validate_only", "rerun", "reuse")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    SPEC_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    RERUN_FIELD_NUMBER: _ClassVar[int]
    REUSE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    spec: _preprocess_spec_pb2.PreprocessSpec
    labels: _containers.ScalarMap[str, str]
    validate_only: bool
    rerun: _submit_pb2.Rerun
    reuse: bool
    def __init__(self, request_id: _Optional[str] = ..., spec: _Optional[_Union[_preprocess_spec_pb2.PreprocessSpec, _Mapping]] = ..., labels: _Optional[_Mapping[str, str]] = ..., validate_only: _Optional[bool] = ..., rerun: _Optional[_Union[_submit_pb2.Rerun, str]] = ..., reuse: _Optional[bool] = ...) -> None: ...

class StartPreprocessResponse(_message.Message):
    __slots__ = ("run", "deduplicated")
    RUN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    run: _run_pb2.Run
    deduplicated: bool
    def __init__(self, run: _Optional[_Union[_run_pb2.Run, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...
