"""Results of runs: one record for each message of `lghrec/v1/run_result.proto`, with the same field names.

Pipelines return these records, the worker writes them as JSON into the journal, and the server checks and
stores them. `records.py` converts them. Fractions are in [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

ArtifactKind: TypeAlias = Literal[
    "source", "dataset", "semantic_ids", "model", "evaluation", "export", "comparison", "report"
]


@dataclass(frozen=True)
class ArtifactRef:
    """The name of a stored artifact. `id` is the SHA-256 of its manifest, 64 hexadecimal digits."""

    id: str
    kind: ArtifactKind
    size_bytes: int


@dataclass(frozen=True)
class FilterStep:
    """One filter of a preprocess run, and the number of interactions after it."""

    name: str
    num_interactions: int


@dataclass(frozen=True)
class KnowledgeStatistics:
    """Numbers of triples of the knowledge graph.

    `num_triples` rows were read, and `num_malformed` of them are no triples. For `num_removed` triples, a
    filter removed the item. `num_unreachable` pairs are not connected to any item. The undirected graph that
    is kept has `num_pairs` pairs, `num_entities` entities, and `num_items` items with at least one pair.
    """

    num_triples: int
    num_malformed: int
    num_removed: int
    num_unreachable: int
    num_pairs: int
    num_entities: int
    num_items: int


@dataclass(frozen=True)
class InterestStatistics:
    """Numbers of interests of users.

    `num_rows` rows were read, and `num_malformed` of them are no interests. For `num_removed` rows, a filter
    removed the user. For `num_unknown` rows, the user has no interaction. `num_pairs` pairs of a user and an
    interest are kept, with `num_interests` different interests of `num_users` users.
    """

    num_rows: int
    num_malformed: int
    num_removed: int
    num_unknown: int
    num_pairs: int
    num_interests: int
    num_users: int


@dataclass(frozen=True)
class DatasetStatistics:
    """Size of a data set, and what each step of its preparation removed.

    `num_rows_read` counts rows before filters and before duplicates are removed. A cold user or item has no
    train interaction. `filters` are in the order in which they were applied. `knowledge` and `interests` are
    None if the source has none.
    """

    num_users: int
    num_items: int
    num_interactions: int
    num_train: int
    num_valid: int
    num_test: int
    num_rows_read: int
    num_duplicates: int
    split_sha256: str
    num_cold_users: int
    num_cold_items: int
    filters: tuple[FilterStep, ...]
    knowledge: KnowledgeStatistics | None = None
    interests: InterestStatistics | None = None


@dataclass(frozen=True)
class SemanticEstimate:
    """Estimated cost of the generation of all texts.

    `num_calls` texts are not in the cache yet. `output_tokens` is extrapolated from the answers of a preview,
    and is 0 without a preview. `cost` is in the currency of the prices in the spec. None means that the spec
    has no prices. `notes` lists costs that the estimate does not include.
    """

    num_items: int
    num_calls: int
    num_cached: int
    input_tokens: int
    input_tokens_exact: bool
    output_tokens: int
    seconds: float
    cost: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ItemPreview:
    """The generated text of one item in a preview.

    `text` is the description that the provider received. `reasoning` is the chain of thought, "" if there is
    none. `status` is ok, fallback or missing. `grounded` is True if the reasoning has at least one quote, and
    the description contains all quotes word for word.
    """

    item: str
    text: str
    reasoning: str
    keywords: tuple[str, ...]
    status: str
    grounded: bool


@dataclass(frozen=True)
class SemanticQuality:
    """Quality of semantic ids.

    `num_items` items have a description, and `valid`, `repaired` and `fallback` are fractions of them.
    `grounded_exact` and `grounded_fuzzy` are the fractions of quotes that the description contains word for
    word and with small differences. `duplicate` is the fraction of texts that another item with another
    description also has. A preview computes no vectors, so `mean_cosine` and `effective_rank` are 0.
    """

    num_items: int
    valid: float
    repaired: float
    fallback: float
    grounded_exact: float
    grounded_fuzzy: float
    duplicate: float
    mean_cosine: float = 0.0
    effective_rank: float = 0.0
    num_truncated: int = 0


@dataclass(frozen=True)
class PreprocessResult:
    """Result of a preprocess run. The stages estimate and preview store no artifact.

    Only the stage preview fills `preview`, and `quality` then describes the texts of the preview.
    """

    dataset: ArtifactRef | None = None
    semantic_ids: ArtifactRef | None = None
    statistics: DatasetStatistics | None = None
    estimate: SemanticEstimate | None = None
    preview: tuple[ItemPreview, ...] = ()
    quality: SemanticQuality | None = None


@dataclass(frozen=True)
class TrainResult:
    """Result of a train run.

    `best_epoch` is the epoch whose model was kept, counted from 1. `metrics` are the metrics on the valid
    part at that epoch. `device` is "cpu" or the name of the CUDA device.
    """

    model: ArtifactRef
    best_epoch: int
    epochs_run: int
    metrics: Mapping[str, float]
    train_seconds: float
    device: str
    threads: int


@dataclass(frozen=True)
class EvaluateResult:
    """Result of an evaluate run.

    `metrics` are means over `num_users` users. `num_skipped` users have no held-out item.
    """

    report: ArtifactRef
    metrics: Mapping[str, float]
    num_users: int
    num_skipped: int


@dataclass(frozen=True)
class ExportResult:
    """Result of an export run.

    `index_recall` is the fraction of the exact top 10 that a usearch index finds. None means that no index
    was checked.
    """

    export: ArtifactRef
    index_recall: float | None = None


@dataclass(frozen=True)
class CompareRow:
    """Values of one entry for one metric.

    `std` is the standard deviation over seeds, None for one seed. All fields after `num_seeds` compare the
    entry with the baseline, and are None for the baseline itself. `difference` is the mean minus the mean of
    the baseline. `relative_difference` is its fraction of the mean of the baseline, None if that mean is 0.
    The interval is a bootstrap interval over users. `p_t`, `p_wilcoxon` and `p_permutation` (sign flips) are
    p-values over users. `p_holm` is `p_permutation` with Holm's correction for all rows. `p_seeds` is the
    p-value of a paired t-test over seeds, None for fewer than 2 pairs.
    """

    name: str
    metric: str
    mean: float
    std: float | None
    num_users: int
    num_seeds: int
    difference: float | None = None
    relative_difference: float | None = None
    interval_low: float | None = None
    interval_high: float | None = None
    p_t: float | None = None
    p_wilcoxon: float | None = None
    p_permutation: float | None = None
    p_holm: float | None = None
    p_seeds: float | None = None


@dataclass(frozen=True)
class CompareResult:
    """Result of a compare run, with one row for each entry and metric."""

    report: ArtifactRef
    rows: tuple[CompareRow, ...]


@dataclass(frozen=True)
class ReportResult:
    """Result of a report run. `report` is an artifact with report.html and the figures."""

    report: ArtifactRef


Result: TypeAlias = (
    PreprocessResult | TrainResult | EvaluateResult | ExportResult | CompareResult | ReportResult
)
RESULTS: dict[str, type[Result]] = {
    "preprocess": PreprocessResult,
    "train": TrainResult,
    "evaluate": EvaluateResult,
    "export": ExportResult,
    "compare": CompareResult,
    "report": ReportResult,
}
"""Result type of each kind of run."""


@dataclass(frozen=True)
class RunResult:
    """Result of a succeeded run. Exactly one field contains the result, and its name is the kind of the run.

    `reused_from_run_id` is the id of the earlier run whose stored outputs this run reuses, "" if there is
    none.
    """

    preprocess: PreprocessResult | None = None
    train: TrainResult | None = None
    evaluate: EvaluateResult | None = None
    export: ExportResult | None = None
    compare: CompareResult | None = None
    report: ReportResult | None = None
    reused_from_run_id: str = ""

    def __post_init__(self) -> None:
        given = [field.name for field in fields(self) if isinstance(getattr(self, field.name), Result)]
        if len(given) != 1:
            raise ValueError(f"got results of {', '.join(given) or 'no kind'}, expected one kind")

    @classmethod
    def of(cls, kind: str, result: Result, *, reused_from_run_id: str = "") -> RunResult:
        """Return the result of a run of `kind` as a `RunResult`."""
        parts: dict[str, Any] = {kind: result}
        return cls(**parts, reused_from_run_id=reused_from_run_id)
