"""A home that is filled without parsing and without a model: made documents through the real planner
and publisher. What is measured on it is what comes after embedding."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from ingest.catalog.plan import PublishPlan
from ingest.config import load_settings
from ingest.context import open_context
from ingest.dedup.finder import DuplicateFinder
from ingest.embed.model_card import read_model_card
from ingest.sources.folder import ListedFile
from ingest.stages.outcomes import Prepared
from ingest.stages.parts import Parts
from ingest.stages.plan import Arrival, Batch, Planner
from ingest.stages.publish import Publisher
from ingest.vectors import Vector, Vectors
from schemas.chunk import Chunk, ChunkKind, ChunkSet
from schemas.ids import fingerprint
from schemas.source import Route, SourceFile, SourceKind

SOURCE = "made"
WORDS = 120
"""Of a chunk; about 160 tokens."""
_VOCABULARY = 20_000


class MadeEmbedder:
    """Vectors from the digests of texts, under the name of the configured model: the home can be
    opened and searched with the real one."""

    def __init__(self, options: object) -> None:
        card = read_model_card(options)
        self.fingerprint, self.dimension, self.limit = card.fingerprint, card.dimension, card.limit

    def embed(self, texts: Sequence[str], advance: object = None) -> Vectors:
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> Vector:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
        row = np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)
        return row / np.linalg.norm(row)


class MadeHome:
    """A home under `folder`, filled by calls of `publish`."""

    def __init__(self, folder: Path, overrides: Mapping[str, object] | None = None) -> None:
        # Made texts have no duplicates, and what looking for them costs is measured elsewhere.
        self.settings = load_settings(environ={}, overrides={"dedup.enabled": False, **(overrides or {})})
        self.context = open_context(folder, self.settings)
        self.parts = Parts(self.context, embedder=MadeEmbedder(self.settings.embed))
        self.publisher = Publisher(self.context, self.parts)
        self.planner = Planner(
            self.context,
            self.parts.index,
            self.parts.embedder.fingerprint,
            partial(DuplicateFinder, self.settings.dedup),
        )
        self.run_number = self.context.catalog.runs.begin("made", self.context.clock())
        self.context.catalog.files.remember_source(
            self.settings.tenant, SOURCE, SourceKind.APPEND, str(folder / "made")
        )

    def plan(self, arrivals: Sequence[Arrival]) -> PublishPlan:
        return self.planner.plan(Batch(tuple(arrivals)), self.run_number)

    def publish(self, arrivals: Sequence[Arrival]) -> PublishPlan:
        """As a run publishes a batch, its artifacts included."""
        self.store(arrivals)
        plan = self.plan(arrivals)
        self.publisher.embed(plan)
        self.publisher.publish(plan)
        return plan

    def store(self, arrivals: Sequence[Arrival]) -> None:
        frames = [(each.prepared.chunk_key, each.prepared.chunks.model_dump_json().encode()) for each in arrivals]
        self.context.catalog.artifacts.adopt(self.context.store.write_pack("chunk", frames))

    def close(self) -> None:
        self.context.catalog.runs.finish(self.run_number, "done", self.context.clock(), None)
        self.parts.close()
        self.context.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def arrivals(first: int, count: int, *, chunks: int = 20, tenant: str = "default") -> Iterator[Arrival]:
    """Documents `first` to `first + count`, each of so many chunks of about 120 words."""
    for number in range(first, first + count):
        path = f"{number // 1000:03}/document-{number:06}.md"
        yield arrival(path, _chunks(number, chunks), tenant=tenant)


def arrival(
    path: str, chunks: tuple[Chunk, ...], *, tenant: str = "default", listed: ListedFile | None = None
) -> Arrival:
    listed = listed or ListedFile(path, f"/made/{path}", size=1000, mtime_ns=1, ctime_ns=1, inode=1)
    key = fingerprint([path, chunks[0].text])
    file = SourceFile(
        tenant=tenant,
        source=SOURCE,
        path=path,
        uri=listed.uri,
        sha256=key,
        size=listed.size,
        mtime_ns=listed.mtime_ns,
        media_type="text/markdown",
        route=Route.MARKDOWN,
        metadata={"author": "A. Maker", "year": 2024},
    )
    chunk_set = ChunkSet(document=key, chunks=chunks, unknown_shares=(0.0,) * len(chunks))
    return Arrival(Prepared(listed, file, key, chunk_set, (), from_cache=False), listed_at_ns=2)


def _chunks(number: int, count: int) -> tuple[Chunk, ...]:
    rng = random.Random(number)
    return tuple(_chunk(rng, number, place) for place in range(count))


def _chunk(rng: random.Random, number: int, place: int) -> Chunk:
    # Squared: a few words are common and most are rare, as in any language.
    text = " ".join(word(int(_VOCABULARY * rng.random() ** 2)) for _ in range(WORDS)) + "."
    title, heading = f"Document {number}", f"Section {place // 4}"
    return Chunk(
        ordinal=place,
        kind=ChunkKind.TEXT,
        text=text,
        context=f"{title} > {heading}",
        spans=((place * 2000, place * 2000 + len(text)),),
        blocks=(place,),
        title=title,
        heading_path=(title, heading),
        section=f"{place // 4}",
        position=place % 4,
        token_count=160,
        language="en",
        strategy="hybrid",
        rule="default",
    )


def word(number: int) -> str:
    """The same word for the same number, of two to five syllables."""
    syllables = [consonant + vowel for consonant in "bdklmn" for vowel in "aeiou"]
    found = ""
    number += len(syllables)
    while number:
        number, rest = divmod(number, len(syllables))
        found += syllables[rest]
    return found
