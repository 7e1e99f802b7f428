"""An export format is complete: a name in spec/export.py, a module, a value of the proto enum.

Each failure names the part that is missing.
"""

from __future__ import annotations

import pkgutil

import pytest

from lghrec.v1 import export_spec_pb2
from lghrec_compute.pipelines import export_formats
from lghrec_compute.spec.export import EXPORT_FORMATS

MODULES = {module.name for module in pkgutil.iter_modules(export_formats.__path__)}
ENUM = export_spec_pb2.DESCRIPTOR.enum_types_by_name["ExportFormat"]
VALUES = {value.name.removeprefix("EXPORT_FORMAT_").lower() for value in ENUM.values if value.number}


def test_every_module_and_every_value_of_the_enum_has_a_name():
    unlisted = sorted((MODULES | VALUES) - EXPORT_FORMATS)
    assert not unlisted, f"ExportFormat in spec/export.py lacks {', '.join(unlisted)}"


def test_every_name_is_a_value_of_the_enum():
    missing = [f"EXPORT_FORMAT_{name.upper()}" for name in sorted(EXPORT_FORMATS - VALUES)]
    assert not missing, f"proto/lghrec/v1/export_spec.proto: enum ExportFormat lacks {', '.join(missing)}"


@pytest.mark.parametrize("name", sorted(EXPORT_FORMATS))
def test_every_name_has_a_module(name: str):
    assert name in MODULES, f"pipelines/export_formats/{name}.py is missing"
    module = export_formats.format_module(name)
    missing = [part for part in ("TEXT", "CODE", "write") if not hasattr(module, part)]
    assert not missing, f"pipelines/export_formats/{name}.py lacks {', '.join(missing)}"
