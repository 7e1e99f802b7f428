"""The operator's endpoints as the server uses them: their names, and which key a run needs.

The file is read each time, so that an endpoint can be added without a restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lghrec_compute.endpoints import Endpoint, key_variables, load_endpoints
from lghrec_compute.errors import ConfigError
from lghrec_compute.plain import Json
from lghrec_compute.server.logs import log


@dataclass(frozen=True)
class Endpoints:
    """One configuration file, which may be missing."""

    path: Path

    def load(self) -> dict[str, Endpoint]:
        """All endpoints by name. Raises `ConfigError` for a file that cannot be used."""
        return load_endpoints(self.path)

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
