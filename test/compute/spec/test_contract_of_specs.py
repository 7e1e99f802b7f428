"""The messages in proto/ and the models in spec/ are both written by hand, and have the same fields.

What a field needs on both sides:

| spec/ | proto/ |
|---|---|
| a number or a bool with a default | `optional`, so that an unset field differs from one that is 0 or false |
| a string | no `optional`, because an empty string means that the field is unset |
| `Literal` | an enum with the same values, or a string where a value is no identifier |
| `Spec` | a message of the same name |
| a union that is discriminated by `name` | a message with one oneof, whose cases are the names |
| `tuple` | `repeated`, because an empty list means that the field is unset |
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from lghrec.v1 import (
    compare_spec_pb2,
    evaluate_spec_pb2,
    export_spec_pb2,
    preprocess_spec_pb2,
    recommend_pb2,
    report_spec_pb2,
    train_spec_pb2,
)
from lghrec_compute.server.wire.convert import enum_name
from lghrec_compute.spec import SPECS
from lghrec_compute.spec.base import Spec
from lghrec_compute.spec.recommend import RecommendRequest, SimilarItemsRequest

MESSAGES: dict[str, Descriptor] = {
    "preprocess": preprocess_spec_pb2.PreprocessSpec.DESCRIPTOR,
    "train": train_spec_pb2.TrainSpec.DESCRIPTOR,
    "evaluate": evaluate_spec_pb2.EvaluateSpec.DESCRIPTOR,
    "export": export_spec_pb2.ExportSpec.DESCRIPTOR,
    "compare": compare_spec_pb2.CompareSpec.DESCRIPTOR,
    "report": report_spec_pb2.ReportSpec.DESCRIPTOR,
    "recommend": recommend_pb2.RecommendRequest.DESCRIPTOR,
    "similar": recommend_pb2.SimilarItemsRequest.DESCRIPTOR,
}
MODELS: dict[str, type[Spec]] = SPECS | {"recommend": RecommendRequest, "similar": SimilarItemsRequest}
SCALARS = {
    FieldDescriptor.TYPE_STRING: str,
    FieldDescriptor.TYPE_BOOL: bool,
    FieldDescriptor.TYPE_DOUBLE: float,
    FieldDescriptor.TYPE_UINT32: int,
    FieldDescriptor.TYPE_UINT64: int,
}


def bare(annotation: Any) -> Any:
    """A type without `Annotated` and without `None`."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        return bare(members[0]) if len(members) == 1 else annotation
    return annotation


def is_spec(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Spec)


def cases_of(kind: Any) -> dict[str, type[Spec]] | None:
    """The members of a union that is discriminated by `name`, by their names; None for any other type."""
    members = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else ()
    if not members or not all(is_spec(member) for member in members):
        return None
    return {member.model_fields["name"].default: member for member in members}


def choice_of(message: Descriptor) -> OneofDescriptor | None:
    real = [oneof for oneof in message.oneofs if not oneof.name.startswith("_")]
    return real[0] if real and len(real[0].fields) == len(message.fields) else None


def differences(path: str, message: Descriptor, spec: type[Spec]) -> Iterator[str]:
    """What one side has and the other lacks, with the path of each field."""
    fields = {name: info for name, info in spec.model_fields.items() if not info.exclude}
    if message.name != spec.__name__:
        yield f"{path}: the message is {message.name}, the model is {spec.__name__}"
    for name in sorted(fields.keys() - message.fields_by_name.keys()):
        yield f"{path}.{name}: in {spec.__name__}, missing in {message.name} of {message.file.name}"
    for name in sorted(message.fields_by_name.keys() - fields.keys()):
        yield f"{path}.{name}: in {message.file.name}, missing in {spec.__module__}.{spec.__name__}"
    for name in sorted(fields.keys() & message.fields_by_name.keys()):
        yield from of_field(f"{path}.{name}", message.fields_by_name[name], fields[name])


def of_field(path: str, field: Any, info: FieldInfo) -> Iterator[str]:
    kind = bare(info.annotation)
    if get_origin(kind) is dict:
        yield from of_map(path, field, kind)
        return
    if (get_origin(kind) is tuple) != field.is_repeated:
        yield f"{path}: repeated is {field.is_repeated} in the message, the model has {kind}"
        return
    if get_origin(kind) is tuple:
        if info.default != () and accepts(info, ()):
            yield f"{path}: an empty list is unset on the wire, the model accepts it but has another default"
        kind = bare(get_args(kind)[0])
    elif SCALARS.get(field.type, str) is not str and field.has_presence == info.is_required():
        has, needs = ("optional", "required") if field.has_presence else ("not optional", "a default")
        yield f"{path}: {has} in the message, {needs} in the model"
    elif kind is str and (field.has_presence or accepts(info, "")):
        yield f"{path}: an empty string is unset on the wire: not optional there, rejected by the model"
    yield from of_type(path, field, kind)


def of_type(path: str, field: Any, kind: Any) -> Iterator[str]:
    cases, message = cases_of(kind), field.message_type
    if (message is not None) != (is_spec(kind) or cases is not None):
        yield f"{path}: {message.name if message else 'no message'} in the message, {kind} in the model"
    elif is_spec(kind):
        yield from differences(path, message, kind)
    elif cases is not None:
        yield from of_choice(path, message, cases)
    elif field.enum_type is not None or get_origin(kind) is Literal:
        yield from of_enum(path, field, kind)
    elif SCALARS.get(field.type) is not kind:
        yield f"{path}: type {SCALARS.get(field.type)} in the message, {kind} in the model"


def of_choice(path: str, message: Descriptor, cases: dict[str, type[Spec]]) -> Iterator[str]:
    choice = choice_of(message)
    known = {} if choice is None else {field.name: field.message_type for field in choice.fields}
    for name in sorted(cases.keys() ^ known.keys()):
        missing = f"a case of {message.name}" if name in cases else "a model of the union"
        yield f"{path}.{name}: missing as {missing}"
    for name in sorted(cases.keys() & known.keys()):
        tag = cases[name].model_fields["name"]
        if get_args(tag.annotation) != (name,):
            yield f"{path}.{name}.name: expected Literal[{name!r}], the model has {tag.annotation}"
        yield from of_case(f"{path}.{name}", known[name], cases[name])


def of_case(path: str, message: Any, spec: type[Spec]) -> Iterator[str]:
    """Like `differences`, but `name` is the case of the oneof and no field of the message."""
    for found in differences(path, message, spec):
        if not found.startswith(f"{path}.name: in {spec.__name__}, missing"):
            yield found


def of_enum(path: str, field: Any, kind: Any) -> Iterator[str]:
    values = set(get_args(kind)) if get_origin(kind) is Literal else set()
    if field.enum_type is None and field.type == FieldDescriptor.TYPE_STRING:
        if all(re.fullmatch(r"[a-z][a-z0-9_]*", value) for value in values):
            yield f"{path}: a string in the message, expected an enum of {', '.join(sorted(values))}"
        return
    known = {enum_name(field.enum_type, v.number) for v in field.enum_type.values[1:]}
    for value in sorted(values - known):
        yield f"{path}: {value!r} is in the model, missing in the enum {field.enum_type.name}"
    for value in sorted(known - values):
        yield f"{path}: {value!r} is in the enum {field.enum_type.name}, missing in the model"


def of_map(path: str, field: Any, kind: Any) -> Iterator[str]:
    entry = field.message_type
    if entry is None or not entry.GetOptions().map_entry:
        yield f"{path}: no map in the message, {kind} in the model"
        return
    for name, inner in zip(("key", "value"), get_args(kind), strict=True):
        inner = bare(inner)
        scalar = str if get_origin(inner) is Literal else inner
        if SCALARS.get(entry.fields_by_name[name].type) is not scalar:
            yield f"{path}: the {name} of the map differs, the model has {inner}"


def accepts(info: FieldInfo, value: Any) -> bool:
    try:
        TypeAdapter(Annotated[info.annotation, info]).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", MODELS)
def test_message_and_model_have_the_same_fields(kind: str):
    found = list(differences(kind, MESSAGES[kind], MODELS[kind]))
    assert not found, "\n".join(found)


def test_every_model_has_a_message():
    assert MESSAGES.keys() == MODELS.keys()


class _Changed(Spec):
    """A model that differs from the message `FusionSpec` in each way that a field can."""

    method: Literal["concat_linear", "gate"] = "gate"
    learning_rate_factor: float
    neighbors: float = 0.0
    extra: int = 1


def test_a_difference_is_reported_with_its_path_and_its_side():
    message = MESSAGES["train"].fields_by_name["fusion"].message_type
    assert message is not None
    assert list(differences("train.fusion", message, _Changed)) == [
        "train.fusion: the message is FusionSpec, the model is _Changed",
        "train.fusion.extra: in _Changed, missing in FusionSpec of lghrec/v1/train_spec.proto",
        f"train.fusion.neighbor_weight: in lghrec/v1/train_spec.proto, missing in {__name__}._Changed",
        "train.fusion.learning_rate_factor: optional in the message, required in the model",
        "train.fusion.method: 'gate' is in the model, missing in the enum FusionMethod",
        "train.fusion.method: 'weighted_sum' is in the enum FusionMethod, missing in the model",
        "train.fusion.neighbors: type <class 'int'> in the message, <class 'float'> in the model",
    ]
