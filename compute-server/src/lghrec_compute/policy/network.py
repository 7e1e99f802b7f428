"""The policy network: from the state of an anchor to its distributions over candidates and temperatures.

Shapes: B anchors, R some of the anchors, N candidates, D embedding size, S features of a state, H hidden
units, J knots, C kinds of cosine that the network reads: with the anchor and, for C = 2, with its positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lghrec_compute.policy.piecewise_linear import NUM_KNOTS, interpolate
from lghrec_compute.policy.state import CandidateFeatures
from lghrec_compute.spec.policy import HgpoPolicy

_HIDDEN = 64
_INITIAL_STD = 0.05
STD_MIN, STD_MAX = 0.005, 0.5
"""Bounds of the standard deviation of a temperature."""


@dataclass(frozen=True)
class HeadOutputs:
    """Outputs of the network's heads: parameters of the two action distributions of each anchor.

    The logit of a candidate is the sum of C functions of its cosines; `knot_value_BCJ` holds their values at
    the knots. `bilinear_BD` is a vector whose product with the unit candidate is added to the logit; None
    adds nothing. `mean_B` and `std_B` describe the normal distribution of the temperature.
    """

    knot_value_BCJ: Tensor
    bilinear_BD: Tensor | None
    mean_B: Tensor
    std_B: Tensor

    def rows(self, row_R: Tensor | slice) -> HeadOutputs:
        """Return the outputs of some of the anchors."""
        bilinear_BD = self.bilinear_BD
        return HeadOutputs(
            self.knot_value_BCJ[row_R],
            None if bilinear_BD is None else bilinear_BD[row_R],
            self.mean_B[row_R],
            self.std_B[row_R],
        )


class PolicyNetwork(nn.Module):
    """Two trunks of two tanh layers. The heads start at zero: the first policy is uniform at tau_0.

    The logit of a candidate is f(cos(anchor, n)) + g(cos(positive, n)). f and g are piecewise linear over
    [-1, 1], and the state determines them. The rewards depend on these two cosines only, so the best policy
    has this form, and no network pass per pair is needed. The network `bilinear` adds (W h) . n.
    The mean temperature is tau_0 e^(.), held within the bounds of the spec; tau_0 is the backbone's
    temperature. The standard deviation is 0.05 e^(.), held within [0.005, 0.5].

    The paper does not describe its network. Two choices need a reason:

    - Without a rule that reads cosines with positives there is no g. The best policy is then f alone, and the
      second product and function take 4 of 10 parts of the time of a selection.
    - Temperatures have their own trunk. Much the same candidates are best for all anchors, so the candidates
      drive a trunk into saturation, and the trunk then loses its information about degrees. With one trunk
      for both, the temperatures became the same for all degrees.
    """

    def __init__(self, spec: HgpoPolicy, dim: int, generator: torch.Generator) -> None:
        super().__init__()
        self._bounds = (spec.temperature_min, spec.temperature_max)
        self._num_cosines = 2 if spec.reads_positive_cosines else 1
        self.trunk = _trunk(2 * dim + 2, generator)
        self.temperature_trunk = _trunk(2 * dim + 2, generator)
        self.knot_values = _zero_linear(_HIDDEN, self._num_cosines * NUM_KNOTS)
        self.temperature = _zero_linear(_HIDDEN, 2)
        self.bilinear = _zero_linear(_HIDDEN, dim) if spec.network == "bilinear" else None

    def forward(self, features_BS: Tensor, backbone_temperature: float) -> HeadOutputs:
        """Return the outputs of the heads; `backbone_temperature` is tau_0."""
        hidden_BH = self.trunk(features_BS)
        knot_value_BCJ = self.knot_values(hidden_BH).view(-1, self._num_cosines, NUM_KNOTS)
        raw_B2 = self.temperature(self.temperature_trunk(features_BS))
        return HeadOutputs(
            knot_value_BCJ,
            None if self.bilinear is None else self.bilinear(hidden_BH),
            _clamp(backbone_temperature * torch.exp(raw_B2[:, 0]), *self._bounds),
            _clamp(_INITIAL_STD * torch.exp(raw_B2[:, 1]), STD_MIN, STD_MAX),
        )


def candidate_logits(heads: HeadOutputs, features: CandidateFeatures, unit_ND: Tensor) -> Tensor:
    """Return the logit of each candidate, [R, N], from its C cosines.

    `unit_ND` holds the unit candidates, which the network `bilinear` reads.
    """
    values = [interpolate(heads.knot_value_BCJ[:, kind], index) for kind, index in enumerate(features.knots)]
    logit_RN = values[0] if len(values) == 1 else values[0] + values[1]
    if heads.bilinear_BD is None:
        return logit_RN
    return torch.addmm(logit_RN, heads.bilinear_BD, unit_ND.T)


def _trunk(num_features: int, generator: torch.Generator) -> nn.Sequential:
    first, second = _zero_linear(num_features, _HIDDEN), _zero_linear(_HIDDEN, _HIDDEN)
    for layer in (first, second):
        nn.init.xavier_uniform_(layer.weight, generator=generator)
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh())


def _zero_linear(num_in: int, num_out: int) -> nn.Linear:
    """Return a linear layer whose weights and biases are 0."""
    # skip_init: the default initialisation would draw from the global generator, which backbones use
    layer = nn.utils.skip_init(nn.Linear, num_in, num_out)
    assert isinstance(layer, nn.Linear)
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


def _clamp(value_B: Tensor, low: float, high: float) -> Tensor:
    clamped_B = _Clamp.apply(value_B, low, high)
    assert isinstance(clamped_B, Tensor)
    return clamped_B


class _Clamp(torch.autograd.Function):
    """A clamp that passes a gradient inwards at a bound; a plain clamp would hold the value there."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, low: float, high: float) -> Tensor:
        """Return the values clamped to [low, high]."""
        ctx.save_for_backward(value)
        ctx.low, ctx.high = low, high
        return value.clamp(low, high)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        """Drop the gradients that lead outwards; descent moves a value against its gradient."""
        (value,) = ctx.saved_tensors
        (grad,) = grads
        outwards = ((value < ctx.low) & (grad > 0)) | ((value > ctx.high) & (grad < 0))
        return grad.masked_fill(outwards, 0.0), None, None


def at_bound(std_B: Tensor) -> Tensor:
    """Return True where a standard deviation is at one of its bounds."""
    return (std_B <= STD_MIN) | (std_B >= STD_MAX)
