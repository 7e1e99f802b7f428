"""The export formats, one module per format. A module has the name that specs use for its format.

To add a format, add its name to `ExportFormat` in `spec/export.py` and to the enum in `export_spec.proto`,
and write its module here. A module defines

- `write(draft, source, spec, context)`, which writes the files and returns the facts that only the
  export.json of this format states;
- `TEXT`, which describes the files in README.md, and `CODE`, the Python that loads them. `export_readme`
  fills in their values.

The test `test/compute/pipelines/test_export_formats.py` names the part that is missing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from lghrec_compute.artifacts import Draft
from lghrec_compute.json_types import Json
from lghrec_compute.pipelines.context import RunContext
from lghrec_compute.pipelines.export_source import Exported
from lghrec_compute.spec import ExportSpec


class FormatModule(Protocol):
    """The contents of a module of this package."""

    TEXT: str
    CODE: str

    @staticmethod
    def write(draft: Draft, source: Exported, spec: ExportSpec, context: RunContext) -> Json:
        """Write the files of the format to `draft`."""
        ...


def format_module(name: str) -> FormatModule:
    """Return the module of a format in `spec.export.EXPORT_FORMATS`."""
    return cast(FormatModule, import_module(f"{__name__}.{name}"))
