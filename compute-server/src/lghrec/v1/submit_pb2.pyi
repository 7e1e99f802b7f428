from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class Rerun(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RERUN_UNSPECIFIED: _ClassVar[Rerun]
    RERUN_NEVER: _ClassVar[Rerun]
    RERUN_FAILED: _ClassVar[Rerun]
RERUN_UNSPECIFIED: Rerun
RERUN_NEVER: Rerun
RERUN_FAILED: Rerun
