from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class Device(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEVICE_UNSPECIFIED: _ClassVar[Device]
    DEVICE_AUTO: _ClassVar[Device]
    DEVICE_CPU: _ClassVar[Device]
    DEVICE_CUDA: _ClassVar[Device]

class SeenMask(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEEN_MASK_UNSPECIFIED: _ClassVar[SeenMask]
    SEEN_MASK_TRAIN_VALID: _ClassVar[SeenMask]
    SEEN_MASK_TRAIN: _ClassVar[SeenMask]
    SEEN_MASK_ALL: _ClassVar[SeenMask]
DEVICE_UNSPECIFIED: Device
DEVICE_AUTO: Device
DEVICE_CPU: Device
DEVICE_CUDA: Device
SEEN_MASK_UNSPECIFIED: SeenMask
SEEN_MASK_TRAIN_VALID: SeenMask
SEEN_MASK_TRAIN: SeenMask
SEEN_MASK_ALL: SeenMask
