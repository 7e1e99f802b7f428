"""Options of each policy over negatives and temperatures; `name` is the case of the oneof on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from lghrec_compute.spec.base import Spec, field_error, served

PolicyContrast = Literal["backbone", "structural", "both"]
Share = Annotated[float, Field(ge=-1, le=1)]
RewardWeight = Annotated[float, Field(ge=0, le=100)]


class NativePolicy(Spec):
    """The backbone's own negatives and temperature."""

    name: Literal["native"] = "native"


class _ActingPolicy(Spec):
    """What every policy has that chooses from a pool."""

    contrast: PolicyContrast | None = None
    """Which contrasts it acts on; `structural` is the paper's own, added with its own weight. None: backbone
    where the backbone has a contrast, else structural."""
    pool_size: Annotated[int, Field(ge=2, le=10_000_000)] = 4096
    """Candidates of each type; all nodes of a type that has no more."""
    pool_sampling: Literal["uniform", "popularity", "mixed", "batch"] = "uniform"
    """`batch`: the backbone's own pool, whatever that is."""
    num_negatives: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    """None: a tenth of all nodes, at most half of the pool."""
    rescale_negatives: bool = False
    """Weighs the chosen negatives up to the number of all candidates."""
    structural_weight: Annotated[float, Field(ge=0, le=1000)] = 0.1
    structural_temperature: Annotated[float, Field(gt=0, le=10)] | None = None
    """None: the backbone's own, or .2 where it has none."""

    @model_validator(mode="after")
    def _negatives_fit_the_pool(self) -> _ActingPolicy:
        if self.num_negatives is not None and self.num_negatives > self.pool_size:
            wrong = f"more than pool_size: got {self.num_negatives}, expected at most {self.pool_size}"
            raise field_error("num_negatives", wrong)
        return self


class RandomPolicy(_ActingPolicy):
    """Negatives drawn uniformly from the pool, at the backbone's own temperature: the control to beat."""

    name: Literal["random"] = "random"


class HgpoPolicy(_ActingPolicy):
    """Harmonized Group Policy Optimization (LGHRec, sections 2.2-2.5)."""

    name: Literal["hgpo"] = "hgpo"
    preset: Literal["recommended", "paper"] = "recommended"
    """Fills in what is left out; `paper` takes the published setting to the letter."""
    learn_negatives: bool = True
    """Whether the policy selects the negatives. False draws them uniformly from the candidate pool."""
    learn_temperature: bool = True
    """Whether the policy sets a temperature for each anchor. False keeps the backbone's temperature."""
    network: Literal["basis", "bilinear"] = "basis"
    credit: Literal["factored", "joint"] = "factored"
    advantage: Literal["group", "grpo"] = "group"
    """Reward less the mean of its group (eq 7), or, for `grpo`, of the actions of the same anchor, by their
    deviation."""
    action_samples: Annotated[int, Field(ge=2, le=64)] = 8
    """Actions an anchor, for `grpo`."""
    policy_anchors: Annotated[int, Field(ge=1, le=1_000_000)] = 128
    """Anchors of a task that the policy learns from. With 128 and 512 an epoch costs 1.7 and 2.5 times one
    with random negatives (SimGCL, Amazon Scientific, one thread)."""
    warmup_epochs: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Epochs in which negatives are random and temperatures fixed; the policy learns from the first."""
    weighting: Literal["hard", "soft"] = "hard"
    """`soft`: all candidates are negatives, each weighted by the policy's probability."""
    max_positive_similarity_quantile: Annotated[float, Field(gt=0, le=1)] | None = None
    """Leaves out candidates nearer to the positive than this share of the pool; None keeps all."""
    relative_temperature: bool = False
    """Scales temperatures so that their mean is the backbone's own."""
    thresholds: Literal["quantile", "absolute"] = "quantile"
    easy_threshold: Share = 0.2
    hard_threshold: Share = 0.5
    false_negative_threshold: Share = 1.0
    positive_similarity_threshold: Share = 1.0
    """All four are cosines, or shares of the pool below them for `quantile`, of which 1 calls none false. The
    paper takes the nearest candidates for positives in disguise. Measured with a share of .98: of 100 such
    candidates 99 are no held-out interactions on sparse data, and 89 on dense. A contrast learns most from
    them, and leaving them out cost NDCG in most of what was tried, on sparse data and on dense."""
    hard_weight: RewardWeight = 1.0
    false_negative_weight: RewardWeight = 1.0
    false_positive_weight: RewardWeight = 1.0
    easy_weight: RewardWeight = 0.5
    temperature_weight: RewardWeight = 1.2
    target_temperature_scale: Annotated[float, Field(gt=0, le=100)] | None = None
    """t0 of T(d) = t0 / (1 + ln(1 + d))^slope; None: the mean of T over the anchors is the backbone's own."""
    target_temperature_slope: Annotated[float, Field(ge=-2, le=2)] = 0.3
    """1 in the paper; 0 is one target for all, and below 0 it rises with the degree. Measured at .3, three
    seeds: over a fixed temperature SimGCL gains 1 % NDCG on Amazon Scientific and nothing on Office, LightCCF
    nothing on Scientific; on Office it loses 2 %, not significant, and more at 1 (one seed, valid)."""
    temperature_min: Annotated[float, Field(gt=0, le=10)] = 0.05
    temperature_max: Annotated[float, Field(gt=0, le=10)] = 1.0
    num_groups: Annotated[int, Field(ge=1, le=100)] = 5
    clip_range: Annotated[float, Field(gt=0, lt=1)] = 0.2
    update_epochs: Annotated[int, Field(ge=1, le=16)] = 2
    entropy_weight: Annotated[float, Field(ge=0, le=10)] = 0.2
    temperature_entropy_weight: Annotated[float, Field(ge=0, le=10)] = 0.0
    harmony_weight: Annotated[float, Field(ge=0, le=100)] = 0.5
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 1e-4

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
"""The published setting (sections 2.3-2.5, appendix B.4)."""

POLICIES = frozenset({"native", "random", "hgpo"})


def _served_policy(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(name := value.get("name"), str):
        served(name, POLICIES, "policy")
    return value


PolicySpec = Annotated[
    Annotated[NativePolicy | RandomPolicy | HgpoPolicy, Field(discriminator="name")],
    BeforeValidator(_served_policy),
]
