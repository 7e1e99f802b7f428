"""AutoGraph (Shan et al. 2024): latent codes of the semantic ids are nodes of the graph."""

from lghrec_compute.backbones.autograph.model import AutoGraph

__all__ = ["AutoGraph"]
