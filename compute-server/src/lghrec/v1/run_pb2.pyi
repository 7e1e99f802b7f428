import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from lghrec.v1 import compare_spec_pb2 as _compare_spec_pb2
from lghrec.v1 import evaluate_spec_pb2 as _evaluate_spec_pb2
from lghrec.v1 import export_spec_pb2 as _export_spec_pb2
from lghrec.v1 import preprocess_spec_pb2 as _preprocess_spec_pb2
from lghrec.v1 import report_spec_pb2 as _report_spec_pb2
from lghrec.v1 import run_event_pb2 as _run_event_pb2
from lghrec.v1 import run_result_pb2 as _run_result_pb2
from lghrec.v1 import train_spec_pb2 as _train_spec_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RunKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUN_KIND_UNSPECIFIED: _ClassVar[RunKind]
    RUN_KIND_PREPROCESS: _ClassVar[RunKind]
    RUN_KIND_TRAIN: _ClassVar[RunKind]
    RUN_KIND_EVALUATE: _ClassVar[RunKind]
    RUN_KIND_EXPORT: _ClassVar[RunKind]
    RUN_KIND_COMPARE: _ClassVar[RunKind]
    RUN_KIND_REPORT: _ClassVar[RunKind]

class CancelMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CANCEL_MODE_UNSPECIFIED: _ClassVar[CancelMode]
    CANCEL_MODE_GRACEFUL: _ClassVar[CancelMode]
    CANCEL_MODE_NOW: _ClassVar[CancelMode]
RUN_KIND_UNSPECIFIED: RunKind
RUN_KIND_PREPROCESS: RunKind
RUN_KIND_TRAIN: RunKind
RUN_KIND_EVALUATE: RunKind
RUN_KIND_EXPORT: RunKind
RUN_KIND_COMPARE: RunKind
RUN_KIND_REPORT: RunKind
CANCEL_MODE_UNSPECIFIED: CancelMode
CANCEL_MODE_GRACEFUL: CancelMode
CANCEL_MODE_NOW: CancelMode

class Run(_message.Message):
    __slots__ = ("id", "kind", "state", "labels", "preprocess", "train", "evaluate", "export", "compare", "report", "spec_digest", "result", "failure", "progress", "head_seq", "queue_position", "create_time", "start_time", "end_time", "variant")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    PREPROCESS_FIELD_NUMBER: _ClassVar[int]
    TRAIN_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_FIELD_NUMBER: _ClassVar[int]
    EXPORT_FIELD_NUMBER: _ClassVar[int]
    COMPARE_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    SPEC_DIGEST_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    HEAD_SEQ_FIELD_NUMBER: _ClassVar[int]
    QUEUE_POSITION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    VARIANT_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: RunKind
    state: _run_event_pb2.RunState
    labels: _containers.ScalarMap[str, str]
    preprocess: _preprocess_spec_pb2.PreprocessSpec
    train: _train_spec_pb2.TrainSpec
    evaluate: _evaluate_spec_pb2.EvaluateSpec
    export: _export_spec_pb2.ExportSpec
    compare: _compare_spec_pb2.CompareSpec
    report: _report_spec_pb2.ReportSpec
    spec_digest: str
    result: _run_result_pb2.RunResult
    failure: _run_event_pb2.Failure
    progress: _run_event_pb2.Progress
    head_seq: int
    queue_position: int
    create_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    variant: _train_spec_pb2.Variant
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[_Union[RunKind, str]] = ..., state: _Optional[_Union[_run_event_pb2.RunState, str]] = ..., labels: _Optional[_Mapping[str, str]] = ..., preprocess: _Optional[_Union[_preprocess_spec_pb2.PreprocessSpec, _Mapping]] = ..., train: _Optional[_Union[_train_spec_pb2.TrainSpec, _Mapping]] = ..., evaluate: _Optional[_Union[_evaluate_spec_pb2.EvaluateSpec, _Mapping]] = ..., export: _Optional[_Union[_export_spec_pb2.ExportSpec, _Mapping]] = ..., compare: _Optional[_Union[_compare_spec_pb2.CompareSpec, _Mapping]] = ..., report: _Optional[_Union[_report_spec_pb2.ReportSpec, _Mapping]] = ..., spec_digest: _Optional[str] = ..., result: _Optional[_Union[_run_result_pb2.RunResult, _Mapping]] = ..., failure: _Optional[_Union[_run_event_pb2.Failure, _Mapping]] = ..., progress: _Optional[_Union[_run_event_pb2.Progress, _Mapping]] = ..., head_seq: _Optional[int] = ..., queue_position: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., variant: _Optional[_Union[_train_spec_pb2.Variant, str]] = ...) -> None: ...

class GetRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class GetRunResponse(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: Run
    def __init__(self, run: _Optional[_Union[Run, _Mapping]] = ...) -> None: ...

class ListRunsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "kinds", "states", "labels")
    class LabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    kinds: _containers.RepeatedScalarFieldContainer[RunKind]
    states: _containers.RepeatedScalarFieldContainer[_run_event_pb2.RunState]
    labels: _containers.ScalarMap[str, str]
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., kinds: _Optional[_Iterable[_Union[RunKind, str]]] = ..., states: _Optional[_Iterable[_Union[_run_event_pb2.RunState, str]]] = ..., labels: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ListRunsResponse(_message.Message):
    __slots__ = ("runs", "next_page_token")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[Run]
    next_page_token: str
    def __init__(self, runs: _Optional[_Iterable[_Union[Run, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchRunRequest(_message.Message):
    __slots__ = ("run_id", "after_seq")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQ_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    after_seq: int
    def __init__(self, run_id: _Optional[str] = ..., after_seq: _Optional[int] = ...) -> None: ...

class WatchRunResponse(_message.Message):
    __slots__ = ("event", "heartbeat")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    event: _run_event_pb2.RunEvent
    heartbeat: Heartbeat
    def __init__(self, event: _Optional[_Union[_run_event_pb2.RunEvent, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("head_seq",)
    HEAD_SEQ_FIELD_NUMBER: _ClassVar[int]
    head_seq: int
    def __init__(self, head_seq: _Optional[int] = ...) -> None: ...

class CancelRunRequest(_message.Message):
    __slots__ = ("run_id", "mode", "reason")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    mode: CancelMode
    reason: str
    def __init__(self, run_id: _Optional[str] = ..., mode: _Optional[_Union[CancelMode, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class CancelRunResponse(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: Run
    def __init__(self, run: _Optional[_Union[Run, _Mapping]] = ...) -> None: ...

class DeleteRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class DeleteRunResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
