"""Cuts texts into windows of tokens, groups windows into batches, and pools hidden states into vectors.

Shapes: N texts, W windows, B windows of a batch, T tokens of the longest, C semantic id. Tokens are ragged:
values, and offsets [W + 1].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lghrec_compute.types import Bools, Int32s, Ints

if TYPE_CHECKING:
    from tokenizers import Tokenizer

POOLINGS = frozenset({"mean", "cls", "pooler", "mean_no_cls"})

WINDOWINGS = frozenset({"truncate", "stride"})

OVERLAP = 64
"""Number of tokens that a window shares with the window before it; at most half of its own tokens."""

BATCH_TOKENS = 4096
"""With one thread, no other value is faster. It limits memory to about 100 MB for MiniLM."""

WIDTH_STEP = 8
"""Widths are multiples of it. This gives at most 32 shapes up to 256 tokens, for about 2 % of padding."""

_CHUNK_TEXTS = 1000  # lists of Python integers need ten times the memory of arrays


@dataclass(frozen=True)
class Windows:
    """Window w has the tokens `values[offsets[w] : offsets[w + 1]]`, with the framing tokens.

    `text_W` is the text of each window. `weight_W` is its share of the text's vector; the weights of a text
    sum to 1. `cut_N` is True for texts that are longer than one window.
    """

    values: Int32s
    offsets: Ints
    text_W: Ints
    weight_W: np.ndarray
    cut_N: Bools

    @property
    def lengths(self) -> list[int]:
        """Number of tokens of each window, [W]."""
        return np.diff(self.offsets).tolist()

    def padded(self, index_B: Sequence[int], width: int) -> tuple[Ints, Ints]:
        """Return token ids [B, width], zero after the end of a window, and the lengths [B]."""
        ids_BT = np.zeros((len(index_B), width), dtype=np.int64)
        length_B = np.empty(len(index_B), dtype=np.int64)
        for row, window in enumerate(index_B):
            tokens = self.values[self.offsets[window] : self.offsets[window + 1]]
            ids_BT[row, : len(tokens)] = tokens
            length_B[row] = len(tokens)
        return ids_BT, length_B


def cut_texts(
    tokenizer: Tokenizer,
    texts: Sequence[str],
    *,
    max_tokens: int,
    windowing: str,
    pause: Callable[[], None] = lambda: None,
) -> Windows:
    """Tokenise and cut texts: `truncate` keeps the start of a text, `stride` uses overlapping windows of the
    whole text.

    `max_tokens` includes the framing tokens. The weight of a window is its share of the tokens of all windows
    of its text (length-weighted mean). `pause` is called regularly and may raise to stop.
    """
    head, tail = frame(tokenizer)
    size = max_tokens - len(head) - len(tail)
    assert size > 0, f"max_tokens {max_tokens} must exceed {len(head) + len(tail)} framing tokens"
    parts: list[np.ndarray] = []
    lengths: list[int] = []
    owners: list[int] = []
    weights: list[float] = []
    cut_N = np.zeros(len(texts), dtype=np.bool_)
    for text, tokens in enumerate(_tokens(tokenizer, texts, pause)):
        spans = list(_spans(len(tokens), size, windowing))
        cut_N[text] = len(tokens) > size
        total = sum(max(end - start, 1) for start, end in spans)
        for start, end in spans:
            parts.append(np.array([*head, *tokens[start:end], *tail], dtype=np.int32))
            lengths.append(len(parts[-1]))
            owners.append(text)
            weights.append(max(end - start, 1) / total)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = np.concatenate(parts) if parts else np.zeros(0, np.int32)
    return Windows(values, offsets, np.array(owners, np.int64), np.array(weights, np.float32), cut_N)


def frame(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """Return the tokens before and after every text, such as [CLS] and [SEP]."""
    bare = tokenizer.encode("a", add_special_tokens=False).ids
    framed = tokenizer.encode("a").ids
    start = next(index for index in range(len(framed)) if framed[index : index + len(bare)] == bare)
    return framed[:start], framed[start + len(bare) :]


def batches(
    lengths: Sequence[int],
    tie: Callable[[int], object],
    *,
    budget: int = BATCH_TOKENS,
    step: int = WIDTH_STEP,
    longest: int | None = None,
) -> Iterator[tuple[list[int], int]]:
    """Yield the indices of each batch, longest windows first, and the width to which they are padded.

    Width times number of windows is at most `budget`, with padding, but a batch has at least one window. A
    width is a multiple of `step`, or `longest` if that is smaller. All batches of one width have the same
    size, except the last, so an accelerator compiles at most `longest` / `step` + 1 shapes. Windows of equal
    length are sorted by `tie`, so that the batches do not depend on the order of the windows.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], tie(index)))
    start = 0
    while start < len(order):
        width = -(-max(lengths[order[start]], 1) // step) * step
        if longest is not None:
            width = min(width, longest)
        size = max(1, budget // width)
        yield order[start : start + size], width
        start += size


def pool(hidden_BTC: Any, kept_BT: Any, pooling: str) -> Any:
    """Pool the hidden states of each window into one vector. It works with NumPy arrays and with torch
    tensors.

    `mean` averages the tokens without padding, `cls` selects the first token, `mean_no_cls` averages all
    tokens but the first. `pooler` also selects the first token; the dense layer after it is part of the
    model. `kept_BT` is 1 for tokens and 0 for padding, in the type of `hidden_BTC`.
    """
    if pooling in ("cls", "pooler"):
        return hidden_BTC[:, 0]
    if pooling == "mean_no_cls":
        hidden_BTC, kept_BT = hidden_BTC[:, 1:], kept_BT[:, 1:]
    assert pooling in ("mean", "mean_no_cls"), pooling
    return (hidden_BTC * kept_BT[:, :, None]).sum(1) / kept_BT.sum(1)[:, None]


def _tokens(tokenizer: Tokenizer, texts: Sequence[str], pause: Callable[[], None]) -> Iterator[Sequence[int]]:
    for start in range(0, len(texts), _CHUNK_TEXTS):
        pause()
        chunk = list(texts[start : start + _CHUNK_TEXTS])
        for encoding in tokenizer.encode_batch(chunk, add_special_tokens=False):
            yield encoding.ids


def _spans(num: int, size: int, windowing: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each window over `num` tokens; one empty window if there are no tokens."""
    yield 0, min(num, size)
    if windowing == "truncate":
        return
    step = size - min(OVERLAP, size // 2)
    start = 0
    while start + size < num:
        start += step
        yield start, min(start + size, num)
