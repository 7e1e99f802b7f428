"""The base of all specs, and the one way from plain data to a checked spec."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from lghrec_compute.errors import ConfigError, Violation

S = TypeVar("S", bound="Spec")


class Spec(BaseModel):
    """A frozen record of what a run may ask for; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)

    outside_digest: ClassVar[frozenset[str]] = frozenset()
    """Fields that are fully applied to other fields, so that `spec_digest` leaves them out."""


def parse(spec_type: type[S], data: Mapping[str, Any]) -> S:
    """Checks plain data against `spec_type` and fills in every default.

    Raises `ConfigError` with all violations at once, each with its path from the root.
    """
    try:
        return spec_type.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        wrong = [_violation(each, spec_type) for each in found if not _follows_from_another(each)]
        raise ConfigError.of(wrong) from None


def served(value: str, known: Collection[str], what: str) -> str:
    """Returns `value` if this server serves it; raises the violation "not supported yet" otherwise."""
    if value in known:
        return value
    raise PydanticCustomError(
        "not_supported",
        "not supported yet: got {value}, expected one of {known} as {what}",
        {"value": repr(value), "known": ", ".join(sorted(known)), "what": what},
    )


def field_error(field: str, text: str) -> PydanticCustomError:
    """What a check of several fields raises to blame one of them."""
    return PydanticCustomError("field", "{text}", {"field": field, "text": text})


def _follows_from_another(details: ErrorDetails) -> bool:
    """Whether a list counts as too short only because pydantic left out its invalid elements."""
    return details["type"] == "too_short" and len(details["input"]) >= details.get("ctx", {})["min_length"]


def _violation(details: ErrorDetails, spec_type: type[Spec]) -> Violation:
    blamed = (details["ctx"]["field"],) if details["type"] == "field" and "ctx" in details else ()
    parts, parent = _written_path(details["loc"], spec_type)
    path = ".".join(part for part in (*parts, *blamed) if part != "")
    if details["type"] == "extra_forbidden":
        return Violation(path, "unknown field" + _did_you_mean(parts[-1], parent))
    if details["type"] == "missing":
        return Violation(path, "required, but not given")
    if details["type"] == "union_tag_not_found":
        return Violation(f"{path}.name", "required, but not given")
    if details["type"] in ("not_supported", "field", "metric"):
        return Violation(path, details["msg"])
    got = details.get("input")
    shown = f", got {got!r}" if isinstance(got, str | int | float | bool) or got is None else ""
    return Violation(path, details["msg"][0].lower() + details["msg"][1:] + shown)


def _written_path(loc: Sequence[int | str], spec_type: type[Spec]) -> tuple[list[str], type[Spec]]:
    """Return the path of an error as the user wrote it, and the spec type that its last field belongs to.

    pydantic adds the name of the chosen spec after the field of a union (`backbone.lightccf.layers`). A user
    writes no such level, so it is left out.
    """
    parts: list[str] = []
    types, parent = [spec_type], spec_type
    for part in loc:
        if len(types) > 1:
            types = [each for each in types if each.model_fields["name"].default == part]
            continue
        parts.append(str(part))
        if isinstance(part, str) and types:
            parent = types[0]
            field = parent.model_fields.get(part)
            types = [] if field is None else _spec_types(field.annotation)
    return parts, parent


def _spec_types(annotation: Any) -> list[type[Spec]]:
    """Return every spec type in an annotation: several for a union, that of the elements for a sequence."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return [annotation]
    return [found for part in get_args(annotation) for found in _spec_types(part)]


def _did_you_mean(name: str, spec_type: type[Spec]) -> str:
    close = difflib.get_close_matches(name, list(spec_type.model_fields), n=1)
    return f", did you mean {close[0]}?" if close else ""
