"""The rules for bad input, which hold for every format, and the step from rows to `RawData`.

- Bad rows: a row that cannot be parsed, has the wrong number of columns, an empty or blank id, or a rating
  that is not a finite number (NaN included) is skipped and counted. Up to 5 % of a file's rows give the
  warning `rows_skipped`; with more, the file is rejected, with the line and fault of the first bad row.
- Ids are stripped of surrounding white space. The warning `ids_trimmed` counts these rows, and the ids that
  thereby equal another id.
- A time that is negative or unreadable is dropped and the row is kept (`times_dropped`). A time may be
  absent. The unit is detected from the whole column: seconds, or milli-, micro- or nanoseconds. Text without
  a time zone is UTC.
- Items: of several rows of one item, the smallest is kept (`items_duplicated`). Items without any text are
  kept (`texts_empty`). An items file that shares no id with the interactions gives the warning
  `items_unmatched`.
- Incomplete files, lines that are too long, and text that is not UTF-8 are errors; see `streams`.
- Duplicate interactions are removed by `filters`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.readers.parts.values import finite, id_text, seconds
from lghrec_compute.data.source_files import SourceFiles, parts_in
from lghrec_compute.errors import DataError
from lghrec_compute.events import WarningRaised


@dataclass
class RowCounts:
    """The numbers of all rows and of skipped rows of one file."""

    path: Path
    num_rows: int = 0
    num_malformed: int = 0
    first_bad: str = ""

    def skip(self, where: str, fault: str) -> None:
        """Count a bad row. `where` is, for example, "line 7"."""
        self.num_malformed += 1
        self.first_bad = self.first_bad or f"{where}: {fault}"

    def report(self, context: ReadContext) -> None:
        """Emit a warning about skipped rows. Raises `DataError` if there are more than the context allows."""
        if self.num_malformed == 0:
            return
        name, bad, rows = self.path.name, f"{self.num_malformed:,}", f"{self.num_rows:,}"
        if self.num_malformed > context.max_bad_share * self.num_rows:
            most = f"at most {context.max_bad_share:.0%}" if context.max_bad_share else "none"
            raise DataError(
                f"{name} {self.first_bad}; {bad} of {rows} rows cannot be used, {most} may be skipped",
                hint="check that source.format and source.columns match the file",
            )
        context.emit(
            WarningRaised(
                "rows_skipped", f"{name}: {bad} of {rows} rows skipped, the first is {self.first_bad}"
            )
        )


@dataclass(frozen=True)
class FileRows:
    """Rows of one file, and how many rows were read.

    `frame` has the columns user and item, and if the file has them, rating and timestamp.
    """

    frame: pl.DataFrame
    num_rows: int


ReadInteractions = Callable[[Path, ReadContext], FileRows]
ReadItems = Callable[[Path, ReadContext], pl.DataFrame]


def read_source(
    files: SourceFiles, context: ReadContext, interactions: ReadInteractions, items: ReadItems
) -> RawData:
    """Read every file of a source with the two functions of a format.

    `items` returns the column item and text_<field> columns, with any number of rows per item.
    """
    frames: list[pl.DataFrame] = []
    num_rows = 0
    for part, path in parts_in(files.files):
        rows = interactions(path, context)
        frame = rows.frame
        if part is not None:
            frame = frame.with_columns(pl.lit(part, pl.UInt8).alias("part"))
        frames.append(frame)
        num_rows += rows.num_rows
    frame = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")
    path = files.files.get("items")
    texts = unique_items(items(path, context), path, context) if path else no_items()
    if path:
        _warn_if_unmatched(frame, texts, path, context)
    fields = tuple(name.removeprefix("text_") for name in texts.columns if name != "item")
    return RawData(frame, texts, fields, num_rows)


@dataclass
class RowCollector:
    """Collects interactions, one row or many rows at a time. Times have any form that `seconds` accepts."""

    counts: RowCounts
    rated: bool = False
    users: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    ratings: list[float] = field(default_factory=list)
    times: list[float | str | None] = field(default_factory=list)
    _frames: list[pl.DataFrame] = field(default_factory=list)

    def add(
        self, where: str, user: object, item: object, *, rating: object = None, time: object = None
    ) -> None:
        """Add a row if it is good, otherwise count it as skipped."""
        self.counts.num_rows += 1
        user_id, item_id = id_text(user), id_text(item)
        number = finite(rating) if self.rated else 0.0
        if user_id is None or item_id is None or number is None:
            bad = next(
                value for value, got in ((user, user_id), (item, item_id), (rating, number)) if got is None
            )
            kind = "user and an item id" if user_id is None or item_id is None else "number as rating"
            self.counts.skip(where, f"got {bad!r:.80}, expected a {kind}")
            return
        self.users.append(user_id)
        self.items.append(item_id)
        self.ratings.append(number)
        self.times.append(time if isinstance(time, int | float | str) else None)
        if len(self.users) >= 500_000:  # lists of Python objects need several times the memory of a frame
            self._flush()

    def extend(self, frame: pl.DataFrame) -> None:
        """Add good rows with the columns user, item (strings), rating (float64) and timestamp, in this
        order."""
        self.counts.num_rows += len(frame)
        self._flush()
        self._frames.append(frame)

    def rows(self, context: ReadContext, *, timed: bool) -> FileRows:
        """Return all good rows. `timed` False leaves the times out."""
        self._flush()
        self.counts.report(context)
        frame = _stacked(self._frames)
        frame = frame if self.rated else frame.drop("rating")
        return finish_rows(frame if timed else frame.drop("timestamp"), self.counts, context)

    def _flush(self) -> None:
        if self._frames and not self.users:
            return
        columns = {"user": self.users, "item": self.items, "rating": self.ratings}
        schema = {"user": pl.String, "item": pl.String, "rating": pl.Float64}
        frame = pl.DataFrame(columns, schema=schema)
        times = [None if time is None else str(time) for time in self.times]
        self._frames.append(frame.with_columns(pl.Series("timestamp", times, pl.String)))
        for values in (self.users, self.items, self.ratings, self.times):
            values.clear()


def _stacked(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return one frame. If some frames have times as text, all times become text."""
    if len({frame.schema["timestamp"] for frame in frames}) > 1:
        frames = [frame.with_columns(pl.col("timestamp").cast(pl.String)) for frame in frames]
    return pl.concat(frames)


def finish_rows(frame: pl.DataFrame, counts: RowCounts, context: ReadContext) -> FileRows:
    """Strip the ids, and convert times to seconds. The ids must not be blank."""
    frame = frame.with_columns(
        trimmed(frame["user"], counts.path, context), trimmed(frame["item"], counts.path, context)
    )
    if "timestamp" in frame.columns:
        times, num_dropped = seconds(frame["timestamp"])
        frame = frame.with_columns(times)
        if num_dropped:
            message = (
                f"{counts.path.name}: {num_dropped:,} of {len(frame):,} times dropped, negative or unreadable"
            )
            context.emit(WarningRaised("times_dropped", message))
    return FileRows(frame, counts.num_rows)


def trimmed(ids: pl.Series, path: Path, context: ReadContext) -> pl.Series:
    """Return the ids without surrounding white space. Emits a warning if some ids had any."""
    bare = ids.str.strip_chars()
    changed = ids.filter(bare.str.len_bytes() != ids.str.len_bytes())
    if changed.is_empty():
        return ids
    forms = pl.concat([ids.filter(bare.str.len_bytes() == ids.str.len_bytes()).unique(), changed.unique()])
    num_equal = len(forms) - forms.str.strip_chars().n_unique()
    message = f"{path.name}: {len(changed):,} {ids.name} ids had surrounding white space"
    context.emit(WarningRaised("ids_trimmed", f"{message}, {num_equal:,} of them now equal another id"))
    return bare


def unique_items(frame: pl.DataFrame, path: Path, context: ReadContext) -> pl.DataFrame:
    """Return one row per item, with stripped ids and "" for null."""
    frame = frame.with_columns(pl.exclude("item").fill_null(""))
    frame = frame.with_columns(trimmed(frame["item"], path, context))
    # sorted by all columns first, so that the row that stays does not depend on the order in the file
    unique = frame.sort(frame.columns).unique("item", keep="first", maintain_order=True)
    if len(unique) < len(frame):
        message = f"{path.name}: {len(frame) - len(unique):,} further rows of the same items dropped"
        context.emit(WarningRaised("items_duplicated", message))
    texts = [pl.col(name).str.strip_chars() == "" for name in frame.columns if name != "item"]
    if texts and (num_empty := len(unique.filter(pl.all_horizontal(texts)))):
        message = f"{path.name}: {num_empty:,} of {len(unique):,} items have no text"
        context.emit(WarningRaised("texts_empty", message))
    return unique


def item_frame(ids: Sequence[str], texts: dict[str, list[str]]) -> pl.DataFrame:
    """Return the items [I] with their texts by field."""
    columns = {"item": ids, **{f"text_{name}": values for name, values in texts.items()}}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def no_items() -> pl.DataFrame:
    """Return no items and no text fields."""
    return pl.DataFrame(schema={"item": pl.String})


def _warn_if_unmatched(rows: pl.DataFrame, items: pl.DataFrame, path: Path, context: ReadContext) -> None:
    if len(rows) and len(items) and not items["item"].is_in(rows["item"].unique().implode()).any():
        message = f"{path.name}: none of its {len(items):,} items is in the interactions"
        context.emit(WarningRaised("items_unmatched", f"{message}; check which column contains the item ids"))
