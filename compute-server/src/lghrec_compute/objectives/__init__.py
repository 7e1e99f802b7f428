"""Losses as pure functions of tensors. Knows no model, no policy, no optimizer."""

from lghrec_compute.objectives.bpr import bpr_loss
from lghrec_compute.objectives.contrast import contrast_loss
from lghrec_compute.objectives.gather import embedding
from lghrec_compute.objectives.kl import gaussian_kl
from lghrec_compute.objectives.regularise import squared_norm, squared_norm_of
from lghrec_compute.objectives.tasks import Contrast, Form, Group, Pool, Positives, Queries

__all__ = [
    "Contrast",
    "Form",
    "Group",
    "Pool",
    "Positives",
    "Queries",
    "bpr_loss",
    "contrast_loss",
    "embedding",
    "gaussian_kl",
    "squared_norm",
    "squared_norm_of",
]
