"""Endpoints of language models that the operator configured: names, availability and keys.

The file is read on each use, so that an endpoint can be added without a restart.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lghrec_compute.endpoints import VARIABLE, Endpoint, key_variables, load_endpoints
from lghrec_compute.errors import ConfigError
from lghrec_compute.json_types import Json
from lghrec_compute.provider_status import provider_statuses
from lghrec_compute.server.logs import log


@dataclass(frozen=True)
class Endpoints:
    """One configuration file. A missing file has no endpoints."""

    path: Path

    def load(self) -> dict[str, Endpoint]:
        """Return all endpoints by name. Raises `ConfigError` for a file that cannot be used."""
        return load_endpoints(self.path)

    def statuses(self) -> list[Json]:
        """Return the `lghrec.v1.ProviderStatus` of every provider. Waits a few seconds for endpoints."""
        try:
            return provider_statuses(self.path.parent, {**os.environ, VARIABLE: str(self.path)})
        except ConfigError as error:
            local = provider_statuses(self.path.parent, {VARIABLE: os.devnull})
            return [*local, {"provider": "openai", "reason": f"{error.message}: {error.hint}"}]

    def key_variables(self, spec: Json) -> set[str]:
        """Return the names of the environment variables that hold the key of the endpoint in a spec."""
        generation = (spec.get("semantic") or {}).get("generation") or {}
        name = generation.get("endpoint")
        if not name:
            return set()
        try:
            endpoints = self.load()
        except ConfigError as error:
            # The worker reads the same file and reports this as the failure of the run.
            log.warning("endpoints cannot be read", reason=error.message)
            return set()
        return key_variables({name: endpoints[name]} if name in endpoints else {})
