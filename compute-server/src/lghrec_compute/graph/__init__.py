"""The interaction graph, its convolution and views of it. It knows no model, no loss and no data format."""

from lghrec_compute.graph.adjacency import Graph, build_graph
from lghrec_compute.graph.dropout import GraphDropout, ValueDropout
from lghrec_compute.graph.excluded import excluded_mask
from lghrec_compute.graph.kmeans import kmeans
from lghrec_compute.graph.low_rank import low_rank
from lghrec_compute.graph.neighbors import Neighbors, find_neighbors
from lghrec_compute.graph.noise import propagate_noisily
from lghrec_compute.graph.propagate import Reduce, propagate, propagate_through

__all__ = [
    "Graph",
    "GraphDropout",
    "Neighbors",
    "Reduce",
    "ValueDropout",
    "build_graph",
    "excluded_mask",
    "find_neighbors",
    "kmeans",
    "low_rank",
    "propagate",
    "propagate_noisily",
    "propagate_through",
]
