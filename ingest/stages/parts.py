"""The parts of an engine, each built when it is first needed: a run with nothing to do stays light."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from ingest.catalog.collections import CollectionRow, CollectionState
from ingest.context import Context
from ingest.embed.base import Embedder
from ingest.embed.cross_encoder import CrossEncoderReranker
from ingest.embed.sentence_transformer import SentenceTransformerEmbedder
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.search.bm25 import Bm25Encoder
from ingest.search.searcher import Searcher
from ingest.sinks.base import VectorIndex
from ingest.sinks.registry import copy_to_read, make_index
from ingest.stages.identity import as_toml, differing, identity_of, identity_text, read_identity
from ingest.vectors import CollectionSpec
from schemas.errors import ConfigError
from schemas.ids import fingerprint
from schemas.point import PAYLOAD_VERSION

_SCHEMA = [PAYLOAD_VERSION] if PAYLOAD_VERSION > 1 else []
"""Rows of another schema are another collection; the first schema was not told in its fingerprint."""


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
    def own_collection(self) -> CollectionRow:
        """The collection that these settings make, whichever one the home searches."""
        settings = self._context.settings
        identity = fingerprint(
            [self.embedder.fingerprint, settings.embed.neighbour_share, self.encoder.fingerprint, *_SCHEMA]
        )
        return CollectionRow(
            name=f"docstrata-{identity[:12]}",
            fingerprint=identity,
            model=settings.embed.model,
            settings=identity_text(identity_of(settings)),
            dimension=self.embedder.dimension,
            payload_version=PAYLOAD_VERSION,
        )

    @property
    def collection(self) -> CollectionSpec:
        """The collection of this embedding. Raises `ConfigError` when the home searches another, even
        if it did not when it was opened."""
        own, active = self.own_collection, self._context.catalog.collections.active()
        if active is not None and active.fingerprint != own.fingerprint:
            raise ConfigError(refusal(own, active, self._context.catalog.collections.beside()), configured=own.model)
        return spec_of(own)

    @property
    def index(self) -> VectorIndex:
        """Opened, its collection made or checked."""
        spec = self.collection
        if self._index is None:
            self._index = self.open_collection(spec)
            self.announce(self._index, spec.name)
            self._context.catalog.collections.remember_active(self.own_collection)
        return self._index

    def open_collection(self, spec: CollectionSpec) -> VectorIndex:
        """Any collection, made where it is not there. Close it after use. Of a home that cannot be written: a copy."""
        index = self.make_index()
        home = self._context.home
        if home.beside is not None:
            options = self._context.settings.index
            copy_to_read(options, home.index, spec.name, self._index_folder, self._tell_wait)
        index.ensure(spec)
        return index

    def announce(self, index: VectorIndex, name: str) -> None:
        """Other applications find this collection from now on; again each time the home is opened, so
        that a crash between the catalog and the server leaves nothing behind."""
        alias = self._context.settings.index.alias
        if alias is not None:
            index.point_alias(alias, name)

    def make_index(self) -> VectorIndex:
        return make_index(self._context.settings.index, self._index_folder, on_wait=self._tell_wait)

    @property
    def _index_folder(self) -> Path:
        home = self._context.home
        return home.index if home.beside is None else home.beside / home.index.name

    @cached_property
    def _searcher(self) -> Searcher:
        return self.searcher_of(self.index)

    @property
    def searcher(self) -> Searcher:
        """Raises `ConfigError` as `collection` does."""
        _ = self.collection
        return self._searcher

    def searcher_of(self, index: VectorIndex) -> Searcher:
        options = self._context.settings.search
        return Searcher(index, self.embedder, self.encoder, self.counter, options, reranker=self.reranker)

    @cached_property
    def reranker(self) -> CrossEncoderReranker | None:
        """None where none is configured."""
        settings = self._context.settings
        model = settings.search.rerank_model
        return CrossEncoderReranker(model, settings.embed) if model else None

    def close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None

    def _tell_wait(self, seconds: float, holder: str) -> None:
        self._context.progress.say(f"waiting for the index, held by {holder} ({seconds:.0f} s)")


def spec_of(collection: CollectionRow) -> CollectionSpec:
    return CollectionSpec(collection.name, collection.dimension, collection.fingerprint, collection.payload_version)


def refusal(own: CollectionRow, active: CollectionRow, beside: CollectionRow | None) -> str:
    """Why a home cannot be used with these settings, and what to do."""
    now, shall = read_identity(own.settings), read_identity(active.settings)
    keys = differing(shall, now)
    set_to = as_toml(shall, keys).replace("\n", ", ") or f'the embedding of "{active.model}"'
    if beside is not None and beside.fingerprint == own.fingerprint:
        if beside.state is CollectionState.KEPT:
            return (
                f"this home has moved to the model '{active.model}': put {set_to} into docstrata.toml, or go back to"
                " what was before with 'docstrata reindex --back'"
            )
        return (
            f"the collection of the model '{own.model}' is not complete yet: go on with 'docstrata reindex', and use"
            f" {set_to} until it is done"
        )
    which = (
        "; ".join(f"{key} was {_shown(shall[key])} and is {_shown(now[key])}" for key in keys)
        or "of embed, or of the model's own files, one thing is not what it was"
    )
    return (
        f"this home was filled with the model '{active.model}' under other settings: {which}. Set it back, build what"
        " is configured now beside it with 'docstrata reindex', or give another --home"
    )


def _shown(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
