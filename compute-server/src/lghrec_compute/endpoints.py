"""The endpoints of language models that an operator has configured, with their addresses and access keys.

A spec only names an endpoint: requests contain neither addresses nor keys. The file is `endpoints.toml` in
the data directory, or the file that LGHREC_ENDPOINTS names:

    [endpoints.house]
    url = "https://models.example.org/v1"
    model = "Qwen/Qwen2.5-32B-Instruct"
    key = "env:HOUSE_KEY"        # or "file:/run/secrets/house"

Imports neither torch nor grpc.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lghrec_compute.errors import ConfigError
from lghrec_compute.layout import DataDir

VARIABLE = "LGHREC_ENDPOINTS"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")
_MAX_KEY_BYTES = 8192


class Endpoint(BaseModel):
    """One entry. Unknown fields are rejected."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: Annotated[str, Field(min_length=1, max_length=2048)]
    """Address, up to and including /v1."""
    model: str = ""
    """Model to use if a spec names none."""
    revision: str = ""
    """Commit of the model's weights. It is part of the key of each text, so a new revision generates new
    texts."""
    key: Annotated[str, Field(pattern=r"^$|^env:[A-Za-z_][A-Za-z0-9_]*$|^file:.+$")] = ""
    """Source of the access key: env:NAME or file:PATH. An empty value sends no key."""
    allow_loopback: bool = False
    """True if the endpoint is on this machine. Only then http is allowed."""
    json_schema: bool = True
    """True if the endpoint supports `response_format` of type json_schema."""
    max_length: bool = True
    """True if the endpoint supports minLength and maxLength in a schema."""
    gbnf: bool = False
    """True if the endpoint accepts a grammar of llama.cpp in the field `grammar`, which then replaces the
    schema.

    llama_cpp.server needs it, because a schema with our bounds makes it crash.
    """
    seed: bool = True
    """True if the endpoint accepts a seed."""
    repetition_penalty: bool = False
    """True if the endpoint accepts vLLM's `repetition_penalty`."""
    tokenizer: str = ""
    """Path of a tokenizer.json on the server, to count tokens exactly and to know the control tokens."""
    chat_template: Annotated[str, Field(pattern=r"^$|^chatml$")] = ""
    """`chatml` if the model frames messages so. With `tokenizer`, the estimate of input tokens is then
    exact."""
    body: dict[str, Any] = {}
    """Further fields of each request, for example chat_template_kwargs = { enable_thinking = false }."""

    def secret(self, environment: Mapping[str, str] = os.environ) -> str:
        """Return the access key, or "" if there is none. Raises `ConfigError` if it cannot be read."""
        kind, _, name = self.key.partition(":")
        if kind == "":
            return ""
        value = environment.get(name, "") if kind == "env" else _read_secret(name)
        if not value or not value.isprintable() or not value.isascii():
            where = f"the environment variable {name}" if kind == "env" else "its key file"
            raise ConfigError(
                f"endpoint {self.name!r} has no usable key in {where}",
                hint="set the key in the environment or in the file of the server",
            )
        return value


def endpoints_path(data_dir: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the configuration."""
    return Path(environment[VARIABLE]) if environment.get(VARIABLE) else DataDir(data_dir).endpoints


def load_endpoints(path: Path) -> dict[str, Endpoint]:
    """Return all endpoints by name, or none without a file. Raises `ConfigError` that names every wrong
    field."""
    try:
        data = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}", hint="correct the file") from None
    entries = data.get("endpoints", {})
    if set(data) - {"endpoints"} or not isinstance(entries, dict):
        raise ConfigError(f"{path.name}: expected tables [endpoints.NAME] and nothing else")
    return {name: _endpoint(name, entry, path.name) for name, entry in entries.items()}


def key_variables(endpoints: Mapping[str, Endpoint]) -> set[str]:
    """Return the names of the environment variables that contain keys, which a worker needs."""
    return {entry.key.removeprefix("env:") for entry in endpoints.values() if entry.key.startswith("env:")}


def pick(endpoints: Mapping[str, Endpoint], name: str) -> Endpoint:
    """Return the endpoint of this name. Raises `ConfigError` with the existing names."""
    if name in endpoints:
        return endpoints[name]
    there = ", ".join(sorted(endpoints)) or "none"
    raise ConfigError(
        f"semantic.generation.endpoint: got {name!r}, expected one of the server's endpoints: {there}",
        hint="name the endpoint in endpoints.toml in the server's data directory",
    )


def _endpoint(name: str, entry: object, file: str) -> Endpoint:
    if not _NAME.match(name) or not isinstance(entry, dict):
        raise ConfigError(
            f"{file}: endpoint {name!r} is not a table with a name of lower-case letters, digits, - and _"
        )
    try:
        return Endpoint(**{**entry, "name": name})
    except ValidationError as error:
        # no input values, because a key that was typed into another field must not appear in a message
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc']))}: {_lower(fault['msg'])}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise ConfigError(f"{file}, endpoint {name!r}: {faults}", hint="correct the fields named") from None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _read_secret(path: str) -> str:
    try:
        return Path(path).read_bytes()[:_MAX_KEY_BYTES].decode("ascii", "replace").strip()
    except OSError:
        return ""
