"""The base class of all specs, and `parse`, which turns plain data into a checked spec."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from lghrec_compute.errors import ConfigError, Violation

S = TypeVar("S", bound="Spec")


class Spec(BaseModel):
    """A frozen record of the options of a run. It rejects fields that it does not have."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)

    outside_digest: ClassVar[frozenset[str]] = frozenset()
    """Fields that are fully applied to other fields, so that `spec_digest` leaves them out."""
    exactly_one: ClassVar[tuple[str, ...]] = ()
    """Fields of which a spec contains exactly one."""
    applies_to: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """For a field that only some of the choices in `exactly_one` use: these choices."""

    @model_validator(mode="after")
    def _contains_exactly_one(self: S) -> S:
        given = [name for name in self.exactly_one if getattr(self, name) is not None]
        if self.exactly_one and len(given) != 1:
            got = " and ".join(given) or "none"
            raise field_error("", f"give exactly one of {', '.join(self.exactly_one)}, got {got}")
        return self


def parse(spec_type: type[S], data: Mapping[str, Any]) -> S:
    """Check plain data against `spec_type` and fill in every default.

    Raises `ConfigError` with all violations at once, each with its path from the root.
    """
    try:
        return spec_type.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        wrong = [_violation(each, spec_type) for each in found if not _follows_from_another(each)]
        raise ConfigError.of(wrong) from None


def field_error(field: str, text: str) -> PydanticCustomError:
    """Return the error of a check that compares several fields; `field` is the one that is reported."""
    return PydanticCustomError("field", "{text}", {"field": field, "text": text})


def _follows_from_another(details: ErrorDetails) -> bool:
    """Whether a list counts as too short only because pydantic left out its invalid elements."""
    return details["type"] == "too_short" and len(details["input"]) >= details.get("ctx", {})["min_length"]


def _violation(details: ErrorDetails, spec_type: type[Spec]) -> Violation:
    kind, context = details["type"], details.get("ctx", {})
    parts, parent = _written_path(details["loc"], spec_type)
    path = ".".join(parts)
    match kind:
        case "field":
            return Violation(_join(path, context["field"]), details["msg"])
        case "metric":
            return Violation(path, details["msg"])
        case "extra_forbidden":
            return Violation(path, "unknown field" + _did_you_mean(parts[-1], parent))
        case "missing":
            return Violation(path, "required, but not given")
        case "union_tag_not_found":
            return Violation(_join(path, "name"), "required, but not given")
        case "union_tag_invalid":
            return Violation(_join(path, "name"), _expected_one_of(context["expected_tags"], context["tag"]))
        case "literal_error":
            return Violation(path, _expected_one_of(context["expected"], details["input"]))
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


def _join(path: str, field: str) -> str:
    return f"{path}.{field}" if path and field else path or field


def _expected_one_of(quoted: str, got: Any) -> str:
    """`quoted` lists the values as pydantic writes them: 'a', 'b' or 'c'."""
    values = ", ".join(re.findall("'([^']*)'", quoted))
    return f"expected one of {values}, got {got!r}"


def _did_you_mean(name: str, spec_type: type[Spec]) -> str:
    close = difflib.get_close_matches(name, list(spec_type.model_fields), n=1)
    return f", did you mean {close[0]}?" if close else ""
