"""Options of semantic ids, which are computed from item texts (LGHRec, section 2.1)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import Seed, SetByCall
from lghrec_compute.spec.source import ServerPath

TextSource: TypeAlias = Literal["extractive", "raw_text", "llamacpp", "openai"]
"""Sources of the texts that the encoder reads. `extractive` selects verbatim quotes and keywords from the
text of the item, without a language model. `raw_text` uses the text of the item unchanged. With `llamacpp` a
language model on the server writes reasoning texts, with `openai` a language model behind an HTTP endpoint.
`client.semanticIds.providers()` lists the ones that a server offers."""
TextEncoder: TypeAlias = Literal["minilm", "local"]
"""Encoders of texts. `minilm` is all-MiniLM-L6-v2 with 384 dimensions; it works without a network. `local` is
a model in a folder of the server."""
Transform: TypeAlias = Literal["none", "center", "whiten", "pca"]
"""Transforms of the vectors. `center` subtracts the mean, `pca` also projects to principal components, and
`whiten` also scales these to equal variance; all three then scale the vectors to length 1. `none` keeps the
vectors unchanged."""
Prompt: TypeAlias = Literal["fig4@1", "fig4-two-shot@1"]
"""Prompts with their versions. `fig4@1` is the prompt of the paper (LGHRec, Fig. 4), and `fig4-two-shot@1`
adds two examples before it."""

TEXT_SOURCES = frozenset(get_args(TextSource))
ENCODERS = frozenset(get_args(TextEncoder))
TRANSFORMS = frozenset(get_args(Transform))
PROMPTS = frozenset(get_args(Prompt))
GENERATIVE = frozenset({"llamacpp", "openai"})

Count = Annotated[int, Field(ge=1, le=2**32 - 1)]
Price = Annotated[float, Field(ge=0)]


class GenerationSpec(Spec):
    """Options of the language model that writes reasoning texts, for `llamacpp` and `openai`."""

    endpoint: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")] | None = None
    """Name of an endpoint in the server's configuration. None means that there is no endpoint; the text
    source `openai` requires one, and the others reject it."""
    model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """Name of the model. None means the model that the endpoint or the package defines."""
    prompt: Prompt = "fig4@1"
    """Prompt with its version. Source: LGHRec, Fig. 4."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.2
    """Sampling temperature."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.9
    """Probability mass of the tokens that are sampled from (nucleus sampling)."""
    repetition_penalty: Annotated[float, Field(ge=1, le=2)] = 1.05
    """Factor that reduces the probability of tokens that occurred before; 1 changes nothing. An endpoint gets
    the factor only if its entry in the server's configuration enables it."""
    max_output_tokens: Annotated[int, Field(ge=512, le=8192)] = 1536
    """Maximum number of tokens of an answer. The default is above the longest answer that the schema allows,
    so it does not cut a valid answer."""
    seed: Seed = 0
    """Seed of the sampling."""
    max_in_flight: Annotated[int, Field(ge=1, le=1024)] = 8
    """Maximum number of concurrent requests."""
    requests_per_minute: Count | None = None
    """Maximum number of requests per minute. None means that there is no limit."""
    input_tokens_per_minute: Count | None = None
    """Maximum number of input tokens per minute. None means that there is no limit."""
    output_tokens_per_minute: Count | None = None
    """Maximum number of output tokens per minute. None means that there is no limit."""
    budget_tokens: Count | None = None
    """Number of billed tokens after which no further request is sent. None means that there is no limit."""
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 4
    """Maximum number of answers per text. If none of them is valid, the item's own text is used instead."""
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 120.0
    """Time limit of one request, in seconds."""
    preview_items: Annotated[int, Field(ge=1, le=1000)] = 20
    """Number of items in a preview."""
    input_price: Price | None = None
    """Price per million input tokens, in your currency, for the estimate. None means that the estimate has no
    cost."""
    output_price: Price | None = None
    """Price per million output tokens, in your currency, for the estimate. None means that the estimate has
    no cost."""


class SemanticSpec(Spec):
    """Text source, encoder and transform of semantic ids."""

    text_source: TextSource = "extractive"
    """Source of the texts that the encoder reads. Source: LGHRec, section 2.1."""
    encoder: TextEncoder = "minilm"
    """Encoder of the texts."""
    encoder_path: ServerPath | None = None
    """Folder of a model on the server, in one of its import roots. None means that there is none; the encoder
    `local` requires a folder, and the others reject it."""
    transform: Transform = "none"
    """Transform of the encoder's vectors."""
    dim: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Number of dimensions that `whiten` and `pca` keep. None means that all are kept."""
    fields: tuple[Annotated[str, Field(min_length=1, max_length=128)], ...] = ()
    """Item fields that form the description of an item, in this order. An empty list selects every text
    field."""
    max_tokens: Annotated[int, Field(ge=8, le=8192)] = 256
    """Number of tokens that the encoder reads of a text, or of each window of it."""
    pooling: Literal["mean", "cls", "pooler", "mean_no_cls"] = "mean"
    """Pooling of token vectors into one vector: the mean, the vector of the CLS token, the pooler output of
    the model, or the mean without the CLS token."""
    windowing: Literal["truncate", "stride"] = "truncate"
    """Treatment of texts longer than `max_tokens`. `truncate` cuts them and reports their number; `stride`
    computes the length-weighted mean over overlapping windows."""
    generation: GenerationSpec = GenerationSpec()
    """Options of the language model."""
    stage: Annotated[Literal["all", "estimate", "preview"], SetByCall()] = "all"
    """Extent of the run. `all` computes the data set and semantic ids, `estimate` only counts tokens, time
    and cost, and `preview` only generates texts for a sample of items."""

    @model_validator(mode="after")
    def _parts_fit(self) -> SemanticSpec:
        if (self.encoder == "local") != (self.encoder_path is not None):
            raise field_error("encoder_path", "give it with the encoder local, and only then")
        if (self.text_source == "openai") != (self.generation.endpoint is not None):
            raise field_error("generation.endpoint", "give it with openai, and only then")
        if self.dim is not None and self.transform not in ("whiten", "pca"):
            raise field_error("dim", f"{self.transform} keeps all dimensions, expected whiten or pca")
        return self
