"""Specs: the options of each kind of run. Meaning, default and bounds of a field are defined here and nowhere
else.

`npm run gen` writes TypeScript types, JSON Schemas and the configuration reference from these models. The
package imports neither torch nor grpc.
"""

from __future__ import annotations

from lghrec_compute.spec.base import Spec, parse
from lghrec_compute.spec.compare import CompareSpec
from lghrec_compute.spec.digest import spec_digest, spec_to_dict
from lghrec_compute.spec.evaluate import EvaluateSpec
from lghrec_compute.spec.export import ExportSpec
from lghrec_compute.spec.preprocess import PreprocessSpec
from lghrec_compute.spec.report import ReportSpec
from lghrec_compute.spec.train import TrainSpec

SPECS: dict[str, type[Spec]] = {
    "preprocess": PreprocessSpec,
    "train": TrainSpec,
    "evaluate": EvaluateSpec,
    "export": ExportSpec,
    "compare": CompareSpec,
    "report": ReportSpec,
}
"""Spec type of each kind of run."""

__all__ = [
    "SPECS",
    "CompareSpec",
    "EvaluateSpec",
    "ExportSpec",
    "PreprocessSpec",
    "ReportSpec",
    "Spec",
    "TrainSpec",
    "parse",
    "spec_digest",
    "spec_to_dict",
]
