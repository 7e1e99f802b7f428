"""Bayesian personalized ranking (BPR).

Shapes: B rows of the batch, D embedding size.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import softplus


def bpr_loss(user_BD: Tensor, positive_BD: Tensor, negative_BD: Tensor) -> Tensor:
    """Return the mean of softplus(s_uj - s_ui), a scalar above 0, with s the dot product (Rendle et al.
    2009).

    This is -log sigmoid(s_ui - s_uj). Published code often adds an epsilon inside the logarithm. The softplus
    is exact, and its gradient never vanishes.
    """
    margin_B = (user_BD * (negative_BD - positive_BD)).sum(dim=-1)
    return softplus(margin_B).mean()
