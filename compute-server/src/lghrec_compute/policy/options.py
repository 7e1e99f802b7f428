"""What a user can set about HGPO; names and meanings are those of the spec, which also holds the defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Options:
    """Every option by the name of its spec field; see spec/policy.py for ranges.

    `num_negatives` None: a tenth of all nodes, at most half of the pool. `target_temperature_scale` None: the
    mean of the targets is the backbone's own temperature.
    `max_positive_similarity_quantile`: quantile of the cosines with
    positives above which a candidate is left out of the pool; None leaves out none.
    """

    learn_negatives: bool
    learn_temperature: bool
    network: Literal["basis", "bilinear"]
    credit: Literal["factored", "joint"]
    advantage: Literal["group", "grpo"]
    action_samples: int
    num_negatives: int | None
    policy_anchors: int
    warmup_epochs: int
    weighting: Literal["hard", "soft"]
    rescale_negatives: bool
    relative_temperature: bool
    thresholds: Literal["quantile", "absolute"]
    easy_threshold: float
    hard_threshold: float
    false_negative_threshold: float
    positive_similarity_threshold: float
    hard_weight: float
    false_negative_weight: float
    false_positive_weight: float
    easy_weight: float
    temperature_weight: float
    target_temperature_scale: float | None
    target_temperature_slope: float
    temperature_min: float
    temperature_max: float
    num_groups: int
    clip_range: float
    update_epochs: int
    entropy_weight: float
    temperature_entropy_weight: float
    harmony_weight: float
    learning_rate: float
    max_positive_similarity_quantile: float | None = None

    @property
    def chooses(self) -> bool:
        """Whether the policy, and not chance, chooses negatives."""
        return self.learn_negatives

    @property
    def tempers(self) -> bool:
        """Whether the policy sets temperatures."""
        return self.learn_temperature

    @property
    def looks_at_positive(self) -> bool:
        """Whether a candidate's cosine with the positive can change its reward or leave it out."""
        reached = self.thresholds == "absolute" or self.positive_similarity_threshold < 1
        return reached or self.max_positive_similarity_quantile is not None

    @property
    def num_actions(self) -> int:
        """Actions drawn for each anchor that is learned from."""
        return self.action_samples if self.advantage == "grpo" else 1
