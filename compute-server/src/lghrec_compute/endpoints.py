"""The endpoints an operator has named: where language models answer, and by which key.

A spec names an endpoint and can do no more: neither address nor key travels in requests. The file is
`endpoints.toml` in the data directory, or where LGHREC_ENDPOINTS points:

    [endpoints.house]
    url = "https://models.example.org/v1"
    model = "Qwen/Qwen2.5-32B-Instruct"
    key = "env:HOUSE_KEY"        # or "file:/run/secrets/house"

Knows neither torch nor grpc.
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
    """One entry; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    url: Annotated[str, Field(min_length=1, max_length=2048)]
    """Up to and with /v1."""
    model: str = ""
    """Taken when a spec names none."""
    revision: str = ""
    """Commit of the model's weights; part of the key of each text, so that a new one makes new texts."""
    key: Annotated[str, Field(pattern=r"^$|^env:[A-Za-z_][A-Za-z0-9_]*$|^file:.+$")] = ""
    """Where the key lies: env:NAME or file:PATH; empty sends none."""
    allow_loopback: bool = False
    """The endpoint is on this machine; only then http is allowed."""
    json_schema: bool = True
    """It obeys `response_format` of type json_schema."""
    max_length: bool = True
    """It obeys minLength and maxLength in a schema."""
    gbnf: bool = False
    """It takes a grammar of llama.cpp in the field `grammar`; then that is sent in place of a schema.

    Needed for llama_cpp.server, which dies of a schema with our bounds.
    """
    seed: bool = True
    """It takes a seed."""
    repetition_penalty: bool = False
    """It takes vLLM's `repetition_penalty`."""
    tokenizer: str = ""
    """A tokenizer.json on the server, to count tokens exactly and to know the control tokens."""
    chat_template: Annotated[str, Field(pattern=r"^$|^chatml$")] = ""
    """`chatml` if the model frames messages so; with `tokenizer` the estimate of input is exact."""
    body: dict[str, Any] = {}
    """Further fields of each request, for example chat_template_kwargs = { enable_thinking = false }."""

    def secret(self, environment: Mapping[str, str] = os.environ) -> str:
        """Return the key, or "" if there is none; raise `ConfigError` if it cannot be read."""
        kind, _, name = self.key.partition(":")
        if kind == "":
            return ""
        value = environment.get(name, "") if kind == "env" else _read_secret(name)
        if not value or not value.isprintable() or not value.isascii():
            where = f"the environment variable {name}" if kind == "env" else "its key file"
            raise ConfigError(
                f"endpoint {self.name!r} has no usable key in {where}",
                hint="put the key there, in the environment or the files of the server",
            )
        return value


def endpoints_path(data_dir: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the configuration lies."""
    return Path(environment[VARIABLE]) if environment.get(VARIABLE) else DataDir(data_dir).endpoints


def load_endpoints(path: Path) -> dict[str, Endpoint]:
    """All endpoints by name; none if there is no file. Raises `ConfigError` naming every wrong field."""
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
    """Names of the environment variables that hold keys: a worker needs them."""
    return {entry.key.removeprefix("env:") for entry in endpoints.values() if entry.key.startswith("env:")}


def pick(endpoints: Mapping[str, Endpoint], name: str) -> Endpoint:
    """The endpoint of this name. Raises `ConfigError` with the names there are."""
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
            f"{file}: endpoint {name!r} is no table with a name of lower-case letters, digits, - and _"
        )
    try:
        return Endpoint(**{**entry, "name": name})
    except ValidationError as error:
        # no input values: a key that was typed in the wrong place must not come back in a message
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
