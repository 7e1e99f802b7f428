"""A real HTTP server on loopback that speaks the OpenAI chat protocol; its answers fit the schema.

Faults are scripted: `plan(number, body)` returns the fault of a request, counted from 0, or None.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]
Plan = Callable[[int, Json], str | None]

_ITEM = re.compile(r"<item>\n(.*)\n</item>", re.DOTALL)


def answer_for(body: Json) -> str:
    """Return compact JSON within the bounds of the request's schema; equal requests get equal answers."""
    found = _ITEM.search(body["messages"][-1]["content"])
    text = found[1] if found else ""
    value = text.split("\n")[0].partition(": ")[2] or text or "nothing"
    cot = (
        f'1. The text names it "{value[:200]}". '
        + "It is described by its own words, and by them alone. " * 2
    )
    keywords = ", ".join(dict.fromkeys(re.findall(r"\w{3,}", text)[:5])) or "nothing"
    properties = (
        body.get("response_format", {}).get("json_schema", {}).get("schema", {}).get("properties", {})
    )
    most = {name: entry.get("maxLength", 10_000) for name, entry in properties.items()}
    answer = {"CoT": cot[: most.get("CoT", 10_000)], "keywords": keywords[: most.get("keywords", 10_000)]}
    return json.dumps(answer, separators=(",", ":"))


class OpenAiServer:
    """Use as a context manager; `url` ends with /v1. `bodies` and `headers` contain those of all requests."""

    def __init__(
        self, plan: Plan = lambda _number, _body: None, *, key: str = "", latency_s: float = 0.0
    ) -> None:
        self.plan, self.key, self.latency_s = plan, key, latency_s
        self.bodies: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.answered = 0
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self._is_serving = False
        self._server = _Server(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> OpenAiServer:
        self._is_serving = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.closing.set()
        if self._is_serving:
            self._server.shutdown()
        self._server.server_close()

    def enter(self, body: Json, headers: dict[str, str]) -> str | None:
        with self.lock:
            number = len(self.bodies)
            self.bodies.append(body)
            self.headers.append(headers)
            self.times.append(time.monotonic())
        return self.plan(number, body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore broken connections: tests kill clients on purpose."""


def _handler(server: OpenAiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

        def do_GET(self) -> None:
            server.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.reply(200, {"object": "list", "data": [{"id": "tiny"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            fault = server.enter(body, {name.lower(): value for name, value in self.headers.items()})
            time.sleep(server.latency_s)
            if server.key and self.headers.get("authorization") != f"Bearer {server.key}":
                # like some hosted endpoints, the body repeats the key that was sent
                self.reply(401, {"error": {"message": f"bad key {self.headers.get('authorization')}"}})
            elif fault is None:
                with server.lock:
                    server.answered += 1
                self.reply(200, completion(answer_for(body), "stop", body))
            else:
                self.fail(fault, body)

        def fail(self, fault: str, body: Json) -> None:
            if fault == "hang":
                server.closing.wait(30)
                self.close_connection = True
            elif fault == "drop":
                self.close_connection = True
            elif fault == "redirect":
                self.reply(302, {}, {"location": "http://169.254.169.254/latest/meta-data"})
            elif fault == "garbage":
                self.reply(200, completion('Sure! {"CoT": "no', "stop", body))
            elif fault == "no_json":
                self.reply_bytes(200, b"<html>busy</html>", {})
            elif fault == "truncated":
                self.reply(200, completion(answer_for(body)[:40], "length", body))
            elif fault == "huge":
                self.reply_bytes(200, b" " * (2 << 20), {})
            else:  # an error status whose body repeats the key that was sent
                retry = {"retry-after": "0.05"} if fault == "429" else {}
                self.reply(int(fault), {"error": {"message": str(self.headers.get("authorization"))}}, retry)

        def reply(self, status: int, value: Json, headers: dict[str, str] | None = None) -> None:
            self.reply_bytes(status, json.dumps(value).encode(), headers or {})

        def reply_bytes(self, status: int, data: bytes, headers: dict[str, str]) -> None:
            try:
                self.send_response(status)
                for name, value in {"content-length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    return Handler


def completion(text: str, finish: str, body: Json) -> Json:
    words = sum(len(message["content"].split()) for message in body["messages"])
    message = {"role": "assistant", "content": text}
    return {
        "object": "chat.completion",
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": words,
            "completion_tokens": len(text.split()),
            "prompt_tokens_details": {"cached_tokens": words // 2},
            "completion_tokens_details": {"reasoning_tokens": 0},
        },
    }
