from __future__ import annotations

from pathlib import Path

import pytest

from lghrec_compute.dseg.encode.encoder import Encoder, EncoderOptions, open_encoder


@pytest.fixture(scope="session")
def minilm() -> Encoder:
    """The real encoder with torch; loading takes seconds."""
    return open_encoder()


@pytest.fixture(scope="session")
def graph_cache(tmp_path_factory: pytest.TempPathFactory, minilm: Encoder) -> Path:
    """A cache that contains the graph of the real encoder."""
    assert minilm.runtime == "torch"
    cache = tmp_path_factory.mktemp("onnx")
    assert open_encoder(options=EncoderOptions(cache_dir=cache)).runtime == "onnxruntime"
    return cache
