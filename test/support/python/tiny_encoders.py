"""Folders of tiny text encoders with random weights, as transformers and sentence-transformers save them."""

from __future__ import annotations

import json
from pathlib import Path

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "river", "stone", "music", "light", "##s", "a"]


def tiny_bert(folder: Path, *, seed: int = 0, places: int = 64, with_tokenizer: bool = True) -> Path:
    """Save BERT with 2 layers, 16 dimensions and a pooler."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=32,
        max_position_embeddings=places,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n")
    if with_tokenizer:
        save_tokenizer(folder)
    return folder


def tiny_roberta(folder: Path) -> Path:
    """Save RoBERTa, whose positions start after the padding position."""
    import torch
    from transformers import RobertaConfig, RobertaModel

    torch.manual_seed(0)
    config = RobertaConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=32,
        max_position_embeddings=34,
        pad_token_id=0,
        initializer_range=0.5,
    )
    RobertaModel(config, add_pooling_layer=False).save_pretrained(folder)
    save_tokenizer(folder)
    return folder


def save_tokenizer(folder: Path) -> None:
    """Save WordPiece over `VOCABULARY` as tokenizer.json."""
    from tokenizers.implementations import BertWordPieceTokenizer

    words = BertWordPieceTokenizer({word: index for index, word in enumerate(VOCABULARY)}, lowercase=True)
    words.save(str(folder / "tokenizer.json"))


def as_sentence_transformer(folder: Path, *, pooling: dict[str, object], more: tuple[str, ...] = ()) -> Path:
    """Add modules.json with the pooling `pooling` and modules of the types `more`."""
    kinds = ["Transformer", "Pooling", "Normalize", *more]
    paths = ["", "1_Pooling", "2_Normalize", *(f"{at + 3}_{kind}" for at, kind in enumerate(more))]
    modules = [
        {"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for at, (kind, path) in enumerate(zip(kinds, paths, strict=True))
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    return folder
