"""One server for several concurrent runs, shared by all tests that do not stop or damage it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from server_kit import Server, serving


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("data with a space #1")
    with serving(folder, "--max-concurrent-runs", "4", LGHREC_HEARTBEAT_S="0.2") as server:
        yield server
