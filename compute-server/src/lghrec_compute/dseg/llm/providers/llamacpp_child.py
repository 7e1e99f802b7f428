"""The process that contains a llama.cpp model. It has one thread and answers one line of JSON per line of
JSON.

    python -m lghrec_compute.dseg.llm.providers.llamacpp_child requantise SOURCE TARGET
    python -m lghrec_compute.dseg.llm.providers.llamacpp_child serve MODEL CONTEXT_TOKENS
    python -m lghrec_compute.dseg.llm.providers.llamacpp_child count MODEL CONTEXT_TOKENS

`count` loads no weights; it only counts tokens.

With a separate process, a crash of native code does not end the run, and a kill ends a call at once. Item
texts are tokenised as plain text, so they cannot produce control tokens. llama.cpp reuses the longest common
prefix of two successive requests, so the fixed part of the prompt of Figure 4 is read once.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

from lghrec_compute.dseg.llm.tokens import chatml_pieces
from lghrec_compute.dseg.text.prompt import Prompt
from lghrec_compute.dseg.text.schema import gbnf
from lghrec_compute.json_types import Json

Q8_0 = 7  # LLAMA_FTYPE_MOSTLY_Q8_0 of llama.h
_ADDED = 1 | 2 | 8 | 16  # LLAMA_TOKEN_ATTR_UNKNOWN, _UNUSED, _CONTROL, _USER_DEFINED; 4 is an ordinary token


class LoadedModel:
    """A loaded model, with the methods that the parent can call."""

    def __init__(self, path: str, context_tokens: int, *, vocab_only: bool = False) -> None:
        llama_cpp = importlib.import_module("llama_cpp")  # an optional dependency

        self._native = llama_cpp
        self._llama = llama_cpp.Llama(
            path,
            n_ctx=context_tokens,
            n_batch=512,
            n_threads=1,
            n_threads_batch=1,
            vocab_only=vocab_only,
            verbose=False,
        )
        self._grammar = llama_cpp.LlamaGrammar.from_string(gbnf(), verbose=False)

    def info(self) -> Json:
        """Return the control tokens of the vocabulary."""
        vocab = self._native.llama_model_get_vocab(self._llama.model)
        tokens = (
            self._llama.detokenize([token], special=True).decode("utf-8", "replace")
            for token in range(self._llama.n_vocab())
            if self._native.llama_vocab_get_attr(vocab, token) & _ADDED
        )
        return {"control_tokens": sorted({token for token in tokens if token})}

    def heads(self, texts: list[str], max_tokens: int) -> list[str]:
        """Return the first `max_tokens` tokens of each text."""
        return [self._head(text, max_tokens) for text in texts]

    def count(self, prompts: list[Json]) -> list[int]:
        """Return the number of tokens of each request."""
        return [len(self._tokens(prompt)) for prompt in prompts]

    def complete(self, prompt: Json, decoding: Json) -> Json:
        """Return one answer that follows the grammar."""
        tokens = self._tokens(prompt)
        result: Any = self._llama.create_completion(
            tokens,
            grammar=self._grammar,
            max_tokens=max(1, min(decoding["max_tokens"], self._llama.n_ctx() - len(tokens) - 1)),
            temperature=decoding["temperature"],
            top_p=decoding["top_p"],
            repeat_penalty=decoding["repetition_penalty"],
            seed=decoding["seed"],
        )
        choice, usage = result["choices"][0], result["usage"]
        return {
            "text": choice["text"],
            "finish_reason": choice["finish_reason"],
            "input": usage["prompt_tokens"],
            "output": usage["completion_tokens"],
        }

    def _tokens(self, prompt: Json) -> list[int]:
        pieces = chatml_pieces(Prompt(prompt["system"], prompt["user"], tuple(map(tuple, prompt["shots"]))))
        tokens: list[int] = []
        for is_control, text in pieces:
            tokens += self._llama.tokenize(text.encode(), add_bos=False, special=is_control)
        return tokens

    def _head(self, text: str, max_tokens: int) -> str:
        tokens = self._llama.tokenize(text.encode(), add_bos=False, special=False)
        if len(tokens) <= max_tokens:
            return text
        return self._llama.detokenize(tokens[:max_tokens]).decode("utf-8", "ignore")


def requantise(source: str, target: str) -> None:
    """Write the model at `source` as Q8_0. Compared with Q4_1, it reads prompts twice as fast and is 1.5
    times as large."""
    llama_cpp = importlib.import_module("llama_cpp")

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype, parameters.nthread, parameters.allow_requantize = Q8_0, 1, True
    if llama_cpp.llama_model_quantize(source.encode(), target.encode(), parameters) != 0:
        raise RuntimeError("llama.cpp could not re-quantise the model")


def serve(path: str, context_tokens: int, *, vocab_only: bool = False) -> None:
    """Answer lines until the input ends."""
    # native code writes to descriptor 1, so answers use a separate descriptor
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    model = LoadedModel(path, context_tokens, vocab_only=vocab_only)
    for line in sys.stdin:
        call = json.loads(line)
        answer = getattr(model, call["method"])(**call["arguments"])
        answers.write(json.dumps({"result": answer}) + "\n")
        answers.flush()


if __name__ == "__main__":
    if sys.argv[1] == "requantise":
        requantise(sys.argv[2], sys.argv[3])
    else:
        serve(sys.argv[2], int(sys.argv[3]), vocab_only=sys.argv[1] == "count")
