"""Writes a comparison as tables in Markdown and LaTeX, with an explanation of each term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lghrec_compute.results import CompareRow
from lghrec_compute.spec.compare import CompareSpec

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_MARKDOWN = {"|": "\\|", "\n": " ", "\r": " ", "*": "\\*", "_": "\\_", "`": "\\`", "<": "&lt;"}


@dataclass(frozen=True)
class _Style:
    """The signs of a markup language."""

    spread: str
    minus: str
    percent: str
    below: str

    def number(self, value: float, form: str) -> str:
        return format(value, form).replace("-", self.minus)

    def p_value(self, value: float | None) -> str:
        if value is None:
            return ""
        return f"{self.below}.0001" if value < 1e-4 else f"{value:.4f}"


_IN_MARKDOWN = _Style("±", "-", " %", "<")
_IN_LATEX = _Style(r"$\pm$", "$-$", r"\,\%", "$<$")


def markdown(rows: Sequence[CompareRow], spec: CompareSpec) -> str:
    """Returns a Markdown table and one line for each term that it uses."""
    head = (
        *("", "metric", "mean", "difference", "relative", f"{spec.confidence:.4g} interval"),
        *("p t", "p Wilcoxon", "p permutation", "p Holm", "p seeds"),
    )
    lines = [_line(head), _line(["---", "---", *["---:"] * (len(head) - 2)])]
    lines += [_line([_escaped(row.name, _MARKDOWN), row.metric, *_cells(row, _IN_MARKDOWN)]) for row in rows]
    return "\n".join([*lines, "", *(f"- {_escaped(term, _MARKDOWN)}" for term in _terms(rows, spec))]) + "\n"


def latex(rows: Sequence[CompareRow], spec: CompareSpec) -> str:
    """Returns a `tabular` for `booktabs`. The lines that explain its terms are LaTeX comments."""
    head = (
        *("", "Metric", "Mean", r"$\Delta$", r"$\Delta$ \%", "Interval"),
        *("$p_t$", "$p_W$", "$p_\\pi$", "$p_{\\mathrm{Holm}}$", "$p_{\\mathrm{seeds}}$"),
    )
    body = [
        [_escaped(row.name, _LATEX), _escaped(row.metric, _LATEX), *_cells(row, _IN_LATEX)] for row in rows
    ]
    return "\n".join(
        [
            *(f"% {term}" for term in _terms(rows, spec)),
            r"\begin{tabular}{ll" + "r" * (len(head) - 2) + "}",
            r"\toprule",
            " & ".join(head) + r" \\",
            r"\midrule",
            *(" & ".join(cells) + r" \\" for cells in body),
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def _cells(row: CompareRow, style: _Style) -> list[str]:
    mean = style.number(row.mean, ".4f")
    if row.std is not None:
        mean += f" {style.spread} {style.number(row.std, '.4f')}"
    relative = interval = ""
    if row.relative_difference is not None:
        relative = style.number(100 * row.relative_difference, "+.2f") + style.percent
    if row.interval_low is not None and row.interval_high is not None:
        interval = f"[{style.number(row.interval_low, '+.4f')}, {style.number(row.interval_high, '+.4f')}]"
    p_values = (row.p_t, row.p_wilcoxon, row.p_permutation, row.p_holm, row.p_seeds)
    difference = "" if row.difference is None else style.number(row.difference, "+.4f")
    return [mean, difference, relative, interval, *map(style.p_value, p_values)]


def _terms(rows: Sequence[CompareRow], spec: CompareSpec) -> list[str]:
    seeds = ", ".join(str(count) for count in sorted({row.num_seeds for row in rows}))
    family = sum(row.p_holm is not None for row in rows)
    return [
        f"baseline: {spec.baseline_entry.name.translate({10: ' ', 13: ' '})}",
        f"{rows[0].num_users:,} users; {seeds} reports per entry, one for each seed; mean and standard"
        " deviation over seeds",
        f"interval: {spec.confidence:.4g} percentile bootstrap of the difference over users,"
        f" {spec.resamples:,} draws, seed {spec.seed}",
        "p: two-sided tests over users, with values averaged over seeds: paired t, Wilcoxon signed ranks,"
        " sign-flip permutation of the mean",
        f"p Holm: the permutation p, corrected for all {family} comparisons of the table",
        "p seeds: paired t over the means of seeds; empty if fewer than 2 seeds are shared",
    ]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _escaped(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(sign, sign) for sign in text)
