"""Dense vectors by sentence-transformers."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.embed.base import Advance
from ingest.embed.batching import Scaled, batches, encode_or_halve
from ingest.embed.model_card import read_model_card
from ingest.embed.sentence_pooling import parts_of, pooled
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.embed_options import EmbedOptions
from ingest.vectors import Vector, Vectors
from schemas.errors import ConfigError, InvariantError, MissingExtra, OutOfMemory, VectorSizeMismatch

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# On a CPU a small batch stays in the cache: about twice as fast as 64 texts of 120 tokens. Half of
# this is a little faster still on idle cores, and much slower on busy ones.
CPU_BATCH_TOKENS = 4096
GPU_BATCH_TOKENS = 65_536

# Whatever is special in one of the two tokenizers shows in these: accents, case, Chinese, signs.
_PROBES = ("Ünïcode Naïve CAFÉ", "中文分词，标点。", "a\u3000b\tc 1,000.5 — <s> [SEP] 😀", "internationalisation")


class SentenceTransformerEmbedder:
    """An `Embedder`. Building it is light; the model is loaded with the first text.

    Safe to use from several threads; the model works for one at a time.

        embedder = SentenceTransformerEmbedder(EmbedOptions())
        embedder.embed(["Strata lie on one another."]).shape  # (1, 384)
    """

    fingerprint: str
    dimension: int
    limit: int

    def __init__(self, options: EmbedOptions, *, remembered: Path | None = None) -> None:
        """`remembered`: a file in which digests of weights are kept from run to run."""
        self._options = options
        self._card = read_model_card(options, remembered)
        self.fingerprint = self._card.fingerprint
        self.dimension = self._card.dimension
        self.limit = self._card.limit
        self._counter = HuggingFaceTokenCounter(options)
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None

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
            model = self._loaded()
            for batch in batches(lengths, self._budget(model)):
                vectors[batch] = self._encode(model, [texts[index] for index in batch], self._card.passage_prompt)
                if advance is not None:
                    advance(len(batch))
        return vectors

    def embed_query(self, text: str) -> Vector:
        """Raises `ConfigError` for a question that is longer than the model reads."""
        with self._lock:
            model = self._loaded()
            if (tokens := self._query_length(model, text)) > self.limit:
                raise ConfigError(
                    f"the question is {tokens} tokens long, the model reads {self.limit} at most: shorten it",
                    tokens=tokens,
                    limit=self.limit,
                )
            row: Vector = self._encode(model, [text], self._card.query_prompt)[0]
        return row

    def _query_length(self, model: SentenceTransformer, text: str) -> int:
        prompted = self._card.query_prompt + text
        return len(model.tokenizer(prompted, truncation=False, verbose=False)["input_ids"])

    def _encode(self, model: SentenceTransformer, texts: list[str], prompt: str) -> Vectors:
        import torch

        def encode(part: list[str]) -> Vectors:
            found: Vectors = model.encode(
                part, prompt=prompt, batch_size=len(part), normalize_embeddings=True, show_progress_bar=False
            )
            return found

        try:
            return encode_or_halve(encode, texts, torch.OutOfMemoryError)
        except torch.OutOfMemoryError as error:
            raise OutOfMemory(
                "the device has no memory left for a single text: free some, or set embed.device to another",
                device=str(model.device),
            ) from error

    def _budget(self, model: SentenceTransformer) -> int:
        default = CPU_BATCH_TOKENS if model.device.type == "cpu" else GPU_BATCH_TOKENS
        return self._options.batch_tokens or default

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            self._model = self._load()
        return self._model

    def _load(self) -> SentenceTransformer:
        # Threads that spin while they wait for one another starve a busy machine: with one other
        # busy process on two cores embedding is five times slower. Read when torch is loaded.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        try:
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as transformers_logging
        except ImportError as error:
            raise MissingExtra(f"embedding needs {error.name}: pip install sentence-transformers") from error
        transformers_logging.disable_progress_bar()
        if self._options.threads:
            torch.set_num_threads(self._options.threads)
        device = None if self._options.device == "auto" else self._options.device
        if device is not None and device.startswith("cuda") and not torch.cuda.is_available():
            raise ConfigError(f"embed.device is {device}, but torch sees no GPU: set it to auto or cpu")
        model = SentenceTransformer(
            str(self._card.folder), device=device, local_files_only=True, model_kwargs={"dtype": torch.float32}
        )
        self._check(model)
        model.max_seq_length = self.limit
        return model

    def _check(self, model: SentenceTransformer) -> None:
        """What was read from the files must be what was loaded."""
        if (size := model.get_embedding_dimension()) != self.dimension:
            raise VectorSizeMismatch(
                f"the model makes vectors of {size} numbers, its files say {self.dimension}",
                made=size,
                stated=self.dimension,
            )
        prompt = self._card.passage_prompt
        theirs = [len(ids) for ids in model.tokenizer([prompt + probe for probe in _PROBES])["input_ids"]]
        if theirs != self._counter.count(_PROBES):
            raise InvariantError("the model's tokenizer and our counter disagree", model=str(self._card.folder))
