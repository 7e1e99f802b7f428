"""A format is complete: a row in spec/formats.py, a reader, a value of the proto enum, a section in the docs.

Each failure names the place that is missing.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import get_args

from lghrec.v1 import preprocess_spec_pb2
from lghrec_compute.data import readers
from lghrec_compute.spec.formats import FORMATS, SourceFormat

MODULES = {module.name for module in pkgutil.iter_modules(readers.__path__) if not module.ispkg}
ENUM = preprocess_spec_pb2.DESCRIPTOR.enum_types_by_name["SourceFormat"]
VALUES = {value.name.removeprefix("SOURCE_FORMAT_").lower() for value in ENUM.values if value.number}


def test_every_name_has_a_row() -> None:
    missing = sorted(set(get_args(SourceFormat)) - FORMATS.keys())
    assert not missing, f"spec/formats.py has no row in FORMATS for {', '.join(missing)}"


def test_every_format_has_a_reader() -> None:
    missing = [f"data/readers/{name}.py with a function read" for name in sorted(FORMATS.keys() - MODULES)]
    assert not missing, f"a format of spec/formats.py has no reader; add {', '.join(missing)}"
    for name in FORMATS:
        module = importlib.import_module(f"{readers.__name__}.{name}")
        assert callable(getattr(module, "read", None)), f"data/readers/{name}.py has no function read"


def test_every_reader_and_every_value_of_the_enum_has_a_row() -> None:
    unlisted = sorted((MODULES | VALUES) - set(get_args(SourceFormat)))
    assert not unlisted, f"SourceFormat in spec/formats.py lacks {', '.join(unlisted)}"


def test_every_format_is_a_value_of_the_enum() -> None:
    missing = [f"SOURCE_FORMAT_{name.upper()}" for name in sorted(FORMATS.keys() - VALUES)]
    assert not missing, f"proto/lghrec/v1/preprocess_spec.proto: enum SourceFormat lacks {', '.join(missing)}"
