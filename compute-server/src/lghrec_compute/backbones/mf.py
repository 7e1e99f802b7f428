"""Matrix factorization with BPR (Rendle et al. 2009, "BPR: Bayesian Personalized Ranking from Implicit
Feedback").

Each user and each item has one embedding, and the score is their dot product. The loss compares a train item
of a user with a random other item. There is no graph.

    z = e,  loss = mean of softplus(z_u . z_j - z_u . z_i)

Departures from common code: the embeddings start Xavier-uniform. PureMF of LightGCN's code starts at N(0, 1),
from which it does not learn at this learning rate.

Shapes: D embedding size, V nodes (users, then items).
"""

from __future__ import annotations

from torch import Tensor

from lghrec_compute.backbones.base import Backbone
from lghrec_compute.spec.backbone import MfBackbone


class Mf(Backbone[MfBackbone]):
    """The ego embeddings are the final embeddings."""

    needs_rows_only = True

    def encode(self, ego_VD: Tensor) -> Tensor:
        """Return the ego embeddings unchanged."""
        return ego_VD
