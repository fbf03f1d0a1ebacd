"""The place of a chunk, as it is told."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.base import BBox, Span


@dataclass(frozen=True, slots=True)
class PlacePage:
    """A page in points as it is shown, with the boxes of the chunk on it. `whole`: those of the whole table that the
    chunk is a part of. None of either: it is somewhere on the page. `method`: how it was read; `rotation` in degrees
    clockwise."""

    number: int
    width: float
    height: float
    rotation: int
    method: str
    boxes: tuple[BBox, ...]
    whole: tuple[BBox, ...] = ()

    @property
    def size(self) -> tuple[float, float]:
        return self.width, self.height


@dataclass(frozen=True, slots=True)
class PlaceBlock:
    """A block (a paragraph, an item, a table …) that the chunk is of. `number` counts from 0 in the document, in
    whose text it stands from `start` to `end`."""

    number: int
    kind: str
    pages: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """`version` is the one that was looked at: `current` where that is what is found today. `ordinal` of `chunks`
    counts from 0. `spans` are characters of the document's text; `lines` those of a text file, from 1, both ends
    in it. `survivor`: the chunk that answers for this one. `before` and `after` stand around it in the document.
    `coarse`: an older release parsed it, so that the boxes of a part of a paragraph or table are those of all of it."""

    chunk_id: str
    doc_id: str
    source: str
    path: str
    container: str | None
    uri: str
    media_type: str
    sha256: str
    version: int
    current: bool
    published_ns: int
    original_kept: bool
    ordinal: int
    chunks: int
    part: int
    parts: int
    kind: str
    title: str | None
    heading_path: tuple[str, ...]
    pages: tuple[PlacePage, ...]
    blocks: tuple[PlaceBlock, ...]
    spans: tuple[Span, ...]
    lines: Span | None
    survivor: str | None
    text: str
    before: str
    after: str
    coarse: bool
