"""Encoders in local folders, with torch and with ONNX Runtime."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tiny_encoders import as_sentence_transformer, tiny_bert, tiny_roberta

from lghrec_compute.dseg.encode.encoder import Encoder, EncoderOptions, open_encoder
from lghrec_compute.dseg.encode.onnx_graph import is_supported
from lghrec_compute.errors import ConfigError

TEXTS = ["a river", "stones", "music light a a a", "", "a stone a light a river a music " * 3]
POOLINGS = ["mean", "cls", "pooler", "mean_no_cls"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("models") / "tiny-bert")


def opened(folder: Path, cache: Path | None = None, **options) -> Encoder:
    return open_encoder("local", folder, EncoderOptions(cache_dir=cache, **options))


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def by_hand(folder: Path, text: str, pooling: str) -> np.ndarray:
    """Encode one text, without padding or batches."""
    import torch
    from transformers import BertModel

    model = BertModel.from_pretrained(folder).eval()
    ids = opened(folder)._tokenizer.encode(text).ids
    with torch.no_grad():
        out = model(input_ids=torch.tensor([ids]))
    rows = out.last_hidden_state[0].numpy()
    pooled = {
        "mean": rows.mean(axis=0),
        "cls": rows[0],
        "pooler": out.pooler_output[0].numpy(),
        "mean_no_cls": rows[1:].mean(axis=0),
    }
    return unit(pooled[pooling])


@pytest.mark.parametrize("pooling", POOLINGS)
def test_both_runtimes_equal_the_model_run_on_one_text(bert: Path, tmp_path: Path, pooling: str) -> None:
    expected = np.array([by_hand(bert, text, pooling) for text in TEXTS])
    for cache, runtime in ((None, "torch"), (tmp_path, "onnxruntime")):
        encoder = opened(bert, cache, pooling=pooling)
        assert encoder.runtime == runtime
        assert encoder.dim == 16
        assert np.abs(encoder.encode(TEXTS, max_tokens=64).vectors_NC - expected).max() <= 1e-5


def test_positions_of_roberta_start_behind_the_padding(tmp_path: Path) -> None:
    folder = tiny_roberta(tmp_path / "roberta")
    torch_path, graph = opened(folder), opened(folder, tmp_path / "cache")
    assert graph.runtime == "onnxruntime"
    first, second = (e.encode(TEXTS, max_tokens=32).vectors_NC for e in (torch_path, graph))
    assert np.abs(first - second).max() <= 1e-5
    with pytest.raises(ConfigError, match="got 34, and this encoder reads 33 at most"):
        graph.encode(["a"], max_tokens=34)  # 34 positions, and no token uses the position of the padding


def test_models_that_the_graph_is_not_of_run_through_torch(bert: Path) -> None:
    config = json.loads((bert / "config.json").read_text())
    assert is_supported(config)
    assert not is_supported({**config, "hidden_act": "relu"})
    assert not is_supported({**config, "position_embedding_type": "relative_key"})
    assert not is_supported({**config, "model_type": "distilbert"})


def test_a_vocabulary_serves_as_tokenizer(bert: Path, tmp_path: Path) -> None:
    plain = tiny_bert(tmp_path / "plain", with_tokenizer=False)
    assert not (plain / "tokenizer.json").exists()
    first, second = (opened(folder).encode(TEXTS, max_tokens=64).vectors_NC for folder in (bert, plain))
    assert np.array_equal(first, second)


def test_weights_of_a_larger_model_and_with_old_names_are_accepted(bert: Path, tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "old")
    weights = load_file(folder / "model.safetensors")
    old = {
        f"bert.{name}".replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): v
        for name, v in weights.items()
    }
    save_file(
        {**old, "cls.predictions.bias": np.zeros(11, np.float32)},
        folder / "model.safetensors",
        {"format": "pt"},
    )
    encoder = opened(folder, tmp_path / "cache")
    assert encoder.runtime == "onnxruntime"
    expected = opened(bert).encode(TEXTS, max_tokens=64).vectors_NC
    assert np.abs(encoder.encode(TEXTS, max_tokens=64).vectors_NC - expected).max() <= 1e-5


@pytest.mark.parametrize("pooling", [{"pooling_mode_cls_token": True}, {"pooling_mode": "cls"}])
def test_another_pooling_than_the_folders_own_is_reported(tmp_path: Path, pooling: dict[str, object]) -> None:
    folder = as_sentence_transformer(tiny_bert(tmp_path / "bge"), pooling=pooling)
    warnings: list[str] = []
    opened(folder, pooling="mean", warn=lambda code, _message: warnings.append(code))
    assert warnings == ["encoder_pooling"]
    opened(folder, pooling="cls", warn=lambda code, _message: warnings.append(code))
    assert warnings == ["encoder_pooling"]


def test_the_hash_names_weights_configuration_and_tokenizer(bert: Path, tmp_path: Path) -> None:
    same, other = tiny_bert(tmp_path / "same"), tiny_bert(tmp_path / "other", seed=1)
    assert opened(bert).sha256 == opened(same).sha256 != opened(other).sha256


def test_a_graph_is_built_once_and_again_where_it_is_spoiled(bert: Path, tmp_path: Path) -> None:
    first = opened(bert, tmp_path).encode(TEXTS, max_tokens=64).vectors_NC
    (graph,) = tmp_path.glob("*.onnx")
    before = graph.stat().st_mtime_ns
    again = opened(bert, tmp_path)
    assert graph.stat().st_mtime_ns == before
    assert again.encode(TEXTS, max_tokens=64).vectors_NC.tobytes() == first.tobytes()
    whole = graph.read_bytes()
    graph.write_bytes(whole[:-1])
    assert opened(bert, tmp_path).runtime == "onnxruntime"
    assert graph.read_bytes() == whole


def test_a_graph_that_gives_other_vectors_is_not_used(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "broken")
    weights = load_file(folder / "model.safetensors")
    weights["encoder.layer.0.output.dense.bias"][:] = np.nan  # NaN equals nothing
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    warnings: list[str] = []
    for _ in range(2):  # compared the first time, stored for the second
        encoder = opened(folder, tmp_path / "cache", warn=lambda code, _message: warnings.append(code))
        assert encoder.runtime == "torch"
    assert warnings == ["encoder_runtime", "encoder_runtime"]


def test_pickles_are_refused(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "pickled")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ConfigError, match=r"got only pytorch_model\.bin, which can run code") as caught:
        opened(folder)
    assert [violation.path for violation in caught.value.violations] == ["semantic.encoder_path"]


def test_modules_that_are_not_served_are_refused(tmp_path: Path) -> None:
    folder = as_sentence_transformer(
        tiny_bert(tmp_path / "dense"), pooling={"pooling_mode_mean_tokens": True}, more=("Dense",)
    )
    with pytest.raises(ConfigError, match="has a module 'Dense'"):
        opened(folder)


def test_folders_without_an_encoder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"expected config\.json with a model_type"):
        opened(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ConfigError, match="is not JSON"):
        opened(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ConfigError, match=r"needs weights in \*\.safetensors: got none"):
        opened(tmp_path)


def test_links_out_of_the_import_roots_are_refused(bert: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    folder = tiny_bert(root / "linked")
    open_encoder("local", folder, roots=[root])
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to(bert / "model.safetensors")
    with pytest.raises(ConfigError, match=r"model\.safetensors of linked is a link to a file outside"):
        open_encoder("local", folder, roots=[root])


def test_missing_tensors_are_reported(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "holed")
    weights = load_file(folder / "model.safetensors")
    kept = {name: value for name, value in weights.items() if "layer.1.output" not in name}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ConfigError, match="lacks 4 tensors that its encoder needs"):
        opened(folder)


def test_code_in_a_folder_is_not_run(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "coded")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoModel": "mine.Model", "AutoConfig": "mine.Config"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ConfigError, match="coded cannot be loaded as an encoder"):
        opened(folder)
    assert not (tmp_path / "ran").exists()
