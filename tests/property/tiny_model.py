"""A tiny model of another make than the carried one. Loaded by tests; not collected itself."""

from __future__ import annotations

import json
from pathlib import Path

WORDS = [
    "strata",
    "lie",
    "on",
    "one",
    "another",
    "the",
    "oldest",
    "is",
    "below",
    "layers",
    "of",
    "rock",
    "clay",
    "and",
    "sand",
]


def make_tiny_model(folder: Path) -> Path:
    """A cased BERT of 48 tokens and 16 numbers, with random weights, a dense layer and prompts."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules
    from tokenizers import Tokenizer, pre_tokenizers, processors
    from tokenizers.models import WordLevel
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    plain, whole = folder / "plain", folder / "tiny"
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "ask", "read", ":", *WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=40, **special).save_pretrained(plain)
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=48,
    )  # fmt: skip
    BertModel(config).save_pretrained(plain)
    transformer = modules.Transformer(str(plain))
    model = SentenceTransformer(
        modules=[transformer, modules.Pooling(32), modules.Dense(32, 16)],
        device="cpu",
        prompts={"query": "ask: ", "document": "read: "},
    )
    model.save(str(whole))
    stated = whole / "sentence_bert_config.json"
    stated.write_text(json.dumps(json.loads(stated.read_text()) | {"max_seq_length": 24}))
    return whole
