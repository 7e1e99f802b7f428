"""Losses as pure functions of tensors. They know no model, no policy and no optimizer."""

from lghrec_compute.objectives.bpr import bpr_loss
from lghrec_compute.objectives.gather import embedding
from lghrec_compute.objectives.info_nce import info_nce
from lghrec_compute.objectives.kl import gaussian_kl
from lghrec_compute.objectives.squared_norm import squared_norm, squared_norm_of
from lghrec_compute.objectives.tasks import Contrast, Form, LossRows, Pool, PositiveGroup, Positives

__all__ = [
    "Contrast",
    "Form",
    "LossRows",
    "Pool",
    "PositiveGroup",
    "Positives",
    "bpr_loss",
    "embedding",
    "gaussian_kl",
    "info_nce",
    "squared_norm",
    "squared_norm_of",
]
