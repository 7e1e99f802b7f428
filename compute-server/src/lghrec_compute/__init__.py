"""Compute server of LGHRec: data, semantic ids, graph recommenders, evaluation and export behind gRPC."""

__version__ = "0.1.0"
API_REVISION = 1
