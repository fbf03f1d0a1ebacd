"""What sentences mean, by the configured model: boundaries of chunks are sought with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from ingest.vectors import Vectors


class ModelSentenceVectors:
    """`SentenceVectors` by the model that embeds the chunks. It is loaded with the first text; every
    worker that chunks holds one of its own.

        vectors = ModelSentenceVectors(EmbedOptions())
        vectors.vectors(["Strata lie on one another."]).shape  # (1, 384)
    """

    fingerprint: str

    def __init__(self, options: EmbedOptions, *, remembered: Path | None = None) -> None:
        """`remembered`: a file in which digests of weights are kept from run to run."""
        self._counter = HuggingFaceTokenCounter(options)
        self._embedder = SentenceTransformerEmbedder(options, remembered=remembered)
        self.fingerprint = self._embedder.fingerprint

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """A text above the model's limit is read by its beginning: where the text turns, no more is needed."""
        counts = self._counter.count(texts) if texts else []
        fitting = [
            text if count <= self._embedder.limit else self._beginning(text)
            for text, count in zip(texts, counts, strict=True)
        ]
        return self._embedder.embed(fitting)

    def _beginning(self, text: str) -> str:
        offsets = self._counter.offsets(text)
        room = min(self._embedder.limit - self._counter.count([""])[0], len(offsets))
        while True:
            begun = text[: offsets[room - 1][1]]
            if self._counter.count([begun])[0] <= self._embedder.limit:
                return begun
            room -= 1  # a word that was cut in two may have more tokens than before
