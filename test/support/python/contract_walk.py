"""Compares a record with a message of the contract, field by field, and lists the differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

_SCALARS = {
    FieldDescriptor.TYPE_STRING: str,
    FieldDescriptor.TYPE_BOOL: bool,
    FieldDescriptor.TYPE_DOUBLE: float,
    FieldDescriptor.TYPE_UINT32: int,
    FieldDescriptor.TYPE_UINT64: int,
}


def differences(record: Any, message: Descriptor) -> Iterator[str]:
    """Each field that only one of them has, or that has another type or optionality."""
    hints = get_type_hints(record)
    mine, theirs = [field.name for field in fields(record)], [field.name for field in message.fields]
    yield from (f"{record.__name__} lacks {name}" for name in theirs if name not in mine)
    yield from (f"{message.name} lacks {name}" for name in mine if name not in theirs)
    for field in message.fields:
        if field.name in hints:
            path = f"{record.__name__}.{field.name}"
            yield from _field_differences(path, hints[field.name], field)


def enum_values(enum: EnumDescriptor) -> set[str]:
    """Names as records have them: lower case, without the prefix, without "unspecified"."""
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return {value.name.removeprefix(prefix).lower() for value in enum.values[1:]}


def _field_differences(path: str, hint: Any, field: FieldDescriptor) -> Iterator[str]:
    is_optional = get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)
    if is_optional:
        hint = next(arg for arg in get_args(hint) if arg is not NoneType)
    if is_optional and not field.has_presence:
        yield f"{path} may be None, but {field.name} is never unset"
    if field.has_presence and field.message_type is None and not is_optional:
        yield f"{path} is never None, but {field.name} may be unset"
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        value = field.message_type.fields_by_name["value"]
        if get_origin(hint) is not Mapping or get_args(hint) != (str, _SCALARS.get(value.type)):
            yield f"{path} is {hint}, but {field.name} is a map"
    elif field.is_repeated:
        if get_origin(hint) is not tuple:
            yield f"{path} is {hint}, but {field.name} is repeated"
        else:
            yield from _single_differences(path, get_args(hint)[0], field)
    else:
        yield from _single_differences(path, hint, field)


def _single_differences(path: str, hint: Any, field: FieldDescriptor) -> Iterator[str]:
    if field.message_type is not None:
        if not is_dataclass(hint):
            yield f"{path} is {hint}, but {field.name} is a {field.message_type.name}"
        elif hint.__name__ != field.message_type.name:  # type: ignore[union-attr]
            yield f"{path} is a {hint}, but {field.name} is a {field.message_type.name}"
        else:
            yield from differences(hint, field.message_type)
    elif field.enum_type is not None:
        values = enum_values(field.enum_type)
        if get_origin(hint) is not Literal or not set(get_args(hint)) <= values:
            yield f"{path} is {hint}, but {field.name} is one of {sorted(values)}"
    elif hint is not _SCALARS[field.type]:
        yield f"{path} is {hint}, but {field.name} is a {_SCALARS[field.type].__name__}"
