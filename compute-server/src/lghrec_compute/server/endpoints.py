"""The operator's endpoints as the server uses them: their names, whether they answer, which key a run needs.

The file is read each time, so that an endpoint can be added without a restart.
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
    """One configuration file, which may be missing."""

    path: Path

    def load(self) -> dict[str, Endpoint]:
        """All endpoints by name. Raises `ConfigError` for a file that cannot be used."""
        return load_endpoints(self.path)

    def statuses(self) -> list[Json]:
        """`lghrec.v1.ProviderStatus` of every provider. Waits for endpoints, some seconds at most."""
        try:
            return provider_statuses(self.path.parent, {**os.environ, VARIABLE: str(self.path)})
        except ConfigError as error:
            local = provider_statuses(self.path.parent, {VARIABLE: os.devnull})
            return [*local, {"provider": "openai", "reason": f"{error.message}: {error.hint}"}]

    def key_variables(self, spec: Json) -> set[str]:
        """Environment variables with the key of the one endpoint that a spec names."""
        generation = (spec.get("semantic") or {}).get("generation") or {}
        name = generation.get("endpoint")
        if not name:
            return set()
        try:
            endpoints = self.load()
        except ConfigError as error:
            log.warning(
                "endpoints cannot be read", reason=error.message
            )  # the worker says so too, as its failure
            return set()
        return key_variables({name: endpoints[name]} if name in endpoints else {})
