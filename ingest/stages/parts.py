"""The parts of an engine, each built when it is first needed: a run with nothing to do stays light."""

from __future__ import annotations

from functools import cached_property

from ingest.context import Context
from ingest.embed.base import Embedder
from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.search.bm25 import Bm25Encoder
from ingest.search.searcher import Searcher
from ingest.sinks.base import VectorIndex
from ingest.sinks.registry import make_index
from ingest.vectors import CollectionSpec
from schemas.errors import ConfigError
from schemas.ids import fingerprint


class Parts:
    """Embedder, tokenizer, encoder and index for one context. Close it after use."""

    def __init__(self, context: Context, embedder: Embedder | None = None) -> None:
        """`embedder`: instead of the one that the settings name, for an application with its own."""
        self._context = context
        self._own_embedder = embedder
        self._index: VectorIndex | None = None

    @cached_property
    def counter(self) -> HuggingFaceTokenCounter:
        return HuggingFaceTokenCounter(self._context.settings.embed)

    @cached_property
    def embedder(self) -> Embedder:
        if self._own_embedder is not None:
            return self._own_embedder
        cache = self._context.home.cache / "weights.json"
        return SentenceTransformerEmbedder(self._context.settings.embed, remembered=cache)

    @cached_property
    def encoder(self) -> Bm25Encoder:
        return Bm25Encoder(self._context.settings.bm25)

    @cached_property
    def collection(self) -> CollectionSpec:
        """The collection of this embedding. Raises `ConfigError` when the home belongs to another."""
        share = self._context.settings.embed.neighbour_share
        identity = fingerprint([self.embedder.fingerprint, share, self.encoder.fingerprint])
        name = f"docstrata-{identity[:12]}"
        known = self._context.catalog.runs.collection()
        if known is not None and known[1] != identity:
            raise ConfigError(
                f"this home was filled with the model '{known[2]}' under other settings: of embed.model,"
                " embed.passage_vector, embed.neighbour_share and bm25 one is not what it was. Set it back, or give"
                " another --home",
                configured=self._context.settings.embed.model,
            )
        return CollectionSpec(name, self.embedder.dimension, identity)

    @property
    def index(self) -> VectorIndex:
        """Opened, its collection made or checked."""
        if self._index is None:
            spec = self.collection
            index = make_index(self._context.settings.index, self._context.home.index, on_wait=self._tell_wait)
            index.ensure(spec)
            self._context.catalog.runs.remember_collection(
                spec.name, spec.fingerprint, self._context.settings.embed.model
            )
            self._index = index
        return self._index

    @cached_property
    def searcher(self) -> Searcher:
        return Searcher(self.index, self.embedder, self.encoder, self.counter, self._context.settings.search)

    def close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None

    def _tell_wait(self, seconds: float, holder: str) -> None:
        self._context.progress.say(f"waiting for the index, held by {holder} ({seconds:.0f} s)")
