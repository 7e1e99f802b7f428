"""Conversion of protobuf messages to dictionaries and back, by reflection on their descriptors.

A message that consists of one oneof (`Backbone`, `Policy`) becomes `{"name": <case>, ...options}`. Enum
values become lower case names without their prefix. A field that is not set is left out, so that `spec/`
fills in its default.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from lghrec_compute.errors import Violation
from lghrec_compute.json_types import Json


def message_to_dict(message: Message, path: str = "") -> tuple[Json, list[Violation]]:
    """Return a message as a dictionary, with a violation for each part that cannot be converted.

    Unknown fields, unknown enum numbers and empty oneofs are violations; none of them silently becomes a
    default. `path` is the path of the message itself, with which all paths of violations start.
    """
    reader = _Reader()
    return reader.message(message, path) or {}, reader.violations


def unknown_fields(message: Message, path: str = "") -> list[Violation]:
    """Return a violation for each field of `message` itself that this server does not know."""
    text = "unknown field number, expected one that this server has"
    return [Violation(_join(path, str(field.field_number)), text) for field in UnknownFieldSet(message)]


def fill(message: Message, data: Json) -> None:
    """Set the fields of a message from a dictionary, the inverse of `message_to_dict`.

    None leaves a field unset. Raises `ValueError` or `TypeError` for a field, an enum value or a type that
    the message does not have.
    """
    message.SetInParent()
    choice = _choice(message.DESCRIPTOR)
    if choice is not None:
        options = {key: value for key, value in data.items() if key != "name"}
        fill(getattr(message, _field(message.DESCRIPTOR, data["name"]).name), options)
        return
    for name, value in data.items():
        if value is not None:
            _set(message, _field(message.DESCRIPTOR, name), value)


def enum_name(enum: EnumDescriptor, number: int) -> str | None:
    """Return the name of an enum value as specs write it, lower case without prefix, None if unknown."""
    value = enum.values_by_number.get(number)
    return None if value is None else value.name.removeprefix(_prefix(enum)).lower()


def enum_number(enum: EnumDescriptor, name: str) -> int:
    """Return the number of an enum value, the inverse of `enum_name`. Raises `ValueError`."""
    value = enum.values_by_name.get(_prefix(enum) + name.upper())
    if value is None:
        raise ValueError(f"{enum.name} has no value {name!r}")
    return value.number


class _Reader:
    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def message(self, message: Message, path: str) -> Json | None:
        self.violations += unknown_fields(message, path)
        choice = _choice(message.DESCRIPTOR)
        if choice is not None:
            return self._chosen(message, choice, path)
        data: Json = {}
        for field, value in message.ListFields():
            converted = self._value(field, value, _join(path, field.name))
            if converted is not None:
                data[field.name] = converted
        return data

    def _chosen(self, message: Message, choice: OneofDescriptor, path: str) -> Json | None:
        case = message.WhichOneof(choice.name)
        if case is None:
            cases = ", ".join(field.name for field in choice.fields)
            self.violations.append(Violation(path, f"no value given, expected one of {cases}"))
            return None
        return {"name": case, **(self.message(getattr(message, case), path) or {})}

    def _value(self, field: FieldDescriptor, value: Any, path: str) -> Any:
        if _is_map(field):
            return dict(value)
        if field.is_repeated:
            return [self._single(field, each, _join(path, str(i))) for i, each in enumerate(value)]
        return self._single(field, value, path)

    def _single(self, field: FieldDescriptor, value: Any, path: str) -> Any:
        if field.message_type is not None:
            return self.message(value, path)
        if field.enum_type is None:
            return value
        name = enum_name(field.enum_type, value)
        if name is None:
            known = ", ".join(enum_name(field.enum_type, v.number) or "" for v in field.enum_type.values[1:])
            self.violations.append(
                Violation(path, f"unknown value, got number {value}, expected one of {known}")
            )
        return name


def _set(message: Message, field: FieldDescriptor, value: Any) -> None:
    if _is_map(field):
        getattr(message, field.name).update(value)
    elif field.is_repeated and field.message_type is not None:
        for each in value:
            fill(getattr(message, field.name).add(), each)
    elif field.is_repeated:
        getattr(message, field.name).extend(value)
    elif field.message_type is not None:
        fill(getattr(message, field.name), value)
    elif field.enum_type is not None:
        setattr(message, field.name, enum_number(field.enum_type, value))
    else:
        setattr(message, field.name, value)


@cache
def _choice(message: Any) -> OneofDescriptor | None:
    """Return the oneof that forms the whole message, or None. Oneofs of `optional` fields start with `_`."""
    real = [oneof for oneof in message.oneofs if not oneof.name.startswith("_")]
    whole = len(real) == 1 and len(real[0].fields) == len(message.fields)
    return real[0] if whole and real[0].name == message.name.lower() else None


def _field(message: Any, name: str) -> FieldDescriptor:
    field = message.fields_by_name.get(name)
    if field is None:
        raise ValueError(f"{message.name} has no field {name!r}")
    return field


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _prefix(enum: EnumDescriptor) -> str:
    return enum.values_by_number[0].name.removesuffix("UNSPECIFIED")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
