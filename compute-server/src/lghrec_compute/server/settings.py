"""The server's settings: from the command line, else from `LGHREC_<NAME>`, else the default below."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lghrec_compute.endpoints import load_endpoints
from lghrec_compute.errors import ConfigError
from lghrec_compute.layout import DataDir

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Settings(BaseSettings):
    """All settings of a server. Relative paths become absolute when the settings are read."""

    model_config = SettingsConfigDict(env_prefix="LGHREC_", frozen=True, extra="forbid")

    data_dir: Path = Path(".lghrec")
    """Directory of the database, artifacts, runs, data sets and caches."""
    host: str = "127.0.0.1"
    """Address to listen on, or `unix:<path>` for a socket file."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 7300
    """Port to listen on. 0 chooses a free port."""
    import_roots: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders that paths in specs may lie in, separated by colons in the environment. An empty tuple means
    the folder `imports` of the data directory."""
    max_concurrent_runs: Annotated[int, Field(ge=1, le=64)] = 1
    """Number of runs that may have a worker at the same time."""
    max_upload_bytes: Annotated[int, Field(ge=1)] = 64 * 1024**3
    """Largest size of an uploaded data set in bytes."""
    endpoints: Path | None = None
    """File with the endpoints of language models. None means `endpoints.toml` in the data directory."""
    token: SecretStr | None = None
    """If set, every call except health checks must carry it as a bearer token."""
    token_file: Path | None = None
    """File that contains the token, as an alternative to `token`."""
    insecure_bind: bool = False
    """Allow to listen without TLS on an address that other machines can reach."""
    grace_s: Seconds = 10.0
    """Seconds that a worker has to stop before it is killed."""
    heartbeat_s: Seconds = 15.0
    """Seconds between the heartbeats of a watch."""
    poll_s: Seconds = 0.05
    """Seconds between two checks of a worker and its journal."""
    drain_s: Seconds = 2.0
    """Seconds that running calls have to end when the server stops."""
    worker_module: str = "lghrec_compute.worker"
    """Module of the worker, started as `python -m <module> <run folder>`."""

    @field_validator("import_roots", mode="before")
    @classmethod
    def _split_roots(cls, value: Any) -> Any:
        return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    @field_validator("data_dir", "token_file", "endpoints")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().resolve()

    @field_validator("import_roots")
    @classmethod
    def _absolute_roots(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(root.expanduser().resolve() for root in value)

    @model_validator(mode="after")
    def _one_token(self) -> Settings:
        if self.token is not None and self.token_file is not None:
            raise ValueError("set either the token or the token file, got both")
        if self.token is not None and not self.token.get_secret_value().strip():
            raise ValueError("the token is empty, expected at least 1 character")
        return self

    @property
    def endpoints_path(self) -> Path:
        """Path of the file with the endpoints."""
        return self.endpoints or DataDir(self.data_dir).endpoints

    def check_endpoints(self) -> None:
        """Raise `ConfigError` for endpoints that cannot be used, before a run needs one."""
        if self.endpoints is not None and not self.endpoints.is_file():
            raise ConfigError(f"endpoints: no file {self.endpoints}")
        load_endpoints(self.endpoints_path)

    def read_token(self) -> str | None:
        """Return the token from the setting or the file, None if neither is set.

        Raises `OSError` for a file that cannot be read, `ValueError` for a file without a token.
        """
        if self.token_file is not None:
            token = self.token_file.read_text().strip()
            if not token:
                raise ValueError(f"no token in {self.token_file}")
            return token
        return None if self.token is None else self.token.get_secret_value().strip()
