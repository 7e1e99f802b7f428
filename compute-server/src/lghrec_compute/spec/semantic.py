"""How semantic ids are made from item texts (paper, section 2.1)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from lghrec_compute.spec.base import Spec, field_error, served
from lghrec_compute.spec.common import Seed

TEXT_SOURCES = frozenset({"extractive", "raw_text", "llamacpp", "openai"})
ENCODERS = frozenset({"minilm", "local"})
TRANSFORMS = frozenset({"none", "center", "whiten", "pca"})
PROMPTS = frozenset({"fig4@1", "fig4-two-shot@1"})
GENERATIVE = frozenset({"llamacpp", "openai"})

Count = Annotated[int, Field(ge=1, le=2**32 - 1)]


class GenerationSpec(Spec):
    """How a language model writes the reasoning text."""

    endpoint: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")] | None = None
    """Name of an endpoint in the server's configuration, for `openai`."""
    model: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    """None takes the endpoint's own."""
    prompt: Annotated[str, AfterValidator(lambda v: served(v, PROMPTS, "prompt"))] = "fig4@1"
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.2
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.9
    max_output_tokens: Annotated[int, Field(ge=512, le=8192)] = 1536
    """Above what the bounded schema can take, so that it cannot cut a valid answer."""
    seed: Seed = 0
    max_in_flight: Annotated[int, Field(ge=1, le=1024)] = 8
    requests_per_minute: Count | None = None
    input_tokens_per_minute: Count | None = None
    output_tokens_per_minute: Count | None = None
    budget_tokens: Count | None = None
    """No new request is sent once this many tokens are billed."""
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 4
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 120.0
    preview_items: Annotated[int, Field(ge=1, le=1000)] = 20
    input_price: Annotated[float, Field(ge=0)] | None = None
    """For a million tokens, in the user's own currency; for the estimate."""
    output_price: Annotated[float, Field(ge=0)] | None = None


class SemanticSpec(Spec):
    """Text source, encoder and transform of semantic ids."""

    text_source: Annotated[str, AfterValidator(lambda v: served(v, TEXT_SOURCES, "text source"))] = (
        "extractive"
    )
    """`extractive`: verbatim quotes and keywords of the item's text; `raw_text`: the text as it is;
    `llamacpp`, `openai`: a language model's reasoning."""
    encoder: Annotated[str, AfterValidator(lambda v: served(v, ENCODERS, "encoder"))] = "minilm"
    encoder_path: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    """Folder of a model under an import root, for `local`."""
    transform: Annotated[str, AfterValidator(lambda v: served(v, TRANSFORMS, "transform"))] = "none"
    dim: Annotated[int, Field(ge=1, le=4096)] | None = None
    """Dimensions kept by `whiten` and `pca`; None keeps all."""
    fields: tuple[Annotated[str, Field(min_length=1, max_length=128)], ...] = ()
    """Item fields that make the description, in order; empty takes every text field."""
    max_tokens: Annotated[int, Field(ge=8, le=8192)] = 256
    """Tokens of a text, or of a window of it, that the encoder reads."""
    pooling: Literal["mean", "cls", "pooler", "mean_no_cls"] = "mean"
    windowing: Literal["truncate", "stride"] = "truncate"
    """Of a long text: `truncate` cuts and counts; `stride` takes the length-weighted mean of windows."""
    generation: GenerationSpec = GenerationSpec()
    stage: Literal["all", "estimate", "preview"] = "all"

    @model_validator(mode="after")
    def _parts_fit(self) -> SemanticSpec:
        if (self.encoder == "local") != (self.encoder_path is not None):
            raise field_error("encoder_path", "give it with the encoder local, and only then")
        if (self.text_source == "openai") != (self.generation.endpoint is not None):
            raise field_error("generation.endpoint", "give it with openai, and only then")
        if self.dim is not None and self.transform not in ("whiten", "pca"):
            raise field_error("dim", f"{self.transform} keeps all dimensions, expected whiten or pca")
        return self
