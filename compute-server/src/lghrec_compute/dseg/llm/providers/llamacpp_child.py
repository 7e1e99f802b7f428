"""The process that holds a llama.cpp model: one thread, one line of JSON in, one out.

    python -m lghrec_compute.dseg.llm.providers.llamacpp_child requantise SOURCE TARGET
    python -m lghrec_compute.dseg.llm.providers.llamacpp_child serve MODEL CONTEXT_TOKENS
    python -m lghrec_compute.dseg.llm.providers.llamacpp_child words MODEL CONTEXT_TOKENS

`words` loads no weights and only counts.

A process of its own: a native crash ends it and not the run, and killing it ends a call at once. Item text is
tokenised as plain text, so that no control token can come of it. The longest common start of two requests is
kept by llama.cpp: Figure 4's fixed part is read once.
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


class Model:
    """A loaded model and what can be asked of it."""

    def __init__(self, path: str, context_tokens: int, *, vocab_only: bool = False) -> None:
        llama_cpp = importlib.import_module("llama_cpp")  # an extra: not everywhere

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
        """Control tokens of the vocabulary."""
        vocab = self._native.llama_model_get_vocab(self._llama.model)
        tokens = (
            self._llama.detokenize([token], special=True).decode("utf-8", "replace")
            for token in range(self._llama.n_vocab())
            if self._native.llama_vocab_get_attr(vocab, token) & _ADDED
        )
        return {"control_tokens": sorted({token for token in tokens if token})}

    def heads(self, texts: list[str], max_tokens: int) -> list[str]:
        """Each text, cut behind `max_tokens` of its tokens."""
        return [self._head(text, max_tokens) for text in texts]

    def count(self, prompts: list[Json]) -> list[int]:
        """Tokens of whole requests."""
        return [len(self._tokens(prompt)) for prompt in prompts]

    def complete(self, prompt: Json, decoding: Json) -> Json:
        """One answer under the grammar."""
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
    """Writes the model at `source` as Q8_0: it reads twice as fast as Q4_1, and is half as large again."""
    llama_cpp = importlib.import_module("llama_cpp")

    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype, parameters.nthread, parameters.allow_requantize = Q8_0, 1, True
    if llama_cpp.llama_model_quantize(source.encode(), target.encode(), parameters) != 0:
        raise RuntimeError("llama.cpp could not re-quantise the model")


def serve(path: str, context_tokens: int, *, vocab_only: bool = False) -> None:
    """Answers lines until the input ends."""
    # native code writes to descriptor 1: answers get one of their own
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    model = Model(path, context_tokens, vocab_only=vocab_only)
    for line in sys.stdin:
        call = json.loads(line)
        answer = getattr(model, call["method"])(**call["arguments"])
        answers.write(json.dumps({"result": answer}) + "\n")
        answers.flush()


if __name__ == "__main__":
    if sys.argv[1] == "requantise":
        requantise(sys.argv[2], sys.argv[3])
    else:
        serve(sys.argv[2], int(sys.argv[3]), vocab_only=sys.argv[1] == "words")
