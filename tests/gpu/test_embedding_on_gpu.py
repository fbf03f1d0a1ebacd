"""Embedding on a GPU: the same vectors as on the CPU, and no slower than it has to be."""

from __future__ import annotations

import time

import numpy as np
import pytest

from ingest.embed.model_files import resolve
from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.options.embed import EmbedOptions

pytestmark = pytest.mark.gpu

TEXTS = [f"Passage {number} tells how the pump of type {number % 7} is oiled and cleaned." for number in range(64)]


@pytest.fixture(autouse=True)
def a_gpu() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("torch sees no GPU on this machine")


def on(device: str, **options: str) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(EmbedOptions.model_validate({"device": device, **options}))


def test_vectors_from_the_gpu_are_those_from_the_cpu() -> None:
    np.testing.assert_allclose(on("cuda").embed(TEXTS), on("cpu").embed(TEXTS), atol=1e-3)


def test_bfloat16_points_the_same_way() -> None:
    short = on("cuda", dtype="bfloat16").embed(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(short, axis=1), 1, atol=1e-6)
    assert (short * on("cuda").embed(TEXTS)).sum(axis=1).min() > 0.99


def test_copies_on_several_devices_give_the_vectors_of_one() -> None:
    """Two copies on one GPU where there is no second."""
    torch = pytest.importorskip("torch")
    second = min(1, torch.cuda.device_count() - 1)
    shared = SentenceTransformerEmbedder(EmbedOptions(device=f"cuda:0,cuda:{second}", batch_tokens=256)).embed(TEXTS)
    np.testing.assert_allclose(shared, on("cuda").embed(TEXTS), atol=1e-3)


def test_it_embeds_at_four_fifths_of_the_best_bare_loop() -> None:
    """Over the same texts, sorted, with the best of several batch sizes; both warm."""
    from sentence_transformers import SentenceTransformer

    texts = [" ".join(TEXTS[start : start + 1 + start % 5]) for start in range(60)] * 100
    model = SentenceTransformer(str(resolve(EmbedOptions().model)), device="cuda")
    ours = on("cuda", passage_vector="whole")
    model.encode(texts[:64])
    ours.embed(texts[:64])

    def bare(batch: int) -> float:
        began = time.perf_counter()
        model.encode(sorted(texts, key=len), batch_size=batch)
        return time.perf_counter() - began

    def embedded() -> float:
        began = time.perf_counter()
        ours.embed(texts)
        return time.perf_counter() - began

    best = min(bare(batch) for batch in (64, 256, 1024) for _ in range(2))
    assert min(embedded() for _ in range(3)) <= best / 0.8
