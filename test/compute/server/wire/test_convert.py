"""Conversion of messages to dictionaries and back."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from server_kit import set_unknown

from lghrec.v1 import (
    evaluate_spec_pb2,
    export_spec_pb2,
    preprocess_spec_pb2,
    report_spec_pb2,
    run_event_pb2,
    run_result_pb2,
    semantic_pb2,
    train_spec_pb2,
)
from lghrec_compute.server.wire.convert import fill, message_to_dict
from lghrec_compute.spec import SPECS, parse, spec_to_dict

MESSAGES: dict[str, type[Message]] = {
    "preprocess": preprocess_spec_pb2.PreprocessSpec,
    "train": train_spec_pb2.TrainSpec,
    "evaluate": evaluate_spec_pb2.EvaluateSpec,
    "export": export_spec_pb2.ExportSpec,
    "preprocess_result": run_result_pb2.PreprocessResult,
    "item_card": semantic_pb2.ItemCard,
}
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(codec="utf-8"), max_size=5),
    "bool": st.booleans(),
    "uint32": st.integers(0, 2**32 - 1),
    "uint64": st.integers(0, 2**64 - 1),
    "double": st.floats(allow_nan=False),
}


@st.composite
def filled(draw: st.DrawFn, message_type: type[Message]) -> Message:
    """Draw any message that a client may send: each field set or not, oneofs chosen, enum values known."""
    message = message_type()
    draw_fields(draw, message)
    return message


def draw_fields(draw: st.DrawFn, message: Message) -> None:
    descriptor: Any = message.DESCRIPTOR
    fields = list(descriptor.fields)
    real = [oneof for oneof in descriptor.oneofs if not oneof.name.startswith("_")]
    if real:
        fields = [draw(st.sampled_from(list(real[0].fields)))]
    for field in fields:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            getattr(message, field.name).update(draw(st.dictionaries(SCALARS["string"], SCALARS["string"])))
        elif field.message_type is not None and field.is_repeated:
            for _ in range(draw(st.integers(0, 2))):
                draw_fields(draw, getattr(message, field.name).add())
        elif field.message_type is not None:
            if real or draw(st.booleans()):
                child = getattr(message, field.name)
                child.SetInParent()
                draw_fields(draw, child)
        elif field.is_repeated:
            getattr(message, field.name).extend(draw(st.lists(scalar(field), max_size=3)))
        elif draw(st.booleans()):
            setattr(message, field.name, draw(scalar(field)))


def scalar(field: Any) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    types = {field.TYPE_STRING: "string", field.TYPE_BOOL: "bool", field.TYPE_DOUBLE: "double"}
    return SCALARS[types.get(field.type, "uint32" if field.type == field.TYPE_UINT32 else "uint64")]


@pytest.mark.parametrize("kind", MESSAGES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_message_is_equal_after_conversion_and_back(kind: str, data: st.DataObject):
    message = data.draw(filled(MESSAGES[kind]))
    plain, violations = message_to_dict(message)
    back = MESSAGES[kind]()
    fill(back, plain)
    assert violations == []
    # The enum value "unspecified" means that the field is not set.
    again, _ = message_to_dict(back)
    assert again == plain
    assert back == message


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        ("preprocess", {"source": {"builtin": "movielens-100k"}, "semantic": {"fields": ["title"]}}),
        (
            "preprocess",
            {
                "source": {
                    "path": "x",
                    "format": "delimited",
                    "columns": {"text": ["title", "brand"], "separator": "::", "header": False},
                    "files": {"train": "a", "test": "b"},
                },
                "filter": {"min_rating": 4, "min_time": 0.5, "min_user_interactions": 3},
                "split": {"method": "given"},
                "semantic": {"encoder": "local", "encoder_path": "bert", "transform": "pca", "dim": 64},
            },
        ),
        (
            "preprocess",
            {
                "source": {"generator": {"size": "yelp2018-size", "categories": 3, "seed": 0}},
                "semantic": {
                    "text_source": "openai",
                    "generation": {
                        "endpoint": "house",
                        "temperature": 0,
                        "budget_tokens": 9,
                        "input_price": 0,
                    },
                    "pooling": "cls",
                    "windowing": "stride",
                    "stage": "preview",
                },
            },
        ),
        ("train", {"dataset": "a" * 64, "backbone": {"name": "lightccf", "layers": 2}}),
        ("train", {"dataset": "a" * 64, "backbone": {"name": "mf"}, "seed": 4_294_967_295}),
        ("evaluate", {"model": "a" * 64, "cutoffs": [5], "mask": "train", "drop_unseen": True}),
        ("export", {"model": "a" * 64, "format": "topk", "threads": 3}),
    ],
)
def test_a_resolved_spec_is_equal_after_conversion_and_back(kind: str, plain: dict):
    spec = parse(SPECS[kind], plain)
    message = MESSAGES[kind]()
    fill(message, spec_to_dict(spec))
    back, violations = message_to_dict(message)
    assert violations == []
    assert parse(SPECS[kind], back) == spec


def test_the_case_of_a_oneof_becomes_the_name():
    spec = train_spec_pb2.TrainSpec()
    spec.backbone.lightccf.layers = 0  # set, and not the default
    spec.backbone.lightccf.form = 2
    assert message_to_dict(spec) == ({"backbone": {"name": "lightccf", "layers": 0, "form": "sum"}}, [])


def test_an_empty_oneof_is_a_violation():
    spec = train_spec_pb2.TrainSpec()
    spec.policy.SetInParent()
    plain, violations = message_to_dict(spec)
    assert plain == {}
    assert [(v.path, v.description) for v in violations] == [
        ("policy", "no value given, expected one of native, random, hgpo")
    ]


def test_an_unknown_enum_number_is_a_violation_with_the_path_that_a_spec_has():
    spec = train_spec_pb2.TrainSpec()
    spec.backbone.lightccf.encoder = 9  # type: ignore[assignment]
    _, violations = message_to_dict(spec)
    assert [(v.path, v.description) for v in violations] == [
        ("backbone.encoder", "unknown value, got number 9, expected one of mf, lightgcn")
    ]


def test_an_unknown_field_is_a_violation_at_any_depth():
    spec = preprocess_spec_pb2.PreprocessSpec()
    set_unknown(spec.source)
    assert [v.path for v in message_to_dict(spec)[1]] == ["source.999"]
    train = train_spec_pb2.TrainSpec()
    train.backbone.mf.SetInParent()
    set_unknown(train.backbone.mf)
    train.policy.random.SetInParent()
    set_unknown(train.policy.random)
    assert {v.path for v in message_to_dict(train)[1]} == {"backbone.999", "policy.999"}


def test_elements_of_lists_are_named_by_their_index():
    report = report_spec_pb2.ReportSpec()
    report.sweeps.add().entries.add(model="a")
    set_unknown(report.sweeps.add().entries.add(model="b"))
    assert [v.path for v in message_to_dict(report)[1]] == ["sweeps.1.entries.0.999"]


@pytest.mark.parametrize(
    "body",
    [
        {"metric": {"name": "x", "value": "high"}},
        {"metric": {"title": "x"}},
        {"state": {"state": "dreaming"}},
        {"surprise": {}},
    ],
)
def test_data_that_does_not_fit_the_message_is_rejected(body: dict):
    with pytest.raises((ValueError, TypeError)):
        fill(run_event_pb2.RunEvent(), body)
