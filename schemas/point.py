"""A row of the index: one stretch of a chunk's life."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from schemas.base import BBox, Record
from schemas.ids import fingerprint
from schemas.source import MetadataValue

OPEN = 2**53
"""`to_seq` of a row that is still current (the largest integer that JSON readers keep exact)."""

PAYLOAD_VERSION = 1
"""Of the payload's schema; a collection of another version is refused."""

VALIDITY = frozenset({"current", "from_seq", "to_seq"})
"""The fields that are not part of a payload's digest; of them `current` and `to_seq` may change."""


class PointPayload(Record):
    """What is stored beside the vectors.

    `headings` holds every heading of the path for subtree filters. `boxes` are aligned with
    `box_pages`. `container` is the path of the archive or mail that holds the document. `facets`
    are `name=value` for every value of the metadata, for filters. `survivor` is set on a
    duplicate, which has no vector. The first `repeated` characters of `text` stand before it in
    the document already (header rows, overlap): left out where the chunk before is shown too.
    A search as of sequence s asks for `from_seq <= s < to_seq`.
    """

    schema_version: int = PAYLOAD_VERSION
    tenant: str
    source: str
    path: str
    container: str | None = None
    doc_id: str
    chunk_id: str
    text: str
    repeated: int = 0
    context: str = ""
    kind: str
    title: str | None = None
    heading_path: tuple[str, ...] = ()
    section: str
    parent: str | None = None
    position: int
    part: int = 1
    parts: int = 1
    pages: tuple[int, ...] = ()
    boxes: tuple[BBox, ...] = ()
    box_pages: tuple[int, ...] = ()
    table_html: str | None = None
    token_count: int
    unknown_share: float = 0.0
    language: str | None = None
    media_type: str
    strategy: str
    flags: tuple[str, ...] = ()
    metadata: dict[str, MetadataValue] = Field(default_factory=dict)
    facets: tuple[str, ...] = ()
    survivor: str | None = None
    current: bool = False
    from_seq: int
    to_seq: int = OPEN

    def digest(self) -> str:
        """Of everything but the row's validity."""
        return fingerprint(self.model_dump(mode="json", exclude=set(VALIDITY)))


class SearchMode(StrEnum):
    HYBRID = "hybrid"
    DENSE = "dense"
    SPARSE = "sparse"


class Expand(StrEnum):
    """What is shown around a hit: its section, then the enclosing one, or the chunks beside it."""

    SECTION = "section"
    NEIGHBOURS = "neighbours"


class Fusion(StrEnum):
    """By what two rankings become one: reciprocal ranks, or scores that are brought to one scale."""

    RRF = "rrf"
    SCORES = "scores"


class Hit(Record):
    """A search result. `score` is of the fused list; ranks count from 1 within each leg. `rerank_score` is the
    reranker's, on its own scale: hits that have one come first and in its order, whatever `score` says."""

    score: float
    payload: PointPayload
    point_id: str
    dense_rank: int | None = None
    dense_score: float | None = None
    sparse_rank: int | None = None
    sparse_score: float | None = None
    rerank_score: float | None = None
