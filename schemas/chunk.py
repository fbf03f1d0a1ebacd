"""What a chunker makes of a document, and what de-duplication leaves out of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from schemas.base import Record, Span
from schemas.document import Region
from schemas.ids import chunk_id
from schemas.source import MetadataValue

SPAN_JOIN = "\n"
"""What stands between two spans of one chunk."""

EMBED_TEXT_VERSION = 1
"""Counts up when `build_embed_text` would build another text: part of the embedding fingerprint."""


class ChunkKind(StrEnum):
    TEXT = "text"
    TABLE = "table"
    CODE = "code"
    LIST = "list"
    FIGURE = "figure"
    METADATA = "metadata"
    PROPOSITION = "proposition"
    """Written by a model about `spans`: its text is not a slice of the document."""


def build_embed_text(context: str, text: str) -> str:
    """The one place where the text to embed is built: the context line above the clean text."""
    return f"{context}\n{text}" if context else text


class Chunk(Record):
    """A passage for retrieval.

    `text` is `added_prefix` followed by the slices of `Document.text` of `overlap` and `spans`,
    joined with `SPAN_JOIN`. `overlap` stands in `spans` of the chunk before too and is repeated
    here; the spans of two chunks have no character in common.
    Propositions are exempt: their text was written by a model about `spans`, and several may be
    about one sentence.
    `context` is what only the vector sees: title and heading path, shortened to fit.
    `heading_path` runs from the top to the section the chunk begins in; its last `own_headings`
    entries open the text itself. `section` and `parent` are section ids within the document,
    `position` counts within the section, `ordinal` within the document. `occurrence` tells
    chunks of equal text in one document apart. `part` is k of `parts` of what had to be cut.
    `token_count` is of `embed_text()`, special tokens included, by the embedder's tokenizer.
    `rule` names what chose the strategy. `flags` are constant words ("row_cut", "word_cut", …).
    """

    ordinal: int = Field(ge=0)
    kind: ChunkKind
    text: str
    context: str = ""
    added_prefix: str = ""
    overlap: tuple[Span, ...] = ()
    spans: tuple[Span, ...]
    blocks: tuple[int, ...]
    regions: tuple[Region, ...] = ()
    title: str | None = None
    heading_path: tuple[str, ...] = ()
    own_headings: int = 0
    section: str
    parent: str | None = None
    position: int = Field(ge=0)
    occurrence: int = Field(default=0, ge=0)
    token_count: int = Field(ge=0)
    table_html: str | None = None
    part: int = Field(default=1, ge=1)
    parts: int = Field(default=1, ge=1)
    language: str | None = None
    strategy: str
    rule: str
    flags: tuple[str, ...] = ()

    def embed_text(self) -> str:
        return build_embed_text(self.context, self.text)

    def id_in(self, doc_id: str) -> str:
        """Its id as a chunk of that document: chunks are cut without knowing whose they are."""
        return chunk_id(doc_id, self.embed_text(), self.table_html, self.occurrence)

    @property
    def repeated(self) -> int:
        """Characters at the beginning of `text` that stand before it in the document already: a
        reader who is shown the chunk before leaves them out."""
        return len(self.added_prefix) + sum(end - start + len(SPAN_JOIN) for start, end in self.overlap)

    @property
    def pages(self) -> tuple[int, ...]:
        return tuple(sorted({region.page for region in self.regions}))

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not self.text.strip():
            raise ValueError("a chunk without text")
        if not self.spans or any(start >= end for start, end in self.spans):
            raise ValueError(f"spans must not be empty: {self.spans}")
        edges = [edge for span in (*self.overlap, self.spans[0]) for edge in span]
        if edges != sorted(edges) or any(start == end for start, end in self.overlap):
            raise ValueError(f"the overlap {self.overlap} must stand before the spans {self.spans}")
        if self.part > self.parts:
            raise ValueError(f"part {self.part} of {self.parts}")
        return self


class FailedPage(Record):
    """A page of the document that could not be read, and why: what stands there is in no chunk."""

    number: int = Field(ge=1)
    reason: str


class ChunkSet(Record):
    """All chunks of one document, in order: the artifact of the chunk stage.

    `unknown_shares[i]` is the share of chunk i's tokens that the embedder's tokenizer does not know.
    `metadata` is what the document says of itself, `document` the digest of the parse that they were
    cut from. `furniture` are the different lines in the margins of its pages (headers, footers,
    watermarks), which are in no chunk; None where that was not looked at.
    """

    document: str = ""
    chunks: tuple[Chunk, ...]
    unknown_shares: tuple[float, ...]
    metadata: dict[str, MetadataValue] = Field(default_factory=dict)
    failed_pages: tuple[FailedPage, ...] = ()
    furniture: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _is_aligned(self) -> Self:
        if len(self.chunks) != len(self.unknown_shares):
            raise ValueError(f"{len(self.unknown_shares)} shares for {len(self.chunks)} chunks")
        return self


class DuplicateKind(StrEnum):
    EXACT = "exact"
    NEAR = "near"


class Duplicate(Record):
    """A chunk that is kept as a point without a vector: `survivor` stands for it.

    `similarity` is the exact Jaccard similarity of the shingles; `reason` is a sentence.
    """

    chunk_id: str
    survivor: str
    kind: DuplicateKind
    similarity: float = Field(ge=0, le=1)
    reason: str


class DocumentRelation(StrEnum):
    """What was found of two documents. `APART`: near in their texts, but what stands in the margins of
    their pages differs in a fact, so that chunks of one never stand for chunks of the other."""

    EXACT = "exact"
    NEAR = "near"
    APART = "apart"
