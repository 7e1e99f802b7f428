"""Makes test/support/python importable, keeps every test on one thread, and off the network."""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "support" / "python"))
torch.set_num_threads(1)


def _refuse_other_machines(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook cannot be taken off again, and sees every connection that Python code makes."""
    if event not in ("socket.connect", "socket.sendto") or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise RuntimeError(f"a test reached out to {host}: tests stay on this machine")


sys.addaudithook(_refuse_other_machines)
