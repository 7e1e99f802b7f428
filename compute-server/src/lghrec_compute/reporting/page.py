"""Composes figures and tables into one HTML page that requires no other file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from lghrec_compute.reporting import tables
from lghrec_compute.reporting.drawing import Drawing, Table, absent, listed
from lghrec_compute.reporting.sheet import style_sheet
from lghrec_compute.reporting.stored import Entry, Stored

_TEXT_COLUMNS = frozenset((
    "", "backbone", "policy", "metric", "part", "warning", "last message", "kind", "id", "nodes", "negatives",
))  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A drawing with its inline SVG in two widths. Both are "" if no values of the figure are stored."""

    drawing: Drawing
    wide: str = ""
    narrow: str = ""


def page(stored: Stored, sections: Sequence[Section], *, comparison_id: str | None = None) -> str:
    """Return the whole HTML document."""
    title = f"LGHRec report: {stored.entries[0].name}"
    body = [
        f"<h1>{escape(title)}</h1>",
        *_about(stored.entries),
        _contents(sections),
        _heading("runs", "Training runs"),
        _table(tables.runs(stored.entries)),
        *_results(stored.entries),
        *_comparison(stored),
        *(_section(section) for section in sections),
        *_warnings(stored.entries),
        _heading("ids", "Sources"),
        "<details><summary>Ids of models, evaluations and data sets</summary>"
        f'<div class="ids">{_table(tables.ids(stored, comparison_id))}</div></details>',
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style_sheet()}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _about(entries: Sequence[Entry]) -> list[str]:
    """Return lines about the data set, with a note if the models were trained on different data sets."""
    first = entries[0].dataset
    if first is None:
        lines = [_note("The data set is no longer stored, so figures that need its degrees are incomplete.")]
    else:
        meta = first.meta
        counts = (("num_users", "users"), ("num_items", "items"), ("num_interactions", "interactions"))
        sizes = ", ".join(f"{meta[name]:,} {words}" for name, words in counts if name in meta)
        split = meta.get("split_sha256")
        lines = [
            f'<p class="lead">The data set {escape(str(meta.get("name", "without a name")))} has {sizes}. '
            f"Its id starts with <code>{first.id[:12]}</code>."
            + (f" The hash of its split starts with <code>{escape(split[:12])}</code>." if split else "")
            + "</p>"
        ]
    others = [
        entry.name for entry in entries if entry.model.meta["dataset"] != entries[0].model.meta["dataset"]
    ]
    if others:
        lines.append(
            _note(
                "These models were trained on another data set, so their values are not comparable with the "
                f"others: {listed(others)}."
            )
        )
    return lines


def _contents(sections: Sequence[Section]) -> str:
    links = [(section.drawing.name, section.drawing.title) for section in sections if section.wide]
    return "<nav>" + "".join(f'<a href="#{name}">{escape(title)}</a>' for name, title in links) + "</nav>"


def _results(entries: Sequence[Entry]) -> list[str]:
    heading, table = _heading("results", "Results"), tables.results(entries)
    lacking = absent([entry for entry in entries if not entry.metrics], "evaluation")
    parts = [heading, *([_table(table)] if table else []), *map(_note, lacking)]
    if every := tables.results(entries, full=True):
        parts.append(f"<details><summary>All metrics</summary>{_table(every)}</details>")
    return parts


def _comparison(stored: Stored) -> list[str]:
    found = stored.comparison
    heading = _heading("comparison", "Comparison")
    if found is None:
        return [heading, _note("The report was requested without a comparison.")]
    explanation = (
        f"The table compares each entry with {found['baseline']}, over users whose values are averaged "
        f"over seeds. The intervals are bootstrap intervals with {found['resamples']:,} draws. The column "
        "p is the p-value of a two-sided permutation test with sign flips, and p Holm is the same p-value "
        "after Holm's correction for all comparisons of the table. The column p seeds is the p-value of a "
        "paired t-test on the means of the seeds."
    )
    return [heading, f"<p>{escape(explanation)}</p>", _table(tables.comparison(found))]


def _section(section: Section) -> str:
    drawing = section.drawing
    parts = [_heading(drawing.name, drawing.title)]
    if section.wide:
        parts.append(
            f'<figure><div class="wide">{section.wide}</div><div class="narrow">{section.narrow}</div>'
            f"<figcaption>{escape(drawing.caption)}</figcaption></figure>"
        )
    else:
        parts.append(_note("No values for this figure are stored, so it is not drawn."))
    parts += [_note(sentence) for sentence in drawing.left_out]
    if section.wide and drawing.table is not None:
        parts.append(f"<details><summary>Values as a table</summary>{_table(drawing.table)}</details>")
    return "\n".join(parts)


def _warnings(entries: Sequence[Entry]) -> list[str]:
    table = tables.warnings(entries)
    if table is None:
        return []
    return [_heading("warnings", "Warnings of policies"), f'<div class="words">{_table(table)}</div>']


def _heading(name: str, title: str) -> str:
    return f'<h2 id="{escape(name)}">{escape(title)}</h2>'


def _note(sentence: str) -> str:
    return f'<p class="note">{escape(sentence)}</p>'


def _table(table: Table) -> str:
    kinds = [' class="text"' if name in _TEXT_COLUMNS else "" for name in table.head]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for kind, name in zip(kinds, table.head, strict=True))
    rows = (
        "<tr>"
        + "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(kinds, row, strict=True))
        + "</tr>"
        for row in table.rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
