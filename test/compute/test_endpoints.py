from __future__ import annotations

from pathlib import Path

import pytest

from lghrec_compute.endpoints import Endpoint, endpoints_path, key_variables, load_endpoints, pick
from lghrec_compute.errors import ConfigError

TWO = """
[endpoints.house]
url = "https://models.example.org/v1"
model = "big"
key = "env:HOUSE_KEY"

[endpoints.local-vllm]
url = "http://127.0.0.1:8000/v1"
allow_loopback = true
max_length = false
body = { chat_template_kwargs = { enable_thinking = false } }
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "endpoints.toml"
    path.write_text(text)
    return path


def test_endpoints_are_read_by_name(tmp_path: Path) -> None:
    endpoints = load_endpoints(written(tmp_path, TWO))
    assert set(endpoints) == {"house", "local-vllm"}
    assert endpoints["house"].model == "big"
    assert endpoints["local-vllm"].body == {"chat_template_kwargs": {"enable_thinking": False}}
    assert (endpoints["house"].allow_loopback, endpoints["house"].json_schema) == (False, True)
    assert key_variables(endpoints) == {"HOUSE_KEY"}
    assert pick(endpoints, "house") is endpoints["house"]


def test_no_file_is_no_endpoint_and_a_wrong_name_lists_those_there_are(tmp_path: Path) -> None:
    assert load_endpoints(tmp_path / "endpoints.toml") == {}
    with pytest.raises(ConfigError, match="got 'x', expected one of the server's endpoints: none"):
        pick({}, "x")
    with pytest.raises(ConfigError, match="endpoints: house, local-vllm"):
        pick(load_endpoints(written(tmp_path, TWO)), "hous")


def test_the_file_lies_in_the_data_directory_or_where_the_variable_says(tmp_path: Path) -> None:
    assert endpoints_path(tmp_path, {}) == tmp_path / "endpoints.toml"
    assert endpoints_path(tmp_path, {"LGHREC_ENDPOINTS": "/etc/l.toml"}) == Path("/etc/l.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[endpoints.a]\nmodel = 'm'", "endpoint 'a': url: field required"),
        ("[endpoints.a]\nurl = 'https://x'\nkey = 'sk-canary'", "endpoint 'a': key: string should match"),
        (
            "[endpoints.a]\nurl = 'https://x'\napi_key = 'sk-canary'",
            "api_key: extra inputs are not permitted",
        ),
        ("[endpoints.a]\nurl = 'https://x'\nchat_template = 'x'", "chat_template: string should match"),
        ("[endpoints.'A B']\nurl = 'https://x'", "endpoint 'A B' is not a table with a name"),
        ("endpoints = 5", r"expected tables \[endpoints.NAME\]"),
        ("[endpoint.a]\nurl = 'https://x'", r"expected tables \[endpoints.NAME\] and nothing else"),
        ("[endpoints.a", "cannot be read"),
    ],
)
def test_a_wrong_file_names_the_fault_and_never_a_value(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        load_endpoints(written(tmp_path, text))
    assert "sk-canary" not in error.value.message


def test_a_key_is_read_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-file\n")
    base = {"name": "a", "url": "https://x"}
    assert Endpoint(**base).secret({}) == ""
    assert Endpoint(**base, key="env:K").secret({"K": "sk-env"}) == "sk-env"
    assert Endpoint(**base, key=f"file:{tmp_path / 'key'}").secret({}) == "sk-file"
    for key, variables in (("env:K", {}), ("env:K", {"K": "a\nb"}), (f"file:{tmp_path / 'none'}", {})):
        with pytest.raises(ConfigError, match="no usable key") as error:
            Endpoint(**base, key=key).secret(variables)
        assert str(tmp_path) not in error.value.message
