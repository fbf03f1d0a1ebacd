"""Small chunks are found, larger text is read: what stands around each hit, within a limit of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from ingest.search.request import Expansion, SearchResult
from ingest.search.window import Shown, put_together, sources_of, widen
from schemas.chunk import Chunk
from schemas.point import Expand, Hit


@dataclass(frozen=True, slots=True)
class Manifest:
    """The chunks of a document, in order, and its text where those were written by a model: what is
    read is the document, and not what was said about it."""

    chunks: tuple[Chunk, ...]
    text: str | None = None

    def shown(self, some: range) -> Shown:
        chunks = self.chunks[some.start : some.stop]
        return put_together(chunks) if self.text is None else sources_of(chunks, self.text)


class ChunkSource(Protocol):
    def manifest_of(self, doc_id: str, as_of: int | None) -> Manifest: ...


class Counter(Protocol):
    def count(self, texts: Sequence[str]) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class _Found:
    """A hit in its document: `rank` counts from 1."""

    rank: int
    at: int


class Expander:
    """For one search. `limit`: tokens by the embedder's tokenizer; a hit itself is shown whatever it takes."""

    def __init__(self, source: ChunkSource, counter: Counter, limit: int, as_of: int | None) -> None:
        self._source = source
        self._counter = counter
        self._limit = limit
        self._as_of = as_of
        self._manifests: dict[str, Manifest] = {}

    def expand(self, result: SearchResult, how: Expand) -> SearchResult:
        """With an expansion for every hit; hits that have the same one share it."""
        together: dict[tuple[str, range], list[_Found]] = {}
        alone: dict[int, Expansion] = {}
        for rank, hit in enumerate(result.hits, 1):
            manifest = self._manifest(hit.payload.doc_id)
            at = _place(manifest.chunks, hit)
            if at is None:
                alone[rank] = self._unexpanded(rank, hit)
            else:
                shown = widen(manifest.chunks, at, how, partial(self._fits, manifest))
                together.setdefault((hit.payload.doc_id, shown), []).append(_Found(rank, at))
        expanded = [self._expansion(doc_id, shown, found) for (doc_id, shown), found in together.items()]
        expansions = sorted([*expanded, *alone.values()], key=lambda expansion: expansion.hits[0])
        return replace(result, expansions=tuple(expansions), warnings=(*result.warnings, *_warnings(result, alone)))

    def _manifest(self, doc_id: str) -> Manifest:
        if doc_id not in self._manifests:
            self._manifests[doc_id] = self._source.manifest_of(doc_id, self._as_of)
        return self._manifests[doc_id]

    def _fits(self, manifest: Manifest, shown: range) -> bool:
        return self._tokens(manifest.shown(shown).text) <= self._limit

    def _tokens(self, text: str) -> int:
        return self._counter.count([text])[0]

    def _expansion(self, doc_id: str, shown: range, found: Sequence[_Found]) -> Expansion:
        manifest = self._manifest(doc_id)
        chunks = manifest.chunks[shown.start : shown.stop]
        made = manifest.shown(shown)
        return Expansion(
            hits=tuple(one.rank for one in found),
            text=made.text,
            marks=tuple(made.places[one.at - shown.start] for one in found),
            chunk_ids=tuple(chunk.id_in(doc_id) for chunk in chunks),
            heading_path=_common([chunk.heading_path for chunk in chunks]),
            pages=tuple(sorted({page for chunk in chunks for page in chunk.pages})),
            tokens=self._tokens(made.text),
        )

    def _unexpanded(self, rank: int, hit: Hit) -> Expansion:
        payload = hit.payload
        return Expansion(
            hits=(rank,),
            text=payload.text,
            marks=((0, len(payload.text)),),
            chunk_ids=(payload.chunk_id,),
            heading_path=payload.heading_path,
            pages=payload.pages,
            tokens=self._tokens(payload.text),
        )


def _place(chunks: Sequence[Chunk], hit: Hit) -> int | None:
    """None where the chunk belongs to a version that is being published this moment, or its set is damaged."""
    doc_id, wanted = hit.payload.doc_id, hit.payload.chunk_id
    return next((place for place, chunk in enumerate(chunks) if chunk.id_in(doc_id) == wanted), None)


def _common(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The headings that all of them stand below."""
    first, last = min(paths), max(paths)
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return first[:same]


def _warnings(result: SearchResult, alone: dict[int, Expansion]) -> list[str]:
    paths = sorted({result.hits[rank - 1].payload.path for rank in alone})
    return [f"what stands around the hits in {path} cannot be told: its chunks are damaged, or new" for path in paths]
