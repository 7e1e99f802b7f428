"""Cross-entropy among sampled items. Shapes: types.py."""

from __future__ import annotations

import torch
from torch import Tensor


def sampled_softmax_loss(user_BD: Tensor, positive_BD: Tensor, negative_BMD: Tensor) -> Tensor:
    """Mean of log(e^{s_ui} + sum over j of e^{s_uj}) - s_ui with s the raw dot product; a scalar, above 0.

    The positive item of each row stands among its M sampled ones; without a temperature (AutoGraph, 2024).
    """
    positive_B = (user_BD * positive_BD).sum(dim=1)
    negative_BM = torch.einsum("bmd,bd->bm", negative_BMD, user_BD)
    logit_BN = torch.cat([positive_B[:, None], negative_BM], dim=1)
    return (torch.logsumexp(logit_BN, dim=1) - positive_B).mean()
