"""A process of llama.cpp as its parent sees it: started when it is first asked, one call at once."""

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
    """`mode` is serve, or words for one that knows the vocabulary alone and takes little memory."""

    def __init__(self, mode: str, path: Path, context_tokens: int) -> None:
        self._arguments = [mode, str(path), str(context_tokens)]
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def ask(self, method: str, arguments: Json) -> Any:
        """What the method returns. Raises `CallError` if the process ends; the next call starts another."""
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
        """Ends the process, and the call under way with it."""
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
    """Of a process of llama.cpp: one thread."""
    # more threads than one spin beside a busy core: 2 threads fell from 156 to 6 tokens a second
    return {**os.environ, "OMP_NUM_THREADS": "1", "GGML_NUM_THREADS": "1"}
