"""Bounds of the labels that a run may carry."""

from __future__ import annotations

from lghrec_compute.errors import Violation

MAX_LABELS, MAX_KEY, MAX_VALUE = 64, 128, 512


def label_violations(labels: dict[str, str]) -> list[Violation]:
    """Return a violation for labels that are too many, too long, or not printable."""
    found: list[Violation] = []
    if len(labels) > MAX_LABELS:
        found.append(Violation("labels", f"too many, got {len(labels)}, expected at most {MAX_LABELS}"))
    for key, value in labels.items():
        if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
            found.append(
                Violation("labels", f"key {key[:64]!r}: expected 1 to {MAX_KEY} printable characters")
            )
        elif len(value) > MAX_VALUE or not value.isprintable():
            text = f"expected at most {MAX_VALUE} printable characters, got {len(value)}"
            found.append(Violation(f"labels.{key}", text))
    return found
