from lghrec.v1 import device_pb2 as _device_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExportFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPORT_FORMAT_UNSPECIFIED: _ClassVar[ExportFormat]
    EXPORT_FORMAT_SAFETENSORS: _ClassVar[ExportFormat]
    EXPORT_FORMAT_PARQUET: _ClassVar[ExportFormat]
    EXPORT_FORMAT_TOPK: _ClassVar[ExportFormat]
    EXPORT_FORMAT_NPZ: _ClassVar[ExportFormat]
    EXPORT_FORMAT_ONNX: _ClassVar[ExportFormat]
    EXPORT_FORMAT_USEARCH: _ClassVar[ExportFormat]
    EXPORT_FORMAT_TOPK_JSONL: _ClassVar[ExportFormat]
EXPORT_FORMAT_UNSPECIFIED: ExportFormat
EXPORT_FORMAT_SAFETENSORS: ExportFormat
EXPORT_FORMAT_PARQUET: ExportFormat
EXPORT_FORMAT_TOPK: ExportFormat
EXPORT_FORMAT_NPZ: ExportFormat
EXPORT_FORMAT_ONNX: ExportFormat
EXPORT_FORMAT_USEARCH: ExportFormat
EXPORT_FORMAT_TOPK_JSONL: ExportFormat

class ExportSpec(_message.Message):
    __slots__ = ("model", "format", "top_k", "mask", "device", "threads", "run")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    THREADS_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    model: str
    format: ExportFormat
    top_k: int
    mask: _device_pb2.SeenMask
    device: _device_pb2.Device
    threads: int
    run: str
    def __init__(self, model: _Optional[str] = ..., format: _Optional[_Union[ExportFormat, str]] = ..., top_k: _Optional[int] = ..., mask: _Optional[_Union[_device_pb2.SeenMask, str]] = ..., device: _Optional[_Union[_device_pb2.Device, str]] = ..., threads: _Optional[int] = ..., run: _Optional[str] = ...) -> None: ...
