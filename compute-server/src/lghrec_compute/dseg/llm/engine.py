"""From what a spec asks for to an engine that is ready to be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lghrec_compute.bundled_model import MODEL
from lghrec_compute.dseg.llm.keys import common_parts, text_key
from lghrec_compute.dseg.llm.limits import Limits
from lghrec_compute.dseg.llm.providers.llamacpp import LlamaCpp
from lghrec_compute.dseg.llm.providers.openai_http import OpenAiHttp
from lghrec_compute.dseg.llm.requests import Decoding, Generator, GenRequest, TokenCounter
from lghrec_compute.dseg.llm.tokens import Guess, TokenizerFile
from lghrec_compute.dseg.text.prompt import TEMPLATES, TEXT_BUDGET_TOKENS, ItemText, Template
from lghrec_compute.dseg.text.sanitise import Sanitiser
from lghrec_compute.endpoints import Endpoint, endpoints_path, load_endpoints, pick
from lghrec_compute.errors import ConfigError
from lghrec_compute.machine import usable_cores

LANGUAGE_MODELS = ("llamacpp", "openai")
"""Names of providers that need an engine."""

_BATCH = 256


class GenerationOptions(Protocol):
    """`spec.semantic.Generation`, as far as it is needed here; None: no limit, or the default."""

    @property
    def endpoint(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def prompt(self) -> str: ...
    @property
    def temperature(self) -> float: ...
    @property
    def top_p(self) -> float: ...
    @property
    def max_output_tokens(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def max_in_flight(self) -> int: ...
    @property
    def requests_per_minute(self) -> int | None: ...
    @property
    def input_tokens_per_minute(self) -> int | None: ...
    @property
    def output_tokens_per_minute(self) -> int | None: ...
    @property
    def budget_tokens(self) -> int | None: ...
    @property
    def max_attempts(self) -> int: ...
    @property
    def timeout_seconds(self) -> float: ...


@dataclass(frozen=True)
class Engine:
    """A generator with all that decides its texts."""

    generator: Generator
    counter: TokenCounter
    template: Template
    decoding: Decoding = field(default_factory=Decoding)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Prepared:
    """An item's request. `input_tokens` as the counter has them; `is_cut`: its text was over the budget."""

    request: GenRequest
    is_cut: bool

    @property
    def key(self) -> str:
        """Names the text to be made."""
        return self.request.key


def open_engine(cot: str, options: GenerationOptions, data_dir: Path) -> Engine:
    """The engine of provider `cot`, "llamacpp" (a process for each core that may be used) or "openai".

    Raises `ConfigError` for an endpoint that is not configured or not allowed, a key or a package that is
    missing.
    """
    decoding = Decoding(
        options.temperature, options.top_p, seed=options.seed, max_tokens=options.max_output_tokens
    )  # fmt: skip
    processes = min(options.max_in_flight, usable_cores())
    limits = Limits(
        processes if cot == "llamacpp" else options.max_in_flight,
        options.requests_per_minute,
        options.input_tokens_per_minute,
        options.output_tokens_per_minute,
        options.budget_tokens,
        options.max_attempts,
        options.timeout_seconds,
    )
    if cot == "llamacpp":
        generator, counter = _bundled(options, data_dir, processes)
    else:
        generator, counter = _endpoint(options, data_dir)
    return Engine(generator, counter, TEMPLATES[options.prompt], decoding, limits)


def prepare(
    items: Sequence[ItemText], engine: Engine, *, text_budget: int = TEXT_BUDGET_TOKENS
) -> Iterator[Prepared]:
    """A request for each item, in order: its text cut to the budget, made harmless, named by its key."""
    sanitiser = Sanitiser(engine.counter.control_tokens)
    common = common_parts(
        engine.generator.info, engine.template, engine.decoding, sanitiser_sha256=sanitiser.sha256
    )
    for start in range(0, len(items), _BATCH):
        texts = [item.text for item in items[start : start + _BATCH]]
        heads = engine.counter.heads(texts, text_budget)
        prompts = [engine.template.render(sanitiser(head)) for head in heads]
        counts = engine.counter.count(prompts)
        for text, head, prompt, count in zip(texts, heads, prompts, counts, strict=True):
            request = GenRequest(text_key(common, text), prompt, engine.decoding, count)
            yield Prepared(request, len(head) < len(text))


def _bundled(options: GenerationOptions, data_dir: Path, processes: int) -> tuple[Generator, TokenCounter]:
    if options.model not in (None, MODEL):
        message = f"semantic.generation.model: got {options.model!r}, expected {MODEL} with provider llamacpp"
        raise ConfigError(message, hint="leave the model out, or serve another one behind an endpoint")
    model = LlamaCpp.bundled(data_dir, processes=processes)
    return model, model


def _endpoint(options: GenerationOptions, data_dir: Path) -> tuple[Generator, TokenCounter]:
    endpoint = pick(load_endpoints(endpoints_path(data_dir)), options.endpoint or "")
    generator = OpenAiHttp(endpoint, model=options.model or "", in_flight=options.max_in_flight)
    if not generator.info.model:
        raise ConfigError(
            f"endpoint {endpoint.name!r} has no model of its own",
            hint="name one in semantic.generation.model, or in the endpoint's entry",
        )
    return generator, _counter(endpoint)


def _counter(endpoint: Endpoint) -> TokenCounter:
    if not endpoint.tokenizer:
        return Guess()
    return TokenizerFile.load(Path(endpoint.tokenizer), is_chatml=endpoint.chat_template == "chatml")
