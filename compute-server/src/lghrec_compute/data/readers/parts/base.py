"""The rules for bad input, the same in every format, and what makes `RawData` of rows.

- Bad rows: a row that cannot be parsed, has the wrong number of columns, an id that is empty or blank, or a
  rating that is no finite number (NaN is none) is skipped and counted. Up to 5 % of a file's rows give the
  warning `rows_skipped`; above that the file is refused, with the line and fault of the first.
- Ids are trimmed: the warning `ids_trimmed` counts the rows, and the ids that thereby equal another.
- Times that are negative or cannot be read are dropped, and the row is kept (`times_dropped`); a time may be
  absent. The unit is found out from the whole column: seconds, or milli-, micro- or nanoseconds. Text
  without a zone is UTC.
- Items: of several rows of one item the smallest stays (`items_duplicated`); items whose text fields are all
  empty stay (`texts_empty`); an items file that shares no id with the interactions is told
  (`items_unmatched`).
- Files that are cut, too long a line, and text that is not UTF-8 are errors: see `streams`.
- Duplicate interactions are left to `filters`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lghrec_compute.data.raw import RawData, Watch
from lghrec_compute.data.readers.parts.values import finite, id_text, seconds
from lghrec_compute.data.source_files import SourceFiles, parts_in
from lghrec_compute.errors import DataError
from lghrec_compute.events import WarningRaised


@dataclass
class Tally:
    """Rows of one file, and those that were skipped."""

    path: Path
    num_rows: int = 0
    num_malformed: int = 0
    first_bad: str = ""

    def skip(self, where: str, fault: str) -> None:
        """Counts a bad row; `where` is, for example, "line 7"."""
        self.num_malformed += 1
        self.first_bad = self.first_bad or f"{where}: {fault}"

    def tell(self, watch: Watch) -> None:
        """Warns of skipped rows. Raises `DataError` if they are more than the watch allows."""
        if self.num_malformed == 0:
            return
        name, bad, rows = self.path.name, f"{self.num_malformed:,}", f"{self.num_rows:,}"
        if self.num_malformed > watch.max_bad_share * self.num_rows:
            most = f"at most {watch.max_bad_share:.0%}" if watch.max_bad_share else "none"
            raise DataError(
                f"{name} {self.first_bad}; {bad} of {rows} rows cannot be used, {most} may be skipped",
                hint="check the file's layout, and source.format and source.columns against it",
            )
        watch.emit(
            WarningRaised(
                "rows_skipped", f"{name}: {bad} of {rows} rows skipped, the first is {self.first_bad}"
            )
        )


@dataclass(frozen=True)
class Rows:
    """Rows of one file (columns user, item and, if there are any, rating and timestamp); rows read."""

    frame: pl.DataFrame
    num_rows: int


ReadInteractions = Callable[[Path, Watch], Rows]
ReadItems = Callable[[Path, Watch], pl.DataFrame]


def read_source(
    files: SourceFiles, watch: Watch, interactions: ReadInteractions, items: ReadItems
) -> RawData:
    """Reads every file of a source with a format's two functions.

    `items` yields the column item and text_<field> columns, in any number of rows an item.
    """
    frames: list[pl.DataFrame] = []
    num_rows = 0
    for part, path in parts_in(files.files):
        rows = interactions(path, watch)
        frame = rows.frame
        if part is not None:
            frame = frame.with_columns(pl.lit(part, pl.UInt8).alias("part"))
        frames.append(frame)
        num_rows += rows.num_rows
    frame = frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal")
    path = files.files.get("items")
    texts = unique_items(items(path, watch), path, watch) if path else no_items()
    if path:
        _tell_unmatched(frame, texts, path, watch)
    fields = tuple(name.removeprefix("text_") for name in texts.columns if name != "item")
    return RawData(frame, texts, fields, num_rows)


@dataclass
class RowList:
    """Collects interactions, row by row or many at a time; times are what `seconds` takes."""

    tally: Tally
    rated: bool = False
    users: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    ratings: list[float] = field(default_factory=list)
    times: list[float | str | None] = field(default_factory=list)
    _frames: list[pl.DataFrame] = field(default_factory=list)

    def add(
        self, where: str, user: object, item: object, *, rating: object = None, time: object = None
    ) -> None:
        """Adds a row if it is good."""
        self.tally.num_rows += 1
        user_id, item_id = id_text(user), id_text(item)
        number = finite(rating) if self.rated else 0.0
        if user_id is None or item_id is None or number is None:
            bad = next(
                value for value, got in ((user, user_id), (item, item_id), (rating, number)) if got is None
            )
            kind = "user and an item id" if user_id is None or item_id is None else "number as rating"
            self.tally.skip(where, f"got {bad!r:.80}, expected a {kind}")
            return
        self.users.append(user_id)
        self.items.append(item_id)
        self.ratings.append(number)
        self.times.append(time if isinstance(time, int | float | str) else None)
        if len(self.users) >= 500_000:  # lists of Python objects take several times a frame's memory
            self._flush()

    def extend(self, frame: pl.DataFrame) -> None:
        """Adds good rows in the columns user, item (strings), rating (float64) and timestamp, in order."""
        self.tally.num_rows += len(frame)
        self._flush()
        self._frames.append(frame)

    def rows(self, watch: Watch, *, timed: bool) -> Rows:
        """All good rows, by the rules; `timed` false leaves times out."""
        self._flush()
        self.tally.tell(watch)
        frame = _stacked(self._frames)
        frame = frame if self.rated else frame.drop("rating")
        return finish_rows(frame if timed else frame.drop("timestamp"), self.tally, watch)

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
    """One frame; times as text if some are."""
    if len({frame.schema["timestamp"] for frame in frames}) > 1:
        frames = [frame.with_columns(pl.col("timestamp").cast(pl.String)) for frame in frames]
    return pl.concat(frames)


def finish_rows(frame: pl.DataFrame, tally: Tally, watch: Watch) -> Rows:
    """Trims ids and turns times to seconds; the ids are known not to be blank."""
    frame = frame.with_columns(
        trimmed(frame["user"], tally.path, watch), trimmed(frame["item"], tally.path, watch)
    )
    if "timestamp" in frame.columns:
        times, num_dropped = seconds(frame["timestamp"])
        frame = frame.with_columns(times)
        if num_dropped:
            message = (
                f"{tally.path.name}: {num_dropped:,} of {len(frame):,} times dropped, negative or unreadable"
            )
            watch.emit(WarningRaised("times_dropped", message))
    return Rows(frame, tally.num_rows)


def trimmed(ids: pl.Series, path: Path, watch: Watch) -> pl.Series:
    """Ids without blanks around them; tells of those that had some."""
    bare = ids.str.strip_chars()
    changed = ids.filter(bare.str.len_bytes() != ids.str.len_bytes())
    if changed.is_empty():
        return ids
    forms = pl.concat([ids.filter(bare.str.len_bytes() == ids.str.len_bytes()).unique(), changed.unique()])
    num_equal = len(forms) - forms.str.strip_chars().n_unique()
    message = f"{path.name}: {len(changed):,} {ids.name} ids had blanks around them"
    watch.emit(WarningRaised("ids_trimmed", f"{message}, {num_equal:,} of them now equal another id"))
    return bare


def unique_items(frame: pl.DataFrame, path: Path, watch: Watch) -> pl.DataFrame:
    """One row an item, ids trimmed, nulls as ""."""
    frame = frame.with_columns(pl.exclude("item").fill_null(""))
    frame = frame.with_columns(trimmed(frame["item"], path, watch))
    # sorted by all columns first, so that which of two rows stays does not depend on their order in the file
    unique = frame.sort(frame.columns).unique("item", keep="first", maintain_order=True)
    if len(unique) < len(frame):
        message = f"{path.name}: {len(frame) - len(unique):,} further rows of the same item left out"
        watch.emit(WarningRaised("items_duplicated", message))
    texts = [pl.col(name).str.strip_chars() == "" for name in frame.columns if name != "item"]
    if texts and (num_empty := len(unique.filter(pl.all_horizontal(texts)))):
        message = f"{path.name}: {num_empty:,} of {len(unique):,} items have no text"
        watch.emit(WarningRaised("texts_empty", message))
    return unique


def item_frame(ids: Sequence[str], texts: dict[str, list[str]]) -> pl.DataFrame:
    """Items [I] with their texts by field."""
    columns = {"item": ids, **{f"text_{name}": values for name, values in texts.items()}}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def no_items() -> pl.DataFrame:
    """No items, no text fields."""
    return pl.DataFrame(schema={"item": pl.String})


def _tell_unmatched(rows: pl.DataFrame, items: pl.DataFrame, path: Path, watch: Watch) -> None:
    if len(rows) and len(items) and not items["item"].is_in(rows["item"].unique().implode()).any():
        message = f"{path.name}: none of its {len(items):,} items is in the interactions"
        watch.emit(WarningRaised("items_unmatched", f"{message}; check which column holds the item's id"))
