"""Which providers of item texts can be used now, in the field names of `lghrec.v1.ProviderStatus`.

Asks every configured endpoint for its list of models, at its pinned address, and loads nothing heavy: the
server calls this, in a thread, as it waits for the network.
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
    """Local providers first, then endpoints by name. Takes a few seconds when an endpoint does not answer.

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
        reason = _reason_not_ready(target, secret)
    except ConfigError as error:
        reason = f"{error.message}: {error.hint}" if error.hint else error.message
    return _status("openai", endpoint=endpoint.name, model=endpoint.model, reason=reason)


def _reason_not_ready(target: Target, secret: str) -> str:
    """Request the list of models; return the reason why the endpoint is not ready, or "" if it is."""
    headers = {"Host": target.host_header, "User-Agent": "lghrec"}
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    try:
        with closing(_connected(target)) as connection:
            connection.request("GET", f"{target.path}/models", headers=headers)
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        # the message can contain the request, so only the type of the error is reported
        return f"it does not answer ({type(error).__name__}): see that it is up"
    if status in _KEY_REFUSED:
        return f"it does not take the key (status {status}): check the key that the entry points to"
    # an endpoint need not list its models: any other answer shows that it is there
    return f"it answers with status {status}: see that it is well" if status >= 500 else ""


def _connected(target: Target) -> http.client.HTTPConnection:
    """A connection to the address that was checked, whatever the name resolves to by now."""
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
