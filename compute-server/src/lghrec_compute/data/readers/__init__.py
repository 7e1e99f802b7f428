"""The readers, one file per format. Each has a function `read` that returns `RawData`.

`read` is found by the format's name, so a new reader needs no entry here; `spec/formats.py` describes the
steps. The rules for bad input are in `parts/base.py`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from lghrec_compute.data.raw import RawData, ReadContext
from lghrec_compute.data.source_files import SourceFiles


def reader_of(format_name: str) -> Callable[[SourceFiles, ReadContext], RawData]:
    """Return the reader of a format in `spec.formats.FORMATS`."""
    return importlib.import_module(f"lghrec_compute.data.readers.{format_name}").read
