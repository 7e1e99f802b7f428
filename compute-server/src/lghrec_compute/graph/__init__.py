"""The interaction graph and its convolution. Knows no model, no loss, no data format."""

from lghrec_compute.graph.adjacency import Graph, build_graph
from lghrec_compute.graph.forbidden import forbidden
from lghrec_compute.graph.propagate import Reduce, propagate

__all__ = ["Graph", "Reduce", "build_graph", "forbidden", "propagate"]
