"""Options of each policy, which selects negatives and temperatures of contrasts.

The field `name` is the case of the oneof on the wire. Symbols and equations are those of the LGHRec paper.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from lghrec_compute.spec.base import Spec, field_error

PolicyContrast: TypeAlias = Literal["backbone", "structural", "both"]
"""Contrasts that a policy acts on. `backbone` is the contrast of the backbone. `structural` is the contrast
of the paper between layers of a graph convolution (LGHRec, eqs 56-58); it is added to the loss. `both` is
both."""
PoolSampling: TypeAlias = Literal["uniform", "popularity", "mixed", "batch"]
"""Sampling of the candidate pool of a step. `uniform` draws all nodes with equal probability, `popularity` in
proportion to their train interactions, and `mixed` draws half of the pool each way. `batch` uses the pool of
the backbone."""
Threshold = Annotated[float, Field(ge=-1, le=1)]
RewardWeight = Annotated[float, Field(ge=0, le=100)]
EntropyWeight = Annotated[float, Field(ge=0, le=10)]
Temperature = Annotated[float, Field(gt=0, le=10)]
PoolSize = Annotated[int, Field(ge=2, le=10_000_000)]


class NativePolicy(Spec):
    """Keeps the negatives and the temperature of the backbone."""

    name: Literal["native"] = "native"


class _PoolPolicy(Spec):
    """Options of every policy that selects negatives from a candidate pool."""

    contrast: PolicyContrast | None = None
    """Contrast that the policy acts on. None means `backbone` if the backbone has a contrast, and
    `structural` otherwise."""
    pool_size: PoolSize = 4096
    """Number of candidates of each type (users, items). The pool contains all nodes of a type that has
    fewer."""
    pool_sampling: PoolSampling = "uniform"
    """Sampling of the candidates of a step."""
    num_negatives: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    """Number of negatives per anchor, at most `pool_size`. None means a tenth of all nodes, but at most half
    of the pool. Source: LGHRec, appendix B.4."""
    rescale_negatives: bool = False
    """Whether to weight the selected negatives so that together they count as much as all candidates."""
    structural_weight: Annotated[float, Field(ge=0, le=1000)] = 0.1
    """Weight of the structural contrast in the loss, for the contrasts `structural` and `both`."""
    structural_temperature: Temperature | None = None
    """Temperature of the structural contrast. None means the temperature of the backbone, or 0.2 if it has
    none."""

    @model_validator(mode="after")
    def _negatives_fit_the_pool(self) -> _PoolPolicy:
        if self.num_negatives is not None and self.num_negatives > self.pool_size:
            wrong = f"more than pool_size: got {self.num_negatives}, expected at most {self.pool_size}"
            raise field_error("num_negatives", wrong)
        return self


class RandomPolicy(_PoolPolicy):
    """Draws negatives uniformly from the pool and keeps the temperature of the backbone.

    It is the control for HGPO: compare with it, not only with the plain backbone.
    """

    name: Literal["random"] = "random"


class HgpoPolicy(_PoolPolicy):
    """Harmonized Group Policy Optimization: a network that learns negatives and temperatures (LGHRec,
    sections 2.2 to 2.5)."""

    name: Literal["hgpo"] = "hgpo"
    preset: Literal["recommended", "paper"] = "recommended"
    """Setting that replaces the documented defaults of the fields that are left out. `recommended` keeps
    these defaults, and `paper` uses the published values. Source: LGHRec, sections 2.3 to 2.5 and appendix
    B.4."""
    learn_negatives: bool = True
    """Whether the policy selects the negatives. False draws them uniformly from the candidate pool."""
    learn_temperature: bool = True
    """Whether the policy sets a temperature for each anchor. False keeps the temperature of the backbone."""
    network: Literal["basis", "bilinear"] = "basis"
    """Network that computes the logits of candidates. `basis` computes a piecewise linear function of a
    candidate's cosines with the anchor and with the positive; `bilinear` adds a product of the network's
    output with the candidate's embedding."""
    credit: Literal["factored", "joint"] = "factored"
    """Assignment of rewards. `factored` gives each negative and the temperature its own reward, advantage and
    probability ratio; `joint` gives the whole action one of each."""
    advantage: Literal["group", "grpo"] = "group"
    """Baseline of the advantage. `group` subtracts the mean reward of the anchor's degree group (eq 7).
    `grpo` subtracts the mean reward of several actions of the same anchor and divides by their standard
    deviation. Source: LGHRec, eq 7."""
    action_samples: Annotated[int, Field(ge=2, le=64)] = 8
    """Number of actions per anchor, for the advantage `grpo`."""
    policy_anchors: Annotated[int, Field(ge=1, le=1_000_000)] = 128
    """Largest number of anchors that the policy learns from, for each contrast of a step. An epoch with 128
    and with 512 anchors takes 1.7 and 2.5 times as long as one with random negatives (SimGCL, Amazon
    Scientific, one thread)."""
    warmup_epochs: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Number of first epochs with random negatives and fixed temperatures. The policy learns in them too."""
    weighting: Literal["hard", "soft"] = "hard"
    """Use of the policy's probabilities. `hard` selects negatives; `soft` uses all candidates as negatives,
    each weighted by its probability."""
    max_positive_similarity_quantile: Annotated[float, Field(gt=0, le=1)] | None = None
    """Quantile of the candidates' cosines with the positive above which a candidate is left out of the pool.
    None means that the pool keeps all
    candidates."""
    relative_temperature: bool = False
    """Whether to scale the temperatures so that their mean is the temperature of the backbone."""
    thresholds: Literal["quantile", "absolute"] = "quantile"
    """Meaning of the four thresholds. `absolute` compares cosines with them; `quantile` compares cosines with
    these quantiles of the pool's cosines. The published values are `absolute`."""
    easy_threshold: Threshold = 0.2
    """Threshold of the cosine with the anchor at or below which a negative is easy, at most `hard_threshold`.
    Source: LGHRec, eq 3, θ_easy_low."""
    hard_threshold: Threshold = 0.5
    """Threshold of the cosine with the anchor above which a negative is hard, below
    `false_negative_threshold`. Source: LGHRec, eq 1, θ_easy."""
    false_negative_threshold: Threshold = 1.0
    """Threshold of the cosine with the anchor from which a negative counts as false. With `quantile`, 1 means
    that none does. Measured with 0.98: of 100 such candidates, 99 on sparse data and 89 on dense data are no
    held-out interactions, and leaving them out reduced NDCG in most experiments. Source: LGHRec, eq 2,
    θ_FN."""
    positive_similarity_threshold: Threshold = 1.0
    """Threshold of the cosine with the positive from which a negative counts as false. With `quantile`, 1
    means that none does. Source: LGHRec, eq 2, θ_FP."""
    hard_weight: RewardWeight = 1.0
    """Reward of a hard negative. Source: LGHRec, eq 1, w1."""
    false_negative_weight: RewardWeight = 1.0
    """Penalty of a negative that is false by its cosine with the anchor. Source: LGHRec, eq 2, w2."""
    false_positive_weight: RewardWeight = 1.0
    """Penalty of a negative that is false by its cosine with the positive. Source: LGHRec, eq 2, w3."""
    easy_weight: RewardWeight = 0.5
    """Penalty of an easy negative. Source: LGHRec, eq 3, w4."""
    temperature_weight: RewardWeight = 1.2
    """Penalty of the distance between a temperature and its target. Source: LGHRec, eq 5, w5."""
    target_temperature_scale: Annotated[float, Field(gt=0, le=100)] | None = None
    """Scale t0 of the target temperature T(d) = t0 / (1 + ln(1 + d))^slope of an anchor with degree d. None
    means the scale at which the mean of T over the anchors is the temperature of the backbone. Source:
    LGHRec, eq 6."""
    target_temperature_slope: Annotated[float, Field(ge=-2, le=2)] = 0.3
    """Slope of the target temperature: it falls with the degree above 0, is equal for all anchors at 0, and
    rises below 0. Measured with 0.3 and three seeds, relative to a fixed
    temperature: SimGCL gained 1 % NDCG on Amazon Scientific and nothing on Office, LightCCF gained nothing on
    Scientific and lost 2 % on Office (not significant). Source: LGHRec, eq 6."""
    temperature_min: Temperature = 0.05
    """Smallest temperature that is used, below `temperature_max`."""
    temperature_max: Temperature = 1.0
    """Largest temperature that is used."""
    num_groups: Annotated[int, Field(ge=1, le=100)] = 5
    """Number of degree groups of users, and of items. Source: LGHRec, section 2.4 and appendix B.4, K."""
    clip_range: Annotated[float, Field(gt=0, lt=1)] = 0.2
    """Half width of the interval around 1 that the probability ratio is clipped to. Source: LGHRec, eq 9,
    ε."""
    update_epochs: Annotated[int, Field(ge=1, le=16)] = 2
    """Number of policy updates per step on the same actions. With 1 the probability ratio is always 1, and
    nothing is clipped."""
    entropy_weight: EntropyWeight = 0.2
    """Weight of the entropy bonus. Source: LGHRec, eq 8, c1."""
    temperature_entropy_weight: EntropyWeight = 0.0
    """Weight of the entropy of the temperature in the entropy bonus, relative to the entropy of the
    negatives. Source: LGHRec, eqs 11 and 13."""
    harmony_weight: Annotated[float, Field(ge=0, le=100)] = 0.5
    """Weight of the harmony loss: the variance of the expected rewards over degree groups. Source: LGHRec, eq
    8, λ_harm."""
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 1e-4
    """Learning rate of the policy network. Source: LGHRec, appendix B.4."""

    @property
    def reads_positive_cosines(self) -> bool:
        """Whether the cosine of a candidate with the positive can change its reward or exclude it."""
        if self.thresholds == "absolute" or self.positive_similarity_threshold < 1:
            return True
        return self.max_positive_similarity_quantile is not None

    @property
    def num_actions(self) -> int:
        """Number of actions drawn for each anchor that the policy learns from."""
        return self.action_samples if self.advantage == "grpo" else 1

    @model_validator(mode="before")
    @classmethod
    def _fill_in_the_preset(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("preset") == "paper":
            return {**PAPER, **{name: given for name, given in value.items() if given is not None}}
        if isinstance(value, dict) and value.get("thresholds") == "absolute":
            return {**_ABSOLUTE, **value}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> HgpoPolicy:
        if not self.easy_threshold <= self.hard_threshold < self.false_negative_threshold:
            order = "easy_threshold <= hard_threshold < false_negative_threshold"
            wrong = f"thresholds out of order: expected {order}, got"
            raise field_error(
                "hard_threshold",
                f"{wrong} {self.easy_threshold}, {self.hard_threshold}, {self.false_negative_threshold}",
            )
        if self.thresholds == "quantile" and self.easy_threshold < 0:
            raise field_error(
                "easy_threshold", f"a share of the pool, expected at least 0, got {self.easy_threshold}"
            )
        if self.temperature_min >= self.temperature_max:
            wrong = f"not below temperature_max {self.temperature_max}: got {self.temperature_min}"
            raise field_error("temperature_min", wrong)
        if not self.learn_negatives and not self.learn_temperature:
            raise field_error(
                "learn_negatives",
                "false together with learn_temperature false leaves nothing to learn: use the policy random",
            )
        if self.weighting == "soft" and not self.learn_negatives:
            raise field_error("weighting", "soft weights need learned negatives: set learn_negatives to true")
        return self


_ABSOLUTE: dict[str, Any] = {
    "easy_threshold": 0.2,
    "hard_threshold": 0.5,
    "false_negative_threshold": 0.8,
    "positive_similarity_threshold": 0.8,
}

PAPER: dict[str, Any] = _ABSOLUTE | {
    "thresholds": "absolute",
    "target_temperature_scale": 1.0,
    "target_temperature_slope": 1.0,
    "credit": "joint",
    "contrast": "structural",
    "temperature_entropy_weight": 1.0,
    "entropy_weight": 0.2,
    "harmony_weight": 0.5,
    "temperature_weight": 1.2,
    "learning_rate": 1e-4,
}
"""The values of the preset `paper` (LGHRec, sections 2.3 to 2.5 and appendix B.4)."""

_AnyPolicy: TypeAlias = NativePolicy | RandomPolicy | HgpoPolicy
PolicySpec = Annotated[_AnyPolicy, Field(discriminator="name")]
"""The policy, which is selected by its `name`. `serverInfo().capabilities.policies` lists the policies that a
server offers."""
POLICIES = frozenset(policy.model_fields["name"].default for policy in get_args(_AnyPolicy))
