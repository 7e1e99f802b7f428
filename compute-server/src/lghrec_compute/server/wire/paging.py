"""Page tokens. A token encodes where the last page ended and the filters that it belongs to."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from lghrec_compute.errors import ConfigError
from lghrec_compute.json_types import canonical_json, json_sha256

DEFAULT_PAGE, MAX_PAGE = 50, 1000
MAX_PAGE_BYTES = 2 * 1024 * 1024
"""A page ends early at this size, because clients reject messages over 4 MiB."""


def page_size(requested: int) -> int:
    """Return the size of a page: the default for 0, at most the maximum."""
    return min(requested or DEFAULT_PAGE, MAX_PAGE)


def encode_token(after: list[Any], filters: object) -> str:
    """Return a token for the page that starts after the key `after`, valid for the same filters only."""
    text = canonical_json([after, json_sha256(filters)[:16]])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_token(token: str, filters: object, types: tuple[type, ...]) -> list[Any] | None:
    """Return the key in a token, None for the first page.

    Raises `ConfigError` for a token that has other filters or a key of other types.
    """
    if not token:
        return None
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        after, digest = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        fits = [type(part) for part in after] == list(types) and digest == json_sha256(filters)[:16]
    except (ValueError, TypeError, binascii.Error, RecursionError):
        fits, after = False, []
    if not fits:
        text = "not a token of this list, expected next_page_token of the same request"
        raise ConfigError.at("page_token", text, hint="start again at the first page")
    return after
