"""What is listed of duplicates: clusters with their places, whole documents, boilerplate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.catalog.duplicate_lists import ChunkRow, JudgedRow, RelationRow
from ingest.checks.stored import Stored
from ingest.context import Context

_MOST_PLACES = 20
"""Of one cluster: a passage that stands in ten thousand documents is told by its number."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chunk stands. `text` is empty when its artifact is gone."""

    source: str
    path: str
    heading_path: tuple[str, ...]
    pages: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A duplicate. `kind`, `similarity` and `reason` are None of those that an older version left out."""

    place: Place
    kind: str | None
    similarity: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """A chunk that is searched, and the `duplicates` that it stands for, in so many `documents`;
    `copies` are some of them. `boilerplate`: it recurs in many documents."""

    survivor: Place
    duplicates: int
    documents: int
    boilerplate: bool
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class Unmerged:
    """Two chunks as similar as duplicates are, and what kept them apart. `other` is None when it has left."""

    place: Place
    other: Place | None
    similarity: float
    reason: str


@dataclass(frozen=True, slots=True)
class DuplicateList:
    """`chunks` and `whole_documents` count by kind ("exact", "near", "apart") all that there are; the
    lists hold no more than was asked for."""

    chunks: Mapping[str, int]
    whole_documents: Mapping[str, int]
    clusters: tuple[Cluster, ...]
    kept_apart: tuple[Unmerged, ...]
    documents: tuple[RelationRow, ...]


def list_duplicates(
    context: Context,
    *,
    source: str | None = None,
    documents_only: bool = False,
    boilerplate_only: bool = False,
    limit: int = 20,
) -> DuplicateList:
    """Reads catalog and artifacts, waits for no run. Raises `ConfigError` for a source that is not there."""
    tenant, lists = context.settings.tenant, context.catalog.duplicate_lists
    context.catalog.files.require_source(context.settings.tenant, source)
    many = context.settings.dedup.boilerplate_documents
    places = _Places(context)
    clusters = () if documents_only else lists.clusters(tenant, source, many if boilerplate_only else 1, limit)
    apart = () if documents_only or boilerplate_only else lists.kept_apart(tenant, source, limit)
    return DuplicateList(
        chunks=lists.counts(tenant, source),
        whole_documents=lists.document_counts(tenant, source),
        clusters=tuple(
            Cluster(
                survivor=places.of(row.survivor),
                duplicates=row.duplicates,
                documents=row.documents,
                boilerplate=row.documents >= many,
                copies=tuple(
                    Copy(places.of(copy.chunk), copy.kind, copy.similarity, copy.reason)
                    for copy in lists.duplicates_of(row.survivor.chunk_id, _MOST_PLACES)
                ),
            )
            for row in clusters
        ),
        kept_apart=tuple(_unmerged(row, places) for row in apart),
        documents=() if boilerplate_only else tuple(lists.relations(tenant, source, limit)),
    )


def _unmerged(row: JudgedRow, places: _Places) -> Unmerged:
    return Unmerged(
        place=places.of(row.chunk),
        other=places.of(row.other) if row.other is not None else None,
        similarity=row.similarity or 0.0,
        reason=row.reason or "",
    )


class _Places:
    """Texts lie in chunk sets."""

    def __init__(self, context: Context) -> None:
        self._stored = Stored(context)

    def of(self, row: ChunkRow) -> Place:
        chunk = self._stored.chunk(row)
        if chunk is None:
            return Place(row.source, row.path, (), (), "")
        return Place(row.source, row.path, chunk.heading_path, chunk.pages, chunk.text)
