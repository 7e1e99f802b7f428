"""The address that the server listens on: whether it is safe without TLS, and whether it is free."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from lghrec_compute.errors import ConfigError

_UNIX = "unix:"


class PortInUseError(OSError):
    """Another program listens on this address."""


@dataclass(frozen=True)
class Address:
    """An address to listen on: `host` and `port`, or `unix:<path>` as the host."""

    host: str
    port: int

    @property
    def is_unix(self) -> bool:
        """Whether the address is a socket file."""
        return self.host.startswith(_UNIX)

    @property
    def target(self) -> str:
        """The address in the form that gRPC binds."""
        if self.is_unix:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def endpoint(self, port: int) -> str:
        """Return the endpoint that a client on this machine connects to."""
        if self.is_unix:
            return self.host
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def check_address(host: str, port: int, *, insecure: bool) -> Address:
    """Return the address if it can be bound. `insecure` allows addresses that other machines can reach.

    Raises `PortInUseError` if another program listens on it. Raises `ConfigError` if it cannot be bound, or
    if other machines can reach it and `insecure` is false.
    """
    if host.startswith(_UNIX):
        return _check_socket(Path(host.removeprefix(_UNIX)))
    if not insecure and not _is_loopback(host):
        raise ConfigError(
            f"cannot listen on {host} without TLS, expected a loopback address or unix:<path>",
            hint="other machines could read and change the traffic; --insecure-bind allows it nevertheless",
        )
    _try_bind(host, port)
    return Address(host, port)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _try_bind(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(f"port {port} of {host} is in use by another program") from None
        raise ConfigError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None


def _check_socket(path: Path) -> Address:
    """Remove a socket file without a listener: a killed server left it behind."""
    path = path.absolute()
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(os.fspath(path))
        except FileNotFoundError:
            pass
        except ConnectionRefusedError:
            path.unlink()
        except OSError as error:
            raise ConfigError(f"cannot listen on {path}: {error.strerror or error}") from None
        else:
            raise PortInUseError(f"socket {path} is in use by another program")
    return Address(f"{_UNIX}{path}", 0)
