"""Reports which text sources are available now, in the field names of `lghrec.v1.ProviderStatus`.

It requests the list of models from every configured endpoint, at its pinned address, and loads nothing heavy.
The server calls it in a thread, because it waits for the network.
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from lghrec_compute.bundled_model import MODEL, weights_path
from lghrec_compute.endpoints import Endpoint, endpoints_path, load_endpoints
from lghrec_compute.errors import ConfigError
from lghrec_compute.json_types import Json
from lghrec_compute.net import Target, resolve

_TIMEOUT_S = 3.0
_KEY_REFUSED = (401, 403)


def provider_statuses(data_dir: Path, environment: Mapping[str, str] = os.environ) -> list[Json]:
    """Return local text sources first, then endpoints by name. An endpoint that does not answer takes a few
    seconds.

    Raises `ConfigError` if the configuration of endpoints cannot be read.
    """
    endpoints = load_endpoints(endpoints_path(data_dir, environment))
    local = [_status("extractive"), _status("raw_text"), _llamacpp()]
    with ThreadPoolExecutor(max_workers=8) as pool:
        named = pool.map(lambda name: _openai(endpoints[name], environment), sorted(endpoints))
        return [*local, *named]


def _llamacpp() -> Json:
    try:
        weights_path()
    except ConfigError as error:
        return _status("llamacpp", model=MODEL, reason=f"{error.message}: {error.hint}")
    return _status("llamacpp", model=MODEL)


def _openai(endpoint: Endpoint, environment: Mapping[str, str]) -> Json:
    try:
        secret = endpoint.secret(environment)
        target = resolve(endpoint.url, allow_loopback=endpoint.allow_loopback)
        reason = _check(target, secret)
    except ConfigError as error:
        reason = f"{error.message}: {error.hint}" if error.hint else error.message
    return _status("openai", endpoint=endpoint.name, model=endpoint.model, reason=reason)


def _check(target: Target, secret: str) -> str:
    """Return why the endpoint does not answer, or "" if it does."""
    headers = {"Host": target.host_header, "User-Agent": "lghrec"}
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    try:
        with closing(_connected(target)) as connection:
            connection.request("GET", f"{target.path}/models", headers=headers)
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        # the message may contain the request, so only the error's type is reported
        return f"it does not answer ({type(error).__name__}): check that it is up"
    if status in _KEY_REFUSED:
        return f"it does not accept the access key (status {status}): check the key that its entry names"
    # an endpoint need not list its models, so any other answer shows that it is available
    return f"it answers with status {status}: check that it works" if status >= 500 else ""


def _connected(target: Target) -> http.client.HTTPConnection:
    """Return a connection to the address that was checked, whatever the name resolves to now."""
    connection = http.client.HTTPConnection(target.host, target.port, timeout=_TIMEOUT_S)
    plain = socket.create_connection((target.address, target.port), timeout=_TIMEOUT_S)
    if target.scheme == "https":
        try:
            plain = ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise
    connection.sock = plain
    return connection


def _status(provider: str, *, endpoint: str = "", model: str = "", reason: str = "") -> Json:
    return {
        "provider": provider,
        "endpoint": endpoint,
        "model": model,
        "available": not reason,
        "reason": reason,
    }
