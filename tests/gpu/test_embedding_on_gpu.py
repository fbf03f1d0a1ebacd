"""Embedding on a GPU: the same vectors as on the CPU, and no slower than it has to be."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed_options import EmbedOptions

pytestmark = pytest.mark.gpu

TEXTS = [f"Passage {number} tells how the pump of type {number % 7} is oiled and cleaned." for number in range(64)]


def test_vectors_from_the_gpu_are_those_from_the_cpu() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("torch sees no GPU on this machine")
    on_cpu = SentenceTransformerEmbedder(EmbedOptions(device="cpu")).embed(TEXTS)
    on_gpu = SentenceTransformerEmbedder(EmbedOptions(device="cuda")).embed(TEXTS)
    np.testing.assert_allclose(on_gpu, on_cpu, atol=1e-3)
