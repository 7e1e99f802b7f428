"""The key of a generated text: a hash of everything that influences the text, and of nothing else.

The item's id and row, the data set, addresses, access keys and the number of concurrent calls are left out.
So no text is paid for twice when only one of these changes.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import asdict

from lghrec_compute.dseg.llm.requests import Decoding, ProviderInfo
from lghrec_compute.dseg.llm.retry_policy import RETRY_POLICY_VERSION
from lghrec_compute.dseg.text.prompt import TEXT_BUDGET_TOKENS, Template
from lghrec_compute.dseg.text.schema import SCHEMA_SHA256
from lghrec_compute.json_types import Json, json_sha256

VERSION = 1


def common_parts(
    info: ProviderInfo, template: Template, decoding: Decoding, *, sanitiser_sha256: str
) -> Json:
    """Return the parts of the key that all texts of a run share."""
    return {
        "v": VERSION,
        "provider": asdict(info),
        "prompt": {"id": template.id, "sha256": template.sha256, "text_budget": TEXT_BUDGET_TOKENS},
        "sanitiser": sanitiser_sha256,
        "schema": SCHEMA_SHA256,
        "decoding": {**asdict(decoding), "retry_policy": RETRY_POLICY_VERSION},
    }


def text_key(common: Json, text: str) -> str:
    """Return the key of one item's description: 64 hexadecimal digits."""
    digest = hashlib.sha256(unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")).hexdigest()
    return json_sha256({**common, "text": digest})
