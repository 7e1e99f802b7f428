"""The parent's side of a process of llama.cpp. The process starts with the first call and makes one call at a
time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from lghrec_compute.dseg.llm.requests import CallError
from lghrec_compute.json_types import Json

MODULE = "lghrec_compute.dseg.llm.providers.llamacpp_child"


class LlamaProcess:
    """Starts and calls one process.

    `mode` is serve, or count for a process that loads only the vocabulary and needs little memory.
    """

    def __init__(self, mode: str, path: Path, context_tokens: int) -> None:
        self._arguments = [mode, str(path), str(context_tokens)]
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Id of the process while it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def call(self, method: str, arguments: Json) -> Any:
        """Return the result of a method. Raises `CallError` if the process ends; the next call starts another
        process."""
        with self._turn:
            child = self._running()
            assert child.stdin is not None
            assert child.stdout is not None
            try:
                child.stdin.write(json.dumps({"method": method, "arguments": arguments}).encode() + b"\n")
                child.stdin.flush()
                line = child.stdout.readline()
            except (BrokenPipeError, ValueError):
                line = b""
            if not line:
                raise CallError("the process of llama.cpp has ended", kind="engine")
            return json.loads(line)["result"]

    def end(self) -> None:
        """End the process and its current call."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self.pid is None:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", MODULE, *self._arguments],
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert self._child is not None
        return self._child


def environment() -> dict[str, str]:
    """Return the environment of a process of llama.cpp, which computes with one thread."""
    # with a busy core, several threads wait in spin locks: 2 threads fell from 156 to 6 tokens per second
    return {**os.environ, "OMP_NUM_THREADS": "1", "GGML_NUM_THREADS": "1"}
