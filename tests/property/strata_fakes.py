"""A light engine for tests: real parsers, chunkers, catalog and index; vectors made by hashing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.config import load_settings
from ingest.context import Context, open_context
from ingest.stages.parts import Parts
from ingest.stages.request import RunRequest
from ingest.stages.runner import run
from ingest.vectors import PayloadFilter
from schemas.chunk import ChunkSet
from schemas.ids import digest
from schemas.point import PointPayload
from schemas.source import SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ingest.vectors import Vector, Vectors
    from schemas.report import RunSummary

_DIMENSION = 8


class HashEmbedder:
    """Equal texts get equal vectors, and nothing else about them is meaningful."""

    def __init__(self, dimension: int = _DIMENSION, limit: int = 256) -> None:
        self.fingerprint = f"hash-{dimension}-{limit}"
        self.dimension = dimension
        self.limit = limit
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str], advance: Callable[[int], None] | None = None) -> Vectors:
        self.texts.extend(texts)
        if advance is not None:
            advance(len(texts))
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> Vector:
        seed = int(digest(text.encode())[:8], 16)
        vector = np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)
        return vector / np.linalg.norm(vector)


class Engine:
    """One home; `embedder.texts` tells what went through the model."""

    def __init__(
        self, home: Path, overrides: Mapping[str, object] | None = None, embedder: HashEmbedder | None = None
    ) -> None:
        self.settings = load_settings(
            environ={}, overrides={"parse.workers": 0, "store.keep_originals": False, **(overrides or {})}
        )
        self.embedder = embedder or HashEmbedder()
        self.context: Context = open_context(home, self.settings, clock=_Ticks())
        self.parts = Parts(self.context, embedder=self.embedder)

    def run(self, *paths: Path, kind: SourceKind = SourceKind.MIRROR, **options: object) -> RunSummary:
        self.embedder.texts.clear()
        return run(self.context, self.parts, RunRequest(paths=paths, kind=kind, **options))

    def current(self) -> list[PointPayload]:
        """What can be found, in the order of paths and text."""
        found = [PointPayload.model_validate(p.payload) for p in self.rows(history=False)]
        return sorted(found, key=lambda payload: (payload.path, payload.section, payload.position, payload.text))

    def rows(self, *, history: bool) -> list:
        where = PayloadFilter(equals={"tenant": self.settings.tenant}, history=history)
        return list(self.parts.index.scroll(where, with_vectors=True))

    def texts(self, path: str | None = None) -> list[str]:
        return [payload.text for payload in self.current() if path is None or payload.path == path]

    def mixed_vectors(self) -> dict[str, Vector]:
        """By the definition, from the stored chunks of every live document: `{chunk id: vector}`."""
        share = self.settings.embed.neighbour_share
        found: dict[str, Vector] = {}
        for document in self.context.catalog.history.live_documents(self.settings.tenant):
            ref = self.context.catalog.artifacts.find("chunk", document.chunk_key)
            chunks = ChunkSet.model_validate_json(self.context.store.read(ref)).chunks
            raw = np.stack([self.embedder.embed_query(chunk.embed_text()) for chunk in chunks])
            mixed = raw.copy()
            mixed[1:] += share * raw[:-1]
            mixed[:-1] += share * raw[1:]
            mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
            found.update(zip((chunk.id_in(document.doc_id) for chunk in chunks), mixed, strict=True))
        return found

    def close(self) -> None:
        self.parts.close()
        self.context.close()


class _Ticks:
    """A clock that counts calls."""

    def __init__(self) -> None:
        self._now = 0

    def __call__(self) -> int:
        self._now += 1
        return self._now


@contextmanager
def engine(home: Path, embedder: HashEmbedder | None = None, **overrides: object) -> Iterator[Engine]:
    opened = Engine(home, {key.replace("__", "."): value for key, value in overrides.items()}, embedder)
    try:
        yield opened
    finally:
        opened.close()
