"""Any endpoint that implements the OpenAI protocol: vLLM, SGLang, llama-server and hosted services.

The access key is in one header only. Errors contain a status and a cure, but no body, no header and no
message of the HTTP library, because these may contain the key.
"""

from __future__ import annotations

import asyncio
import json
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from lghrec_compute.dseg.llm.requests import Answer, CallError, ProviderInfo, TextRequest
from lghrec_compute.dseg.text.outcome import Usage
from lghrec_compute.dseg.text.schema import gbnf, json_schema
from lghrec_compute.endpoints import Endpoint
from lghrec_compute.json_types import Json
from lghrec_compute.net import Resolver, resolve, resolve_all

MAX_BODY_BYTES = 1 << 20

_CHECK_ENTRY = "check model, json_schema, max_length and body of the endpoint's entry"
_FATAL = {
    400: ("the endpoint does not accept this request", _CHECK_ENTRY),
    401: ("the endpoint does not accept the access key", "check the key that the endpoint's entry names"),
    403: ("the endpoint forbids this request", "check the permissions of the access key"),
    404: ("the endpoint does not know this address or model", "check url, with its /v1, and the model"),
    405: ("the endpoint does not accept this request", "check url in the endpoint's entry"),
    413: ("the request is too large for the endpoint", "serve the model with a longer context"),
    422: ("the endpoint does not accept this request", _CHECK_ENTRY),
}
_OPTIONS = ("json_schema", "max_length", "gbnf", "seed", "repetition_penalty", "body")
_RETRYABLE = frozenset({408, 409, 425})


class OpenAiHttp:
    """One endpoint. Its address is resolved once, at creation. Proxies, redirects and cookies are not
    used."""

    def __init__(
        self, endpoint: Endpoint, *, model: str = "", in_flight: int, resolver: Resolver = resolve_all
    ) -> None:
        self._endpoint = endpoint
        self._target = resolve(endpoint.url, allow_loopback=endpoint.allow_loopback, resolver=resolver)
        headers = {"host": self._target.host_header, "user-agent": "lghrec", "accept-encoding": "identity"}
        if secret := endpoint.secret():
            headers["authorization"] = f"Bearer {secret}"
        self._client = httpx.AsyncClient(
            headers=headers,
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # one deadline holds for the whole call
            limits=httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight),
        )
        self._model = model or endpoint.model
        self.info = ProviderInfo(
            "openai",
            endpoint=endpoint.name,
            model=self._model,
            revision=endpoint.revision,
            options={name: getattr(endpoint, name) for name in _OPTIONS},
        )

    async def complete(self, request: TextRequest, timeout_s: float) -> Answer:
        """Make one chat completion."""
        try:
            async with asyncio.timeout(timeout_s):
                status, headers, body = await self._post(self._body(request))
        except TimeoutError:
            raise CallError(f"no answer within {timeout_s:g} s", kind="timeout") from None
        except httpx.HTTPError as error:
            # the message may contain the request, so only the error's type is reported
            raise CallError(f"no connection: {type(error).__name__}", kind="connection") from None
        if status != 200:
            raise _status_error(status, headers)
        return _answer(body)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _post(self, body: Json) -> tuple[int, httpx.Headers, bytes]:
        request = self._client.build_request(
            "POST",
            f"{self._target.base_url}/chat/completions",
            json=body,
            extensions={"sni_hostname": self._target.host},
        )
        response = await self._client.send(request, stream=True)
        try:
            return response.status_code, response.headers, await _bounded(response)
        finally:
            await response.aclose()

    def _body(self, request: TextRequest) -> Json:
        decoding, endpoint = request.decoding, self._endpoint
        body: Json = {
            "model": self._model,
            "messages": request.prompt.messages(),
            "temperature": decoding.temperature,
            "top_p": decoding.top_p,
            "max_tokens": decoding.max_tokens,
        }
        if endpoint.seed:
            body["seed"] = decoding.seed
        if endpoint.repetition_penalty:
            body["repetition_penalty"] = decoding.repetition_penalty
        if endpoint.gbnf:
            body["grammar"] = gbnf()
        elif endpoint.json_schema:
            schema = {"name": "item", "strict": True, "schema": json_schema(lengths=endpoint.max_length)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return {**body, **endpoint.body}


async def _bounded(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise CallError(f"the answer has more than {MAX_BODY_BYTES:,} bytes", kind="too_large")
    return body


def _status_error(status: int, headers: httpx.Headers) -> CallError:
    if status == 429:
        return CallError("too many requests", kind="rate_limited", retry_after_s=_retry_after(headers))
    if status >= 500 or status in _RETRYABLE:
        return CallError(f"server error {status}", kind="server_error", retry_after_s=_retry_after(headers))
    if 300 <= status < 400:
        hint = "set url to the address that the endpoint redirects to"
        return CallError(
            "the endpoint redirects, and redirects are not followed", kind="redirect", fatal=True, hint=hint
        )
    what, hint = _FATAL.get(status, ("the endpoint rejects the request", "check the endpoint's entry"))
    return CallError(f"{what}: status {status}", kind="denied", fatal=True, hint=hint)


def _retry_after(headers: httpx.Headers) -> float | None:
    """Return the seconds of the header, which has two forms."""
    value = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _answer(body: bytes) -> Answer:
    try:
        value = json.loads(body)
        choice = value["choices"][0]
        message = choice["message"]
        text, refusal = message.get("content") or "", message.get("refusal")
        finish = "refusal" if refusal else str(choice.get("finish_reason") or "stop")
        return Answer(text if isinstance(text, str) else "", finish, _usage(value.get("usage")))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise CallError("the answer is not a chat completion", kind="garbage") from None


def _usage(value: Any) -> Usage:
    usage = value if isinstance(value, dict) else {}
    details = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    read, written = (part if isinstance(part, dict) else {} for part in details)
    return Usage(
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
        _count(read.get("cached_tokens")),
        _count(written.get("reasoning_tokens")),
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 40 else 0
