"""Dense vectors by sentence-transformers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ingest.embed.base import Advance
from ingest.embed.batching import Scaled, batches
from ingest.embed.devices import chosen_devices
from ingest.embed.model_card import read_model_card
from ingest.embed.model_copy import ModelCopy, load_copy
from ingest.embed.parallel import SharedBatches, in_parallel
from ingest.embed.sentence_pooling import parts_of, pooled
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from ingest.vectors import Vector, Vectors
from schemas.errors import ConfigError, InvariantError


class SentenceTransformerEmbedder:
    """An `Embedder`. Building it is light; the model is loaded with the first text, once on every device.

    Safe to use from several threads; the model works for one at a time.

        embedder = SentenceTransformerEmbedder(EmbedOptions())
        embedder.embed(["Strata lie on one another."]).shape  # (1, 384)
    """

    fingerprint: str
    dimension: int
    limit: int

    def __init__(self, options: EmbedOptions, *, remembered: Path | None = None) -> None:
        """`remembered`: a file in which digests of weights are kept from run to run; exports of the
        model are kept beside it."""
        self._options = options
        self._card = read_model_card(options, remembered)
        self.fingerprint = self._card.fingerprint
        self.dimension = self._card.dimension
        self.limit = self._card.limit
        self._counter = HuggingFaceTokenCounter(options)
        self._lock = threading.Lock()
        self._exports = remembered.parent / "onnx" if remembered is not None else None
        self._copies: list[ModelCopy] = []

    def embed(self, texts: Sequence[str], advance: Advance | None = None) -> Vectors:
        """Raises `InvariantError` for a text above `limit`, `OutOfMemory` when one text is too much for the device."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        lengths = self._checked_lengths(texts)
        if self._options.passage_vector == "whole":
            return self._encoded(texts, lengths, advance)
        return self._pooled(texts, advance)

    def _pooled(self, texts: Sequence[str], advance: Advance | None) -> Vectors:
        parts = parts_of(texts)
        lengths = self._checked_lengths(parts.texts)
        vectors = self._encoded(parts.texts, lengths, Scaled.of(advance, len(parts.texts), len(texts)))
        specials = self._counter.count([""])[0]
        return pooled(vectors, [length - specials for length in lengths], parts.members)

    def _checked_lengths(self, texts: Sequence[str]) -> list[int]:
        lengths = self._counter.count(texts)
        if (longest := max(lengths)) > self.limit:
            raise InvariantError(
                f"a passage of {longest} tokens, but the model reads {self.limit}", tokens=longest, limit=self.limit
            )
        return lengths

    def _encoded(self, texts: Sequence[str], lengths: Sequence[int], advance: Advance | None) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        with self._lock:
            copies = self._loaded()
            work = SharedBatches(batches(lengths, copies[0].budget))

            def take_part(copy: ModelCopy) -> None:
                for batch in work:
                    vectors[batch] = copy.encode([texts[index] for index in batch], self._card.passage_prompt)
                    if advance is not None:
                        work.tell(advance, len(batch))

            in_parallel(take_part, copies, work.stop)
        return vectors

    def embed_query(self, text: str) -> Vector:
        """Raises `ConfigError` for a question that is longer than the model reads."""
        with self._lock:
            copy = self._loaded()[0]
            if (tokens := copy.tokens(self._card.query_prompt + text)) > self.limit:
                raise ConfigError(
                    f"the question is {tokens} tokens long, the model reads {self.limit} at most: shorten it",
                    tokens=tokens,
                    limit=self.limit,
                )
            row: Vector = copy.encode([text], self._card.query_prompt)[0]
        return row

    def _loaded(self) -> list[ModelCopy]:
        if not self._copies:
            self._copies = [
                load_copy(self._card, self._counter, self._options, device, self._exports)
                for device in chosen_devices(self._options)
            ]
        return self._copies
