"""Cross-entropy among sampled items.

Shapes: B rows of the batch, D embedding size, M sampled items, N sampled items and the positive one.
"""

from __future__ import annotations

import torch
from torch import Tensor


def sampled_softmax_loss(user_BD: Tensor, positive_BD: Tensor, negative_BMD: Tensor) -> Tensor:
    """Return the mean of log(e^{s_ui} + sum over j of e^{s_uj}) - s_ui, a scalar above 0.

    s is the dot product, without a temperature, i the positive item of the row, and j its sampled items
    (AutoGraph, Shan et al. 2024).
    """
    positive_B = (user_BD * positive_BD).sum(dim=1)
    negative_BM = torch.einsum("bmd,bd->bm", negative_BMD, user_BD)
    logit_BN = torch.cat([positive_B[:, None], negative_BM], dim=1)
    return (torch.logsumexp(logit_BN, dim=1) - positive_B).mean()
