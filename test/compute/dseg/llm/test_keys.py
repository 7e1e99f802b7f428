from __future__ import annotations

from dataclasses import fields, replace

import pytest
from texts import DECODING, engine, item

from lghrec_compute.dseg.llm.engine import prepare
from lghrec_compute.dseg.llm.keys import common_parts, text_key
from lghrec_compute.dseg.llm.requests import Decoding, ProviderInfo
from lghrec_compute.dseg.text.prompt import TEMPLATES, Template

INFO = ProviderInfo("openai", "house", "m", "r1", "a1", "q8_0", "t1", {"json_schema": True})
BASE = {"info": INFO, "template": TEMPLATES["fig4@1"], "decoding": DECODING, "sanitiser_sha256": "s1"}

CHANGES = [
    *({"info": replace(INFO, **{field.name: "other"})} for field in fields(INFO) if field.name != "options"),
    {"info": replace(INFO, options={"json_schema": False})},
    {"template": TEMPLATES["fig4-two-shot@1"]},
    {"template": Template("fig4@1", TEMPLATES["fig4@1"].system + " ")},
    {"sanitiser_sha256": "s2"},
    *(
        {"decoding": replace(DECODING, **{field.name: getattr(DECODING, field.name) + 1})}
        for field in fields(Decoding)
    ),
]


def key(text: str = "title: A", **changes: object) -> str:
    parts = {**BASE, **changes}
    sanitiser = parts.pop("sanitiser_sha256")
    return text_key(common_parts(*parts.values(), sanitiser_sha256=sanitiser), text)  # pyright: ignore


def test_there_are_twelve_parts_at_least() -> None:
    assert len(CHANGES) >= 12


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_each_part_changed_alone_is_another_key(change: dict[str, object]) -> None:
    assert key(**change) != key()


def test_versions_of_schema_retry_policy_and_key_are_parts() -> None:
    common = common_parts(INFO, TEMPLATES["fig4@1"], DECODING, sanitiser_sha256="s1")
    for part in ("v", "schema"):
        assert text_key({**common, part: "other"}, "A") != text_key(common, "A")
    assert text_key({**common, "decoding": {**common["decoding"], "retry_policy": 99}}, "A") != text_key(
        common, "A"
    )


def test_another_text_is_another_key_and_both_forms_of_an_accent_are_one() -> None:
    assert key("title: B") != key("title: A")
    assert key("title: Ame\u0301lie") == key("title: Am\u00e9lie")


def test_a_key_depends_only_on_the_text_and_not_on_other_items_or_the_order() -> None:
    items = [item(number) for number in range(6)]
    first = {ready.request.prompt.user: ready.key for ready in prepare(items, engine())}
    moved = {ready.request.prompt.user: ready.key for ready in prepare([item(9), *reversed(items)], engine())}
    assert first.items() <= moved.items()


def test_keys_are_frozen() -> None:
    # paid texts are found by their keys
    info = ProviderInfo("replay", model="recorded")
    common = common_parts(info, TEMPLATES["fig4@1"], DECODING, sanitiser_sha256="0" * 64)
    assert text_key(common, "title: A")[:16] == "8a4aa9d4ddf8275a"
