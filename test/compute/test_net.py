from __future__ import annotations

import socket

import pytest

from lghrec_compute.errors import ConfigError
from lghrec_compute.net import resolve

PUBLIC = "93.184.215.14"
NAMES = {
    "models.example.org": [PUBLIC],
    "two.example.org": [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "inner.example.org": ["10.1.2.3"],
    "mixed.example.org": [PUBLIC, "127.0.0.1"],
    "mapped.example.org": ["::ffff:10.0.0.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "localhost": ["127.0.0.1", "::1"],
    "local.example.org": ["127.0.0.1"],
    "empty.example.org": [],
}
REFUSED = [
    "http://models.example.org/v1", "ftp://models.example.org/v1", "file:///etc/passwd", "gopher://models.example.org/",
    "//models.example.org/v1", "models.example.org/v1", "", "https://", "https:///v1", "https://?x",
    "https://user@models.example.org/v1", "https://user:pw@models.example.org/v1", "https://models.example.org@10.0.0.1/",
    "https://models.example.org/v1?key=a", "https://models.example.org/v1#a", "https://models.example.org:0/v1",
    "https://models.example.org:99999/v1", "https://models.example.org:a/v1", "https://models example.org/v1",
    "https://models.example.org\\@10.0.0.1/v1", "https://models.example.org/v1\r\nx: y", "https://ⓜodels.example.org/v1",
    "https://１２７.0.0.1/v1", "https://%6c%6fcalhost/v1", "https://-bad-.example.org/v1", "https://a..b/v1",
    "https://127.0.0.1/v1", "https://127.1/v1", "https://2130706433/v1", "https://0x7f000001/v1", "https://0x7f.0.0.1/v1",
    "https://0177.0.0.1/v1", "https://017700000001/v1", "https://127.0.0.1./v1", "https://0/v1", "https://0.0.0.0/v1",
    "https://10.0.0.1/v1", "https://172.16.0.1/v1", "https://192.168.1.1/v1", "https://100.64.0.1/v1",
    "https://169.254.169.254/latest", "https://192.0.0.8/v1", "https://198.18.0.1/v1", "https://224.0.0.1/v1",
    "https://240.0.0.1/v1", "https://255.255.255.255/v1", "https://192.0.2.1/v1",
    "https://[::1]/v1", "https://[::]/v1", "https://[fe80::1]/v1", "https://[fe80::1%25eth0]/v1", "https://[fc00::1]/v1",
    "https://[::ffff:127.0.0.1]/v1", "https://[::ffff:7f00:1]/v1", "https://[::127.0.0.1]/v1", "https://[64:ff9b::7f00:1]/v1",
    "https://[2002:7f00:1::]/v1", "https://[2001:0:4136:e378::]/v1", "https://[ff02::1]/v1", "https://[::ffff:93.184.215.14]/v1",
    "https://inner.example.org/v1", "https://mixed.example.org/v1", "https://mapped.example.org/v1",
    "https://metadata.google.internal/v1", "https://localhost/v1", "https://LOCALHOST/v1", "https://localhost./v1",
    "https://local.example.org/v1", "https://empty.example.org/v1", "https://unknown.example.org/v1",
]  # fmt: skip


def names(host: str, _port: int) -> list[str]:
    """A resolver of addresses and of the names above."""
    if host in NAMES:
        return NAMES[host]
    if host.replace(".", "").isdigit() or ":" in host:
        return [host]
    raise socket.gaierror(socket.EAI_NONAME, "unknown")


def test_there_are_forty_refused_addresses() -> None:
    assert len(set(REFUSED)) >= 40


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_that_are_not_public_https_are_rejected(url: str) -> None:
    with pytest.raises(ConfigError, match="this endpoint address is rejected") as error:
        resolve(url, resolver=names)
    assert error.value.hint
    assert "user" not in error.value.message.replace("user name", "")
    assert "pw" not in error.value.message


@pytest.mark.parametrize(
    "url",
    [
        url
        for url in REFUSED
        if not any(part in url.lower() for part in ("127.0.0.1", "localhost", "[::1]", "local."))
    ],
)
def test_a_loopback_entry_opens_nothing_but_loopback(url: str) -> None:
    with pytest.raises(ConfigError, match="rejected"):
        resolve(url, allow_loopback=True, resolver=names)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/v1", "http://models.example.org/v1", "http://mixed.example.org/v1"]
)
def test_http_is_allowed_only_for_loopback(url: str) -> None:
    with pytest.raises(ConfigError, match="rejected"):
        resolve(url, allow_loopback=True, resolver=names)


@pytest.mark.parametrize(
    ("url", "base", "header"),
    [
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1", "127.0.0.1:8000"),
        ("http://localhost:8000/v1/", "http://127.0.0.1:8000/v1", "localhost:8000"),
        ("https://localhost/v1", "https://127.0.0.1:443/v1", "localhost"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1", "[::1]:8000"),
    ],
)
def test_a_named_loopback_works(url: str, base: str, header: str) -> None:
    target = resolve(url, allow_loopback=True, resolver=names)
    assert (target.base_url, target.host_header, target.is_loopback) == (base, header, True)


def test_a_public_host_is_pinned_to_its_first_address() -> None:
    target = resolve("https://two.example.org/v1", resolver=names)
    assert target.base_url == f"https://{PUBLIC}:443/v1"
    assert (target.host, target.host_header, target.is_loopback) == (
        "two.example.org",
        "two.example.org",
        False,
    )
    assert resolve(f"https://{PUBLIC}:8443", resolver=names).base_url == f"https://{PUBLIC}:8443"


def test_the_real_resolver_knows_this_machine() -> None:
    assert resolve("http://localhost:1/v1", allow_loopback=True).is_loopback
    with pytest.raises(ConfigError, match="not public"):
        resolve("https://localhost/v1")
