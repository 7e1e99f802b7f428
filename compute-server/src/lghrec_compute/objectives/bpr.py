"""Bayesian personalised ranking. Shapes: types.py."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import softplus


def bpr_loss(user_BD: Tensor, positive_BD: Tensor, negative_BD: Tensor) -> Tensor:
    """Mean of softplus(s_uj - s_ui) with s the raw dot product; a scalar, above 0 (Rendle et al. 2009).

    softplus, and not log(sigmoid + epsilon): exact, and its gradient never vanishes.
    """
    margin_B = (user_BD * (negative_BD - positive_BD)).sum(dim=-1)
    return softplus(margin_B).mean()
