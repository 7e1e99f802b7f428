"""The style sheet of the page: light and dark themes for narrow and wide screens, without external fonts."""

from __future__ import annotations

from lghrec_compute.reporting.svg import variables

_RULES = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:61rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:.4rem 0 .2rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;line-height:1.3;margin:2.6rem 0 .4rem;overflow-wrap:anywhere}
p{margin:.4rem 0;max-width:46rem}
nav{margin:1rem 0;font-size:.92rem}
nav a{display:inline-block;margin:0 .9rem .35rem 0}
a{color:var(--c0)}
.lead,figcaption,.note{color:var(--pale)}
.note{border-left:3px solid var(--c1);padding-left:.7rem;font-size:.92rem;overflow-wrap:anywhere}
figure{margin:.6rem 0 0}
figure svg{display:block;width:100%;height:auto}
figure svg *{stroke-linejoin:round;stroke-linecap:butt}
figcaption{font-size:.92rem;max-width:46rem;margin-top:.5rem}
.scroll{overflow-x:auto;margin:.6rem 0}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .55rem;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
th{font-weight:600;border-bottom:2px solid var(--pale)}
th.text,td.text{text-align:left}
td:first-child,th:first-child{padding-left:0}
td.text{max-width:14rem;overflow:hidden;text-overflow:ellipsis}
.ids td.text{max-width:none}
.words td.text{max-width:none;white-space:normal}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
details{margin:.5rem 0;font-size:.95rem}
summary{cursor:pointer;color:var(--c0)}
.narrow{display:none}
@media (max-width:46rem){main{padding:1rem .8rem 3rem}.wide{display:none}.narrow{display:block}}
@media print{.narrow{display:none}.wide{display:block}details{display:none}}
"""


def style_sheet() -> str:
    """Return the style sheet as text."""
    light, dark = variables(dark=False), variables(dark=True)
    return (
        f":root{{color-scheme:light dark;{light}}}"
        f"@media (prefers-color-scheme:dark){{:root{{{dark}}}}}{_RULES}"
    )
