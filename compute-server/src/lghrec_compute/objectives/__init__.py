"""Losses as pure functions of tensors. Knows no model, no policy, no optimizer."""

from lghrec_compute.objectives.bpr import bpr_loss
from lghrec_compute.objectives.contrast import Contrast, Form, Pool, Positives, contrast_loss
from lghrec_compute.objectives.regularise import squared_norm

__all__ = ["Contrast", "Form", "Pool", "Positives", "bpr_loss", "contrast_loss", "squared_norm"]
