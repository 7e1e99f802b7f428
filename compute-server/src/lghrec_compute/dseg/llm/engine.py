"""Opens the language model that a spec names, and builds the requests for item texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lghrec_compute.bundled_model import MODEL
from lghrec_compute.dseg.llm.keys import common_parts, text_key
from lghrec_compute.dseg.llm.providers.llamacpp import LlamaCpp
from lghrec_compute.dseg.llm.providers.openai_http import OpenAiHttp
from lghrec_compute.dseg.llm.requests import Decoding, LanguageModel, TextRequest, TokenCounter
from lghrec_compute.dseg.llm.tokens import ApproximateCounter, TokenizerFile
from lghrec_compute.dseg.text.prompt import TEMPLATES, TEXT_BUDGET_TOKENS, ItemText, Template
from lghrec_compute.dseg.text.sanitise import Sanitiser
from lghrec_compute.endpoints import Endpoint, endpoints_path, load_endpoints, pick
from lghrec_compute.errors import ConfigError
from lghrec_compute.machine import usable_cores
from lghrec_compute.spec.semantic import GenerationSpec

LANGUAGE_MODELS = ("llamacpp", "openai")
"""Text sources that need a language model."""

_BATCH = 256


@dataclass(frozen=True)
class Engine:
    """A language model, the counter of its tokens, and the options that influence its texts."""

    language_model: LanguageModel
    counter: TokenCounter
    spec: GenerationSpec

    @property
    def template(self) -> Template:
        """Prompt that the spec names."""
        return TEMPLATES[self.spec.prompt]

    @property
    def decoding(self) -> Decoding:
        """Sampling of the first call for each text."""
        return Decoding.of(self.spec)


@dataclass(frozen=True)
class PreparedRequest:
    """The request for an item. `is_cut` means that the item's text was longer than the prompt allows."""

    request: TextRequest
    is_cut: bool

    @property
    def key(self) -> str:
        """Key of the text that is requested."""
        return self.request.key


def open_engine(text_source: str, spec: GenerationSpec, data_dir: Path) -> Engine:
    """Open the language model of the text source "llamacpp" or "openai".

    llama.cpp gets one process per core that this process may use, and at most `max_in_flight`. Raises
    `ConfigError` for an endpoint that is not configured or not allowed, and for a missing access key or
    package.
    """
    if text_source == "llamacpp":
        processes = min(spec.max_in_flight, usable_cores())
        spec = spec.model_copy(update={"max_in_flight": processes})
        return Engine(*_bundled(spec, data_dir), spec)
    return Engine(*_endpoint(spec, data_dir), spec)


def prepare(
    items: Sequence[ItemText], engine: Engine, *, text_budget: int = TEXT_BUDGET_TOKENS
) -> Iterator[PreparedRequest]:
    """Yield a request for each item, in order. The item's text is cut at `text_budget` tokens and
    sanitised."""
    sanitiser = Sanitiser(engine.counter.control_tokens)
    template, decoding = engine.template, engine.decoding
    common = common_parts(engine.language_model.info, template, decoding, sanitiser_sha256=sanitiser.sha256)
    for start in range(0, len(items), _BATCH):
        texts = [item.text for item in items[start : start + _BATCH]]
        heads = engine.counter.heads(texts, text_budget)
        prompts = [template.render(sanitiser(head)) for head in heads]
        counts = engine.counter.count(prompts)
        for text, head, prompt, count in zip(texts, heads, prompts, counts, strict=True):
            request = TextRequest(text_key(common, text), prompt, decoding, count)
            yield PreparedRequest(request, len(head) < len(text))


def _bundled(spec: GenerationSpec, data_dir: Path) -> tuple[LanguageModel, TokenCounter]:
    if spec.model not in (None, MODEL):
        message = f"semantic.generation.model: got {spec.model!r}, expected {MODEL} with provider llamacpp"
        raise ConfigError(message, hint="leave the model out, or serve another model behind an endpoint")
    model = LlamaCpp.bundled(data_dir, processes=spec.max_in_flight)
    return model, model


def _endpoint(spec: GenerationSpec, data_dir: Path) -> tuple[LanguageModel, TokenCounter]:
    endpoint = pick(load_endpoints(endpoints_path(data_dir)), spec.endpoint or "")
    model = OpenAiHttp(endpoint, model=spec.model or "", in_flight=spec.max_in_flight)
    if not model.info.model:
        raise ConfigError(
            f"endpoint {endpoint.name!r} defines no model",
            hint="name one in semantic.generation.model, or in the endpoint's entry",
        )
    return model, _counter(endpoint)


def _counter(endpoint: Endpoint) -> TokenCounter:
    if not endpoint.tokenizer:
        return ApproximateCounter()
    return TokenizerFile.load(Path(endpoint.tokenizer), is_chatml=endpoint.chat_template == "chatml")
