from __future__ import annotations

import subprocess
import sys

import numpy as np

from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed.sentence_vectors import ModelSentenceVectors
from ingest.options.embed import EmbedOptions


def test_vectors_are_those_of_the_embedder(carried: SentenceTransformerEmbedder) -> None:
    texts = ["Strata lie on one another.", "Taxes are raised."]
    vectors = ModelSentenceVectors(EmbedOptions())
    assert vectors.fingerprint == carried.fingerprint
    assert np.allclose(vectors.vectors(texts), carried.embed(texts), atol=1e-5)
    assert vectors.vectors([]).shape == (0, 384)


def test_a_text_above_the_limit_is_read_by_its_beginning() -> None:
    long, longer = "layers of clay " * 200, "layers of clay " * 2000
    first, second, other = ModelSentenceVectors(EmbedOptions()).vectors([long, longer, "layers of clay"])
    assert np.allclose(first, second, atol=1e-5)
    assert not np.allclose(first, other, atol=1e-3)


def test_nothing_is_loaded_before_the_first_text() -> None:
    program = (
        "import sys\n"
        "from ingest.embed.sentence_vectors import ModelSentenceVectors\n"
        "from ingest.options.embed import EmbedOptions\n"
        "ModelSentenceVectors(EmbedOptions()).fingerprint\n"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
