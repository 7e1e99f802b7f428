from lghrec.v1 import device_pb2 as _device_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EvaluationSplit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVALUATION_SPLIT_UNSPECIFIED: _ClassVar[EvaluationSplit]
    EVALUATION_SPLIT_TEST: _ClassVar[EvaluationSplit]
    EVALUATION_SPLIT_VALID: _ClassVar[EvaluationSplit]
EVALUATION_SPLIT_UNSPECIFIED: EvaluationSplit
EVALUATION_SPLIT_TEST: EvaluationSplit
EVALUATION_SPLIT_VALID: EvaluationSplit

class PredictionsSpec(_message.Message):
    __slots__ = ("dataset", "path", "upload", "file", "columns")
    DATASET_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    dataset: str
    path: str
    upload: str
    file: str
    columns: PredictionColumns
    def __init__(self, dataset: _Optional[str] = ..., path: _Optional[str] = ..., upload: _Optional[str] = ..., file: _Optional[str] = ..., columns: _Optional[_Union[PredictionColumns, _Mapping]] = ...) -> None: ...

class PredictionColumns(_message.Message):
    __slots__ = ("user", "item", "score", "separator")
    USER_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    SEPARATOR_FIELD_NUMBER: _ClassVar[int]
    user: str
    item: str
    score: str
    separator: str
    def __init__(self, user: _Optional[str] = ..., item: _Optional[str] = ..., score: _Optional[str] = ..., separator: _Optional[str] = ...) -> None: ...

class EvaluateSpec(_message.Message):
    __slots__ = ("model", "cutoffs", "split", "mask", "drop_unseen", "device", "threads", "predictions", "metrics")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    CUTOFFS_FIELD_NUMBER: _ClassVar[int]
    SPLIT_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    DROP_UNSEEN_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    PREDICTIONS_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    model: str
    cutoffs: _containers.RepeatedScalarFieldContainer[int]
    split: EvaluationSplit
    mask: _device_pb2.SeenMask
    drop_unseen: bool
    device: _device_pb2.Device
    threads: int
    predictions: PredictionsSpec
    metrics: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, model: _Optional[str] = ..., cutoffs: _Optional[_Iterable[int]] = ..., split: _Optional[_Union[EvaluationSplit, str]] = ..., mask: _Optional[_Union[_device_pb2.SeenMask, str]] = ..., drop_unseen: _Optional[bool] = ..., device: _Optional[_Union[_device_pb2.Device, str]] = ..., threads: _Optional[int] = ..., predictions: _Optional[_Union[PredictionsSpec, _Mapping]] = ..., metrics: _Optional[_Iterable[str]] = ...) -> None: ...
