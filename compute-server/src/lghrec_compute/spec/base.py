"""The base of all specs, and the one way from plain data to a checked spec."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any, ClassVar, TypeVar

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
        found = [_violation(details, spec_type) for details in error.errors(include_url=False)]
        raise ConfigError.of(found) from None


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


def _violation(details: ErrorDetails, spec_type: type[Spec]) -> Violation:
    blamed = (details["ctx"]["field"],) if details["type"] == "field" and "ctx" in details else ()
    path = ".".join(str(part) for part in (*details["loc"], *blamed) if part != "")
    if details["type"] == "extra_forbidden":
        return Violation(path, "unknown field" + _did_you_mean(str(details["loc"][-1]), spec_type))
    if details["type"] == "missing":
        return Violation(path, "required, but not given")
    if details["type"] in ("not_supported", "field", "metric"):
        return Violation(path, details["msg"])
    got = details.get("input")
    shown = f", got {got!r}" if isinstance(got, str | int | float | bool) or got is None else ""
    return Violation(path, details["msg"][0].lower() + details["msg"][1:] + shown)


def _did_you_mean(name: str, spec_type: type[Spec]) -> str:
    close = difflib.get_close_matches(name, list(spec_type.model_fields), n=1)
    return f", did you mean {close[0]}?" if close else ""
