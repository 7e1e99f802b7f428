"""Conversion of frozen dataclasses to JSON and back, for events, results and failures.

Supported field types: `str`, `int`, `float`, `bool`, `Literal` of strings, other records, `tuple[X, ...]` and
`Mapping[str, X]`, each also with `| None`. A field that is None is absent in JSON, with or without a default.
Integers are counts, and are not negative, as in the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from lghrec_compute.json_types import Json

R = TypeVar("R")


def record_to_dict(record: Any) -> Json:
    """Return the fields of a record as JSON. Fields that are None are left out."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    return {name: _to_json(value) for name, value in values.items() if value is not None}


def record_from_dict(record_type: type[R], data: object) -> R:
    """Build a record from JSON, the inverse of `record_to_dict`.

    Raises `ValueError` with the path of the field for an unknown or missing field and for a wrong type.
    """
    return _record(record_type, data, record_type.__name__)


def _to_json(value: Any) -> Any:
    if is_dataclass(value):
        return record_to_dict(value)
    if isinstance(value, tuple):
        return [_to_json(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _to_json(each) for key, each in value.items()}
    return value


def _record(record_type: type[R], data: object, path: str) -> R:
    if not isinstance(data, dict):
        raise _wrong(path, data, "an object")
    hints = _field_types(record_type)
    if unknown := data.keys() - hints.keys():
        raise ValueError(f"{path} has no field {sorted(unknown)[0]!r}")
    if missing := _required(record_type) - data.keys():
        raise ValueError(f"{path}.{sorted(missing)[0]} is missing")
    values = {name: _value(hints[name], value, f"{path}.{name}") for name, value in data.items()}
    return record_type(**{**dict.fromkeys(_nullable(record_type)), **values})


def _value(hint: Any, value: Any, path: str) -> Any:
    if is_dataclass(hint):
        return _record(hint, value, path)  # type: ignore[arg-type]
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _value(next(arg for arg in args if arg is not NoneType), value, path)
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong(path, value, "a list")
        return tuple(_value(args[0], each, f"{path}.{index}") for index, each in enumerate(value))
    if origin is Mapping:
        if not isinstance(value, dict):
            raise _wrong(path, value, "an object")
        return {_text(key, path): _value(args[1], each, f"{path}.{key}") for key, each in value.items()}
    if origin is Literal:
        if value not in args:
            raise _wrong(path, value, f"one of {', '.join(args)}")
        return value
    return _scalar(hint, value, path)


def _scalar(hint: Any, value: Any, path: str) -> Any:
    if hint is str:
        return _text(value, path)
    if hint is float and type(value) in (float, int):
        return float(value)
    if hint is int and type(value) is int and value >= 0:
        return value
    if hint is bool and type(value) is bool:
        return value
    raise _wrong(path, value, {int: "a count", float: "a number", bool: "a boolean"}[hint])


def _text(value: object, path: str) -> str:
    """Check that a string can be encoded as UTF-8. Protobuf requires it, and JSON can contain surrogates."""
    if not isinstance(value, str):
        raise _wrong(path, value, "a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _wrong(path, value, "a string of Unicode characters") from None
    return value


@cache
def _field_types(record_type: type) -> dict[str, Any]:
    return get_type_hints(record_type)


@cache
def _without_default(record_type: Any) -> frozenset[str]:
    wanted = (field for field in fields(record_type) if field.default is MISSING)
    return frozenset(field.name for field in wanted if field.default_factory is MISSING)


@cache
def _nullable(record_type: Any) -> frozenset[str]:
    """Fields without a default that may be None: their absence in JSON means None."""
    hints = _field_types(record_type)
    return frozenset(name for name in _without_default(record_type) if NoneType in get_args(hints[name]))


def _required(record_type: Any) -> frozenset[str]:
    return _without_default(record_type) - _nullable(record_type)


def _wrong(path: str, value: object, expected: str) -> ValueError:
    return ValueError(f"{path}: got {str(value)[:100]!r}, expected {expected}")
