"""The server's settings: from the command line, else from `LGHREC_<NAME>`, else the default here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lghrec_compute.endpoints import FILE_NAME, load_endpoints
from lghrec_compute.errors import ConfigError

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Settings(BaseSettings):
    """Every setting of a server. Paths are absolute once read."""

    model_config = SettingsConfigDict(env_prefix="LGHREC_", frozen=True, extra="forbid")

    data_dir: Path = Path(".lghrec")
    """Where state, artifacts, runs, data sets and caches lie."""
    host: str = "127.0.0.1"
    """Address to listen on, or `unix:<path>` for a socket file."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 7300
    """0 picks a free one."""
    import_roots: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders that `source.path` may lie in; colons between them in the environment. Empty: `imports`."""
    max_concurrent_runs: Annotated[int, Field(ge=1, le=64)] = 1
    max_upload_bytes: Annotated[int, Field(ge=1)] = 64 * 1024**3
    """Largest data set that may be uploaded."""
    endpoints: Path | None = None
    """File that names the endpoints of language models; None: `endpoints.toml` in the data directory."""
    token: SecretStr | None = None
    """When set, every call but health checks must carry it as a bearer token."""
    token_file: Path | None = None
    """File with the token, instead of `token`."""
    insecure_bind: bool = False
    """Listen in plain text on an address that other machines reach."""
    grace_s: Seconds = 10.0
    """Time a worker has to stop before it is killed."""
    heartbeat_s: Seconds = 15.0
    """Time between heartbeats of a watch."""
    poll_s: Seconds = 0.05
    """Time between looks at a worker and its journal."""
    drain_s: Seconds = 2.0
    """Time that calls in flight have to end once the server stops."""
    worker_module: str = "lghrec_compute.worker"
    """Module that runs a worker: `python -m <module> <run folder>`."""

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
            raise ValueError("give the token or a token file, got both")
        if self.token is not None and not self.token.get_secret_value().strip():
            raise ValueError("the token is empty, expected one of at least 1 character")
        return self

    @property
    def endpoints_path(self) -> Path:
        """Where endpoints are named."""
        return self.endpoints or self.data_dir / FILE_NAME

    def check_endpoints(self) -> None:
        """Raises `ConfigError` for endpoints that cannot be used, before a run needs one."""
        if self.endpoints is not None and not self.endpoints.is_file():
            raise ConfigError(f"endpoints: no file {self.endpoints}")
        load_endpoints(self.endpoints_path)

    def read_token(self) -> str | None:
        """The token, from whichever place. Raises `OSError` or `ValueError` for a file without one."""
        if self.token_file is not None:
            token = self.token_file.read_text().strip()
            if not token:
                raise ValueError(f"no token in {self.token_file}")
            return token
        return None if self.token is None else self.token.get_secret_value().strip()
