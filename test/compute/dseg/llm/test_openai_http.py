from __future__ import annotations

import asyncio
import email.utils
import time
import traceback
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from openai_server import OpenAiServer, Plan
from texts import DECODING, keys, numbered_requests

from lghrec_compute.dseg.llm.cache import Cache
from lghrec_compute.dseg.llm.generation_loop import GenerationLoop
from lghrec_compute.dseg.llm.providers import openai_http
from lghrec_compute.dseg.llm.providers.openai_http import OpenAiHttp
from lghrec_compute.dseg.llm.requests import Answer, CallError, TextRequest
from lghrec_compute.dseg.text.outcome import Outcome
from lghrec_compute.dseg.text.prompt import TEMPLATES
from lghrec_compute.dseg.text.schema import GENERATED, gbnf, json_schema, parse
from lghrec_compute.endpoints import Endpoint
from lghrec_compute.errors import ConfigError
from lghrec_compute.spec.semantic import GenerationSpec

REQUEST = TextRequest(
    "k", TEMPLATES["fig4-two-shot@1"].render("title: Toy Story"), replace(DECODING, seed=5), 100
)


def endpoint(server: OpenAiServer, **changes: object) -> Endpoint:
    return Endpoint.model_validate(
        {"name": "house", "url": server.url, "model": "tiny", "allow_loopback": True, **changes}
    )


def ask(server: OpenAiServer, timeout_s: float = 5, **changes: object) -> Answer:
    async def once() -> Answer:
        provider = OpenAiHttp(endpoint(server, **changes), in_flight=16)
        try:
            return await provider.complete(REQUEST, timeout_s)
        finally:
            await provider.aclose()

    return asyncio.run(once())


def always(fault: str) -> Plan:
    return lambda _number, _body: fault


def test_one_call_asks_as_the_protocol_says_and_reads_the_answer() -> None:
    with OpenAiServer() as server:
        answer = ask(server, body={"chat_template_kwargs": {"enable_thinking": False}})
    (body,) = server.bodies
    assert body["messages"] == REQUEST.prompt.messages()
    schema = {"name": "item", "strict": True, "schema": json_schema()}
    assert body["response_format"] == {"type": "json_schema", "json_schema": schema}
    names = ("model", "seed", "max_tokens", "temperature", "top_p")
    assert [body[name] for name in names] == ["tiny", 5, 1536, 0.2, 0.9]
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert "repetition_penalty" not in body
    assert '"Toy Story"' in parse(answer.text, GENERATED).text
    assert answer.finish_reason == "stop"
    assert answer.usage.input > answer.usage.cached > 0 < answer.usage.output


def test_an_endpoint_gets_only_fields_that_it_supports() -> None:
    with OpenAiServer() as server:
        ask(server, max_length=False, seed=False, repetition_penalty=True)
        ask(server, json_schema=False)
        ask(server, gbnf=True)
    bounded, plain, grammar = server.bodies
    assert bounded["response_format"]["json_schema"]["schema"] == json_schema(lengths=False)
    assert "seed" not in bounded
    assert bounded["repetition_penalty"] == 1.05
    assert "response_format" not in plain
    assert grammar["grammar"] == gbnf()
    assert "response_format" not in grammar


@pytest.mark.parametrize(
    ("fault", "kind", "fatal"),
    [
        ("429", "rate_limited", False),
        ("500", "server_error", False),
        ("503", "server_error", False),
        ("408", "server_error", False),
        ("409", "server_error", False),
        ("400", "denied", True),
        ("401", "denied", True),
        ("403", "denied", True),
        ("404", "denied", True),
        ("418", "denied", True),
        ("redirect", "redirect", True),
        ("no_json", "garbage", False),
        ("huge", "too_large", False),
        ("drop", "connection", False),
        ("hang", "timeout", False),
    ],
)
def test_every_fault_has_its_kind_and_reveals_no_key(
    fault: str, kind: str, fatal: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "sk-canary-7f3a9c"
    monkeypatch.setenv("HOUSE_KEY", canary)
    caplog.set_level(0)
    with OpenAiServer(always(fault)) as server, pytest.raises(CallError) as error:
        ask(server, timeout_s=0.5, key="env:HOUSE_KEY")
    assert (error.value.kind, error.value.fatal) == (kind, fatal)
    assert server.headers[0]["authorization"] == f"Bearer {canary}"
    assert len(server.bodies) == 1  # it follows no redirect and does not retry
    texts = [*traceback.format_exception(error.value), error.value.hint, caplog.text, repr(error.value)]
    assert not any(canary in text for text in texts)
    if fatal:
        assert error.value.hint


def test_retry_after_is_read_in_both_forms() -> None:
    with OpenAiServer(always("429")) as server, pytest.raises(CallError) as error:
        ask(server)
    assert error.value.retry_after_s == 0.05
    date = email.utils.formatdate(time.time() + 100, usegmt=True)
    assert openai_http._retry_after(httpx.Headers({"retry-after": date})) == pytest.approx(100, abs=3)
    for value in ("", "soon", "-5", "nan"):
        assert not openai_http._retry_after(httpx.Headers({"retry-after": value}))


def test_a_missing_access_key_is_reported_before_any_call() -> None:
    with (
        OpenAiServer() as server,
        pytest.raises(ConfigError, match="no usable key in the environment variable NOT_SET"),
    ):
        ask(server, key="env:NOT_SET")
    assert server.bodies == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with OpenAiServer() as server:
        ask(server)
    assert len(server.bodies) == 1


def test_a_host_is_resolved_once_and_its_name_is_what_the_server_sees() -> None:
    resolved: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        resolved.append(host)
        return ["127.0.0.1"] if len(resolved) == 1 else ["169.254.169.254"]

    async def twice(provider: OpenAiHttp) -> None:
        await provider.complete(REQUEST, 5)
        await provider.complete(REQUEST, 5)
        await provider.aclose()

    with OpenAiServer() as server:
        named = endpoint(server, url=server.url.replace("127.0.0.1", "models.example"))
        asyncio.run(twice(OpenAiHttp(named, in_flight=16, resolver=rebinding)))
    assert resolved == ["models.example"]
    assert [headers["host"].split(":")[0] for headers in server.headers] == ["models.example"] * 2


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HOUSE_KEY", "sk-canary-51d0e2")
    return "sk-canary-51d0e2"


def generate(
    server: OpenAiServer, path: Path, num: int, limits: GenerationSpec, **changes: object
) -> list[Outcome]:
    outcomes: list[Outcome] = []

    async def run() -> None:
        cache = Cache(path / "c.sqlite")
        provider = OpenAiHttp(endpoint(server, **changes), in_flight=limits.max_in_flight)
        try:
            await GenerationLoop(provider, cache, limits).run(keys(num), numbered_requests(), outcomes.append)
        finally:
            await provider.aclose()
            cache.close()

    asyncio.run(run())
    return outcomes


def test_a_job_over_http_survives_its_faults_and_writes_no_key_anywhere(tmp_path: Path, secret: str) -> None:
    planned = ["429", "garbage", "truncated", "503", "drop", "no_json", "hang"]

    def plan(number: int, _body: dict[str, object]) -> str | None:
        return planned[number // 10 % len(planned)] if number % 10 == 3 else None

    with OpenAiServer(plan, key=secret) as server:
        outcomes = generate(
            server, tmp_path, 120, GenerationSpec(max_in_flight=8, timeout_seconds=0.7), key="env:HOUSE_KEY"
        )
    assert {outcome.status for outcome in outcomes} == {"ok"}
    assert len(outcomes) == 120 == server.answered
    assert len(server.bodies) > 120
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes()


def test_a_rejected_key_stops_the_job_and_leaves_no_trace_of_it(tmp_path: Path, secret: str) -> None:
    with (
        OpenAiServer(key="another") as server,
        pytest.raises(CallError, match="does not accept the access key: status 401") as error,
    ):
        generate(server, tmp_path, 50, GenerationSpec(max_in_flight=4), key="env:HOUSE_KEY")
    assert len(server.bodies) <= 4
    assert secret not in "".join(traceback.format_exception(error.value))
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes()


def test_requests_stay_under_their_limit_of_a_minute(tmp_path: Path) -> None:
    with OpenAiServer() as server:
        start = time.monotonic()
        outcomes: list[Outcome] = []

        async def some() -> None:
            provider = OpenAiHttp(endpoint(server), in_flight=16)
            run = GenerationLoop(
                provider, Cache(tmp_path / "c.sqlite"), GenerationSpec(requests_per_minute=30)
            )
            try:
                await asyncio.wait_for(run.run(keys(40), numbered_requests(), outcomes.append), 2.5)
            except TimeoutError:
                await provider.aclose()

        asyncio.run(some())
    assert len(server.bodies) == 30
    assert time.monotonic() - start < 20
