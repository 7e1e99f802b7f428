from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from openai_server import OpenAiServer

from lghrec_compute.bundled_model import weights_path
from lghrec_compute.errors import ConfigError
from lghrec_compute.provider_status import provider_statuses


def written(folder: Path, *entries: str) -> Path:
    (folder / "endpoints.toml").write_text("\n".join(entries))
    return folder


def entry(name: str, url: str, *more: str) -> str:
    return "\n".join(
        [f"[endpoints.{name}]", f'url = "{url}"', 'model = "tiny"', "allow_loopback = true", *more]
    )


def test_local_text_sources_come_first_and_report_what_is_missing(tmp_path: Path) -> None:
    extractive, raw_text, llamacpp = provider_statuses(tmp_path, {})
    for status, name in ((extractive, "extractive"), (raw_text, "raw_text")):
        assert status == {"provider": name, "endpoint": "", "model": "", "available": True, "reason": ""}
    assert (llamacpp["provider"], llamacpp["model"]) == ("llamacpp", "SmolLM2-135M-Instruct")
    assert llamacpp["available"] == (not llamacpp["reason"])
    if importlib.util.find_spec("llama_cpp") is None:
        assert "needs llama-cpp-python, which is not installed: pip install" in llamacpp["reason"]
        with pytest.raises(ConfigError, match="llama-cpp-python"):
            weights_path()


def test_each_endpoint_says_whether_it_answers(tmp_path: Path) -> None:
    with OpenAiServer() as server:
        gone = OpenAiServer()
        gone.__exit__()
        folder = written(
            tmp_path,
            entry("up", server.url),
            entry("down", gone.url),
            entry("keyless", server.url, 'key = "env:NOT_SET"'),
            '[endpoints.inner]\nurl = "https://10.0.0.1/v1"',
        )
        statuses = {
            status["endpoint"]: status for status in provider_statuses(folder, {}) if status["endpoint"]
        }
    assert list(statuses) == ["down", "inner", "keyless", "up"]
    assert statuses["up"] == {
        "provider": "openai", "endpoint": "up", "model": "tiny", "available": True, "reason": "",
    }  # fmt: skip
    assert statuses["down"]["reason"] == "it does not answer (ConnectionRefusedError): check that it is up"
    assert "no usable key in the environment variable NOT_SET" in statuses["keyless"]["reason"]
    assert "its address is not public" in statuses["inner"]["reason"]


def test_a_key_is_sent_only_to_its_endpoint(tmp_path: Path) -> None:
    secret = "-".join(["sk", "canary", "90ab"])
    with OpenAiServer() as server:
        folder = written(tmp_path, entry("up", server.url, 'key = "env:K"'))
        statuses = provider_statuses(folder, {"K": secret})
    assert secret not in str(statuses)
    assert statuses[-1]["available"]
    assert server.headers[-1]["authorization"] == f"Bearer {secret}"


def test_asking_loads_nothing_heavy() -> None:
    code = (
        "import sys, lghrec_compute.provider_status; "
        "print(sorted({'torch', 'numpy', 'httpx', 'llama_cpp'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
