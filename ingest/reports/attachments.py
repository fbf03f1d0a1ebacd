"""What a page shows beside its record: pictures of where the worst chunks stand.

The record alone cannot give them; whoever has the home gathers them. Without them the page says so.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.context import Context
from ingest.locating.pictures import small_pictures
from schemas.document import Region
from schemas.quality import QualityReport

STAGE = "pictures"
_MOST_BYTES = 5_000_000
"""Of all pictures together, as text: half of what a page may have."""
_OF_ONE = 2
"""Pages of a chunk that are shown."""


@dataclass(frozen=True, slots=True)
class PagePicture:
    """`uri`: a data URI of a WebP. `page` counts from 1."""

    page: int
    uri: str


@dataclass(frozen=True, slots=True)
class Attachments:
    """`pictures`: by chunk id. `left_out`: chunks with none, because the page would have become too large."""

    pictures: Mapping[str, tuple[PagePicture, ...]] = field(default_factory=dict)
    left_out: int = 0


def gather_attachments(context: Context, report: QualityReport) -> Attachments:
    """Raises `StoreDown`."""
    pictures: dict[str, tuple[PagePicture, ...]] = {}
    size, left_out = 0, 0
    context.progress.expect(STAGE, len(report.worst))
    for chunk in report.worst:
        if size >= _MOST_BYTES:
            left_out += 1
        elif regions := [
            Region(page=place.page, bbox=box) for place in chunk.pages for box in (place.boxes or (None,))
        ]:
            drawn = tuple(
                PagePicture(picture.page, f"data:image/webp;base64,{b64encode(picture.data).decode()}")
                for picture in small_pictures(context, chunk.doc_id, regions, _OF_ONE)
            )
            size += sum(len(picture.uri) for picture in drawn)
            pictures[chunk.chunk_id] = drawn
        context.progress.advance(STAGE)
    return Attachments(pictures, left_out)
