"""The carried model, loaded once, and a tiny model of another make."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_model import make_tiny_model

from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.options.embed import EmbedOptions


@pytest.fixture(scope="session")
def carried() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(EmbedOptions(device="cpu"))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("models"))
