from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest

from ingest.embed.model_files import resolve
from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from schemas.errors import ConfigError, InvariantError

TEXTS = [
    "The oldest layer lies at the bottom.",
    "clay",
    "A rebuild of the index takes the vectors from the cache, and the model stays unloaded. " * 4,
    "How is old rock dated?",
]


def test_rows_are_float32_of_length_one_in_the_order_of_the_texts(carried: SentenceTransformerEmbedder) -> None:
    together = carried.embed(TEXTS)
    assert (together.shape, together.dtype) == ((4, 384), np.float32)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    for text, row in zip(TEXTS, together, strict=True):
        assert np.abs(carried.embed([text])[0] - row).max() < 1e-5


def test_whole_passages_have_the_vectors_of_the_bare_library(carried: SentenceTransformerEmbedder) -> None:
    from sentence_transformers import SentenceTransformer

    bare = SentenceTransformer(str(resolve(EmbedOptions().model)), device="cpu").encode(TEXTS)
    whole = SentenceTransformerEmbedder(EmbedOptions(device="cpu", passage_vector="whole")).embed(TEXTS)
    assert np.abs(bare - whole).max() < 1e-5
    alone = [0, 1, 3]  # of one sentence each
    assert np.abs(whole - carried.embed(TEXTS))[alone].max() < 1e-5


def test_a_passage_is_the_mean_of_its_sentences_by_their_tokens(carried: SentenceTransformerEmbedder) -> None:
    first, second = "The oldest layer lies at the bottom.", "Clay is young."
    tokens = [count - 2 for count in HuggingFaceTokenCounter(EmbedOptions()).count([first, second])]
    mean = np.array(tokens) @ carried.embed([first, second])
    passage = carried.embed([f"{first} {second}"])[0]
    assert np.abs(passage - mean / np.linalg.norm(mean)).max() < 1e-5


def test_progress_counts_passages_and_not_their_sentences(carried: SentenceTransformerEmbedder) -> None:
    told: list[int] = []
    carried.embed(["One is here. Two is there. Three is gone.", "Four stays.", "Five goes. Six comes."], told.append)
    assert sum(told) == 3


def test_a_question_finds_its_passage(carried: SentenceTransformerEmbedder) -> None:
    scores = carried.embed(TEXTS[:3]) @ carried.embed_query("Which stratum is the oldest?")
    assert scores.argmax() == 0


def test_no_texts_give_no_rows(carried: SentenceTransformerEmbedder) -> None:
    assert carried.embed([]).shape == (0, 384)


def test_a_text_above_the_limit_is_refused_and_not_cut(carried: SentenceTransformerEmbedder) -> None:
    full = "clay " * 254
    assert HuggingFaceTokenCounter(EmbedOptions()).count([full]) == [256]
    carried.embed([full])
    with pytest.raises(InvariantError, match="257 tokens, but the model reads 256"):
        carried.embed([TEXTS[0], full + "clay"])
    with pytest.raises(ConfigError, match="shorten it"):
        carried.embed_query(full + "clay")


def test_a_model_in_a_folder_works_with_its_own_prompts_and_dense_layer(tiny_model: Path) -> None:
    from sentence_transformers import SentenceTransformer

    texts = ["strata lie on one another", "the oldest is below"]
    embedder = SentenceTransformerEmbedder(EmbedOptions(model=str(tiny_model), device="cpu", threads=1))
    bare = SentenceTransformer(str(tiny_model), device="cpu")
    assert (embedder.dimension, embedder.limit) == (16, 24)
    assert np.abs(bare.encode_document(texts, normalize_embeddings=True) - embedder.embed(texts)).max() < 1e-5
    question = bare.encode_query("layers of rock", normalize_embeddings=True)
    assert np.abs(question - embedder.embed_query("layers of rock")).max() < 1e-5
    with pytest.raises(InvariantError):
        embedder.embed(["clay " * 21])  # 25 with prompt and special tokens


def test_loading_and_embedding_open_no_connection(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    embedder = SentenceTransformerEmbedder(EmbedOptions(model=str(tiny_model), device="cpu"))
    assert embedder.embed(["clay and sand"]).shape == (1, 16)


def test_a_gpu_that_is_not_there_is_told() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ConfigError, match="torch sees no GPU"):
        SentenceTransformerEmbedder(EmbedOptions(device="cuda")).embed(["text"])


def test_two_devices_share_the_work_and_keep_the_order(tiny_model: Path) -> None:
    texts = [f"{'clay and sand ' * (number % 4)}the oldest is below" for number in range(60)]
    one = SentenceTransformerEmbedder(EmbedOptions(model=str(tiny_model), device="cpu", batch_tokens=64))
    two = SentenceTransformerEmbedder(EmbedOptions(model=str(tiny_model), device="cpu, cpu", batch_tokens=64))
    told: list[int] = []
    assert np.abs(two.embed(texts, told.append) - one.embed(texts)).max() < 1e-6
    assert sum(told) == 60


def test_bfloat16_rows_have_length_one_and_are_nearly_those_of_float32(tiny_model: Path) -> None:
    plain = SentenceTransformerEmbedder(EmbedOptions(model=str(tiny_model), device="cpu"))
    short = SentenceTransformerEmbedder(EmbedOptions(model=str(tiny_model), device="cpu", dtype="bfloat16"))
    texts = ["clay and sand", "layers of rock", "the oldest is below"]
    rows = short.embed(texts)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert 1e-5 < np.abs(rows - plain.embed(texts)).max() < 0.1
