"""The policy network: from an anchor's state to a distribution over candidates and over temperatures.

Shapes: types.py; S features of a state, J knots, C cosines of a candidate that the network reads: with the
anchor and, for C = 2, with its positive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lghrec_compute.policy.knots import NUM_KNOTS, Places, interpolate

_HIDDEN = 64
_FIRST_DEVIATION = 0.05
DEVIATION_MIN, DEVIATION_MAX = 0.005, 0.5


@dataclass(frozen=True)
class Heads:
    """What the network says of each anchor.

    `table_BCJ`: values at the knots of the functions whose sum is a candidate's logit. `query_BD`: added to
     the logit as its product with the unit candidate; None without. `mean_B`, `deviation_B`: of the
    normal distribution of the temperature, within their bounds.
    """

    table_BCJ: Tensor
    query_BD: Tensor | None
    mean_B: Tensor
    deviation_B: Tensor

    def rows(self, row_R: Tensor | slice) -> Heads:
        """The heads of some anchors."""
        query_BD = self.query_BD
        return Heads(
            self.table_BCJ[row_R],
            None if query_BD is None else query_BD[row_R],
            self.mean_B[row_R],
            self.deviation_B[row_R],
        )


def state_features(unit_B2D: Tensor, degree_B: Tensor) -> Tensor:
    """State of each anchor, [B, 2 D + 2]: unit anchor and positive, ln(1 + degree), and their cosine."""
    cosine_B = (unit_B2D[:, 0] * unit_B2D[:, 1]).sum(dim=1)
    parts = [unit_B2D.flatten(1), torch.log1p(degree_B)[:, None], cosine_B[:, None]]
    return torch.cat([part.to(unit_B2D.dtype) for part in parts], dim=1)


class Network(nn.Module):
    """Two trunks of two tanh layers; heads start at zero, so that the first policy is uniform at tau_0.

    A candidate's logit is f(cos(anchor, n)) + g(cos(positive, n)) (`basis`), f and g piecewise linear over
    [-1, 1] and the state's own: rewards depend on these two cosines only, so the best policy is among them,
    without a network's pass a pair. `bilinear` adds (W h) . n. The mean temperature is tau_0 e^(.), held to
    `bounds`, the deviation .05 e^(.), held to [.005, .5].

    `num_cosines` 1 leaves out g, a departure for rules that look at no cosine with a positive: the best
    policy is then f alone, and the other product and table are 4 of 10 parts of what choosing costs.

    Temperatures have a trunk of their own, a departure: much the same candidates are best for all anchors, so
    candidates drive a trunk into saturation, and with it goes what it tells of degrees. With one trunk for
    both, temperatures ended up the same for all degrees.
    """

    def __init__(
        self,
        dim: int,
        *,
        bilinear: bool,
        bounds: tuple[float, float],
        generator: torch.Generator,
        num_cosines: int = 2,
    ) -> None:
        super().__init__()
        self._bounds, self._num_cosines = bounds, num_cosines
        self.trunk = _trunk(2 * dim + 2, generator)
        self.temperature_trunk = _trunk(2 * dim + 2, generator)
        self.tables = _linear(_HIDDEN, num_cosines * NUM_KNOTS)
        self.temperature = _linear(_HIDDEN, 2)
        self.query = _linear(_HIDDEN, dim) if bilinear else None

    def forward(self, features_BS: Tensor, native: float) -> Heads:
        """Heads of each anchor; `native` is tau_0, the backbone's own temperature."""
        hidden_BH = self.trunk(features_BS)
        table_BCJ = self.tables(hidden_BH).view(-1, self._num_cosines, NUM_KNOTS)
        raw_B2 = self.temperature(self.temperature_trunk(features_BS))
        return Heads(
            table_BCJ,
            None if self.query is None else self.query(hidden_BH),
            _hold(native * torch.exp(raw_B2[:, 0]), *self._bounds),
            _hold(_FIRST_DEVIATION * torch.exp(raw_B2[:, 1]), DEVIATION_MIN, DEVIATION_MAX),
        )


def _trunk(num_features: int, generator: torch.Generator) -> nn.Sequential:
    first, second = _linear(num_features, _HIDDEN), _linear(_HIDDEN, _HIDDEN)
    for layer in (first, second):
        nn.init.xavier_uniform_(layer.weight, generator=generator)
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh())


def _linear(num_in: int, num_out: int) -> nn.Linear:
    """All zero."""
    # skip_init: a layer's own start would draw from the generator that backbones draw from
    layer = nn.utils.skip_init(nn.Linear, num_in, num_out)
    assert isinstance(layer, nn.Linear)
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


def candidate_logits(heads: Heads, places: Sequence[Places], unit_ND: Tensor | None) -> Tensor:
    """Logit of each candidate, [B, N], from where its C cosines lie.

    `unit_ND`, unit candidates, are needed for a bilinear network.
    """
    values = [interpolate(heads.table_BCJ[:, place], at) for place, at in enumerate(places)]
    logit_BN = values[0] if len(values) == 1 else values[0] + values[1]
    if heads.query_BD is None:
        return logit_BN
    assert unit_ND is not None
    return torch.addmm(logit_BN, heads.query_BD, unit_ND.T)


def _hold(value_B: Tensor, low: float, high: float) -> Tensor:
    held_B = _Hold.apply(value_B, low, high)
    assert isinstance(held_B, Tensor)
    return held_B


class _Hold(torch.autograd.Function):
    """Clamp whose gradient passes at a bound if it leads inwards; a plain clamp would stay there for good."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, low: float, high: float) -> Tensor:
        """Values held to [low, high]."""
        ctx.save_for_backward(value)
        ctx.low, ctx.high = low, high
        return value.clamp(low, high)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        """Descent moves a value against its gradient."""
        (value,) = ctx.saved_tensors
        (grad,) = grads
        stuck = ((value < ctx.low) & (grad > 0)) | ((value > ctx.high) & (grad < 0))
        return grad.masked_fill(stuck, 0.0), None, None


def at_bound(deviation_B: Tensor) -> Tensor:
    """True where a deviation stands at either bound."""
    return (deviation_B <= DEVIATION_MIN) | (deviation_B >= DEVIATION_MAX)
