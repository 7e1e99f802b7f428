"""Losses as pure functions of tensors. Knows no model, no policy, no optimizer."""

from lghrec_compute.objectives.bpr import bpr_loss
from lghrec_compute.objectives.contrast import contrast_loss
from lghrec_compute.objectives.regularise import squared_norm
from lghrec_compute.objectives.tasks import Contrast, Form, Pool, Positives, Queries

__all__ = [
    "Contrast",
    "Form",
    "Pool",
    "Positives",
    "Queries",
    "bpr_loss",
    "contrast_loss",
    "squared_norm",
]
