"""Checks which providers of item texts can be used now. Results have the form of `lghrec.v1.ProviderStatus`.

The check requests the list of models of each configured endpoint, at its checked address. The server runs it
in a thread, because it waits for the network. This module imports no large library.
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
    """Return the status of the local providers, and then of the endpoints in the order of their names.

    The call takes a few seconds if an endpoint does not answer. Raises `ConfigError` if the configuration of
    endpoints cannot be read.
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
    """Request the list of models. Return the reason why the endpoint is not ready, or "" if it is ready."""
    headers = {"Host": target.host_header, "User-Agent": "lghrec"}
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    try:
        with closing(_connected(target)) as connection:
            connection.request("GET", f"{target.path}/models", headers=headers)
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        # the message can contain the request, so only the type of the error is reported
        return f"it does not answer ({type(error).__name__}): check that it is running"
    if status in _KEY_REFUSED:
        return f"it rejects the key (status {status}): check the key that the entry refers to"
    # an endpoint may have no list of models, so any other answer shows that it is running
    return f"it answers with status {status}: check its log for errors" if status >= 500 else ""


def _connected(target: Target) -> http.client.HTTPConnection:
    """Return a connection to the checked address. The host name is not resolved a second time."""
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
