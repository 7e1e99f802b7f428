"""Plain data: its type, its one canonical text, its hash."""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


def canonical_json(value: object) -> str:
    """Sorted keys, no spaces, plain ASCII: equal values give equal text. NaN is a `ValueError`."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def json_sha256(value: object) -> str:
    """SHA-256 of the canonical text, 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
