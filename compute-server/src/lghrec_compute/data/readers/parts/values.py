"""Converts the cells of a file to ids, numbers, texts and times, by the rules of `base`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import polars as pl

_SURROGATES = re.compile("[\ud800-\udfff]")


def id_text(value: object) -> str | None:
    """Return an id as text: a non-blank string or a whole number. Anything else gives None."""
    if isinstance(value, str):
        return value if value and not value.isspace() and not _has_surrogates(value) else None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def finite(value: object) -> float | None:
    """Return a finite number, also one written as text. Anything else gives None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value) if not (isinstance(value, str) and "_" in value) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def text_of(value: object, joint: str = ", ") -> str:
    """Return a field's text: texts of nested lists joined, mappings as "name: text", and "" for anything
    else."""
    return joint.join(dict.fromkeys(_texts(value, joint)))


def _texts(value: object, joint: str) -> Iterator[str]:
    """Yield the non-empty texts of all levels."""
    if isinstance(value, str) and value:
        yield _SURROGATES.sub("\ufffd", value) if _has_surrogates(value) else value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, dict):
        for name, one in value.items():
            if text := text_of(one, joint):
                yield f"{name}: {text}"
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one, joint)


def _has_surrogates(text: str) -> bool:
    return not text.isascii() and _SURROGATES.search(text) is not None


def seconds(column: pl.Series) -> tuple[pl.Series, int]:
    """Return seconds since 1970 [E], null without a usable time, and the number of times that were
    dropped."""
    values, num_absent = _numbers_of_times(column)
    values = values.replace([math.inf, -math.inf], None).fill_nan(None)
    values = values.set(values < 0, None)
    num_dropped = values.null_count() - num_absent
    middle = values.median()
    for unit in (1e9, 1e6, 1e3):
        if isinstance(middle, float) and middle >= 1e8 * unit:  # 1e11 s is the year 5138, 1e11 ms is 1973
            values = values / unit
            break
    return values.alias("timestamp"), num_dropped


def _numbers_of_times(column: pl.Series) -> tuple[pl.Series, int]:
    if column.dtype.is_temporal():
        return column.cast(pl.Datetime("us")).dt.epoch("us") / 1e6, column.null_count()
    if column.dtype != pl.String:
        return column.cast(pl.Float64), column.null_count()
    text = column.str.strip_chars()
    text = text.set(text == "", None)
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() > text.null_count():
        numbers = numbers.fill_null(_iso(text))
    return numbers, text.null_count()


def _iso(text: pl.Series) -> pl.Series:
    """Return the seconds of ISO 8601 dates and times. Without a time zone they are UTC."""
    spaced = text.str.replace(r"^(\d{4}-\d\d-\d\d)[T ]", "${1}T")
    zoned = spaced.str.to_datetime("%+", strict=False, time_zone="UTC", time_unit="us").dt.epoch("us")
    naive = [
        spaced.str.to_datetime(form, strict=False, time_unit="us").dt.epoch("us")
        for form in ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M")
    ]
    day = text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")).dt.epoch("us")
    for other in (*naive, day):
        zoned = zoned.fill_null(other)
    return zoned / 1e6
