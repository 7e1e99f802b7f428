"""AutoGraph (Shan et al. 2024). The module `model` describes it."""

from lghrec_compute.backbones.autograph.model import AutoGraph

__all__ = ["AutoGraph"]
