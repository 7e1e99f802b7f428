"""Texts to windows of tokens that an encoder can take, windows to batches, and hidden states to vectors.

Shapes: N texts, W windows, B windows of a batch, T tokens of the longest, C semantic id. Tokens are ragged:
values and offsets [W + 1].
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
"""Tokens that a window shares with the one before it; at most half of its own."""

BATCH_TOKENS = 4096
"""On one thread as fast as any; bounds memory at about 100 MB for MiniLM."""

WIDTH_STEP = 8
"""Widths are multiples of it: at most 32 shapes up to 256 tokens, for about 2 % of padding."""

_CHUNK_TEXTS = 1000  # lists of Python integers take ten times the memory of arrays


@dataclass(frozen=True)
class Windows:
    """`values[offsets[w] : offsets[w + 1]]` are the tokens of window w, those that frame it included.

    `text_W`: the text it comes from. `weight_W`: its share of that text's vector; those of a text add up
    to 1. `cut_N`: texts longer than one window.
    """

    values: Int32s
    offsets: Ints
    text_W: Ints
    weight_W: np.ndarray
    cut_N: Bools

    @property
    def lengths(self) -> list[int]:
        """Tokens of each window, [W]."""
        return np.diff(self.offsets).tolist()

    def padded(self, index_B: Sequence[int], width: int) -> tuple[Ints, Ints]:
        """Token ids [B, width], zero behind the end of a window, and lengths [B]."""
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
    """Tokenises and cuts: `truncate` keeps the head of a text; `stride` takes overlapping windows of it all.

    `max_tokens` counts the tokens that frame a window. The weight of a window is its share of the tokens of
    all windows of its text (length-weighted mean). `pause` is called now and then and may raise to stop.
    """
    head, tail = frame(tokenizer)
    room = max_tokens - len(head) - len(tail)
    assert room > 0, f"max_tokens {max_tokens} leaves no room beside {len(head) + len(tail)} framing tokens"
    parts: list[np.ndarray] = []
    lengths: list[int] = []
    owners: list[int] = []
    weights: list[float] = []
    cut_N = np.zeros(len(texts), dtype=np.bool_)
    for text, tokens in enumerate(_tokens(tokenizer, texts, pause)):
        spans = list(_spans(len(tokens), room, windowing))
        cut_N[text] = len(tokens) > room
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
    """The tokens that stand before and behind every text, such as [CLS] and [SEP]."""
    bare = tokenizer.encode("a", add_special_tokens=False).ids
    framed = tokenizer.encode("a").ids
    start = next(at for at in range(len(framed)) if framed[at : at + len(bare)] == bare)
    return framed[:start], framed[start + len(bare) :]


def batches(
    lengths: Sequence[int],
    tie: Callable[[int], object],
    *,
    budget: int = BATCH_TOKENS,
    step: int = WIDTH_STEP,
    longest: int | None = None,
) -> Iterator[tuple[list[int], int]]:
    """Indices, longest first, with the width they are padded to.

    Width times windows is at most `budget`, padding counted, but a batch has at least one window. A width is
    a multiple of `step`, or `longest` if that is smaller. All batches of one width have one size, but the
    last: an accelerator sees at most `longest` / `step` + 1 shapes. Equal lengths are ordered by `tie`, so
    that batches do not depend on the order of the windows.
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
    """`mean` over the tokens that are no padding; `cls`: the first token; `mean_no_cls`: all but the first.

    `kept_BT` is 1 for tokens and 0 for padding, of the type of `hidden_BTC`. `pooler` takes the first token
    here; the dense layer that follows it belongs to the model.
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


def _spans(num: int, room: int, windowing: str) -> Iterator[tuple[int, int]]:
    """Start and end of each window over `num` tokens; one empty window for none."""
    yield 0, min(num, room)
    if windowing == "truncate":
        return
    step = room - min(OVERLAP, room // 2)
    start = 0
    while start + room < num:
        start += step
        yield start, min(start + room, num)
