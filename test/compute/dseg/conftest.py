from __future__ import annotations

import pytest

from lghrec_compute.dseg.encode import MiniLM


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    """The real encoder; loading takes seconds."""
    return MiniLM.load()
