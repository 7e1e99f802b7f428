"""Checks the addresses that a worker may connect to: https hosts with public addresses, or a configured
loopback.

Imports neither torch nor grpc. All code that connects to a configured address uses it.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lghrec_compute.errors import ConfigError

Resolver = Callable[[str, int], Sequence[str]]
"""Returns all addresses of a host, as text."""

_NAME = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*\Z")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z")
# addresses that contain an IPv4 address: mapped, compatible, NAT64, 6to4, Teredo
_CARRIERS = [
    ipaddress.ip_network(text)
    for text in ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
]
# not all versions of Python treat these as special: IETF protocol assignments, and the 6to4 relay
_SPECIAL = [ipaddress.ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24")]
_HINT = "give the endpoint an https address of a public host, or set allow_loopback = true for a local one"


@dataclass(frozen=True)
class Target:
    """An address to connect to. `address` was resolved once and is used from then on; TLS checks `host`."""

    scheme: str
    host: str
    port: int
    address: str
    path: str

    @property
    def is_loopback(self) -> bool:
        """True if the address is on this machine."""
        return ipaddress.ip_address(self.address).is_loopback

    @property
    def base_url(self) -> str:
        """The URL with the address instead of the host's name."""
        shown = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{shown}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        """The value of the Host header."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        is_default = self.port == {"https": 443, "http": 80}[self.scheme]
        return shown if is_default else f"{shown}:{self.port}"


def resolve_all(host: str, port: int) -> Sequence[str]:
    """Resolve a host with the operating system. Raises `OSError` if the host is unknown."""
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


def resolve(url: str, *, allow_loopback: bool = False, resolver: Resolver = resolve_all) -> Target:
    """Check an endpoint's URL and pin its address.

    Raises `ConfigError` for anything but https to a public address and, if `allow_loopback`, http or https to
    this machine. All addresses of the host must be allowed; otherwise the URL is rejected.
    """
    scheme, host, port, path = _split(url)
    try:
        addresses = resolver(host, port)
    except OSError:
        raise _refused("the host is unknown", "check its name") from None
    if not addresses:
        raise _refused("the host has no address", "check its name")
    for address in addresses:
        _check(address, allow_loopback)
    target = Target(scheme, host, port, addresses[0], path)
    on_this_machine = {ipaddress.ip_address(address).is_loopback for address in addresses}
    if len(on_this_machine) > 1:
        raise _refused("its host is both on this machine and elsewhere", _HINT)
    if scheme == "http" and not target.is_loopback:
        raise _refused("http is not encrypted", _HINT)
    return target


def _split(url: str) -> tuple[str, str, int, str]:
    if any(character <= " " or character > "~" or character == "\\" for character in url):
        raise _refused("it contains white space, a backslash or a character outside ASCII", _HINT)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _refused("it cannot be read", _HINT) from None
    if parts.scheme not in ("https", "http"):
        raise _refused(f"its scheme is {parts.scheme[:20]!r}, expected https", _HINT)
    if "@" in parts.netloc:
        raise _refused("it contains a user name or a password", "give the key by reference: key = env:NAME")
    if parts.query or parts.fragment:
        raise _refused("it contains a query or a fragment", _HINT)
    if port == 0:
        raise _refused("its port is 0", _HINT)
    host = _checked_host(parts.hostname or "")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80), parts.path.rstrip("/")


def _checked_host(host: str) -> str:
    if ":" in host:
        if "%" in host:
            raise _refused("its address has a zone", _HINT)
        return host
    host = host.removesuffix(".")
    if not _NAME.match(host):
        raise _refused("it has no host name", _HINT)
    labels = host.split(".")
    if _NUMBER.match(labels[-1]):
        # a C library reads 2130706433, 0x7f.1, 127.1 and 0177.0.0.1 as addresses, other software as names
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise _refused("its host is an address in an unusual notation", _HINT) from None
    return host


def _check(text: str, allow_loopback: bool) -> None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise _refused("its address cannot be read", _HINT) from None
    if allow_loopback and address.is_loopback:
        return
    special = any(address in network for network in (_CARRIERS if address.version == 6 else _SPECIAL))
    if special or not address.is_global or address.is_multicast or address.is_reserved:
        raise _refused("its address is not public", _HINT)


def _refused(why: str, hint: str) -> ConfigError:
    return ConfigError(f"this endpoint address is rejected: {why}", hint=hint)
