"""Whether chunks know the headings above them. The outline is read anew here, and not with the chunkers' own
`chunkers.outline`, so that a mistake there is not made twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas.chunk import Chunk
from schemas.document import BlockKind, Document

Path = tuple[str, ...]


def paths_right(document: Document, chunks: Sequence[Chunk]) -> Iterator[bool]:
    """Of each chunk: whether its heading path is that of its first block that is no heading, or of its last heading
    where it has headings alone."""
    paths = paths_of(document)
    for chunk in chunks:
        bodies = [ordinal for ordinal in chunk.blocks if not document.blocks[ordinal].is_heading]
        place = (bodies[:1] or chunk.blocks[-1:] or [-1])[0]
        yield chunk.heading_path == (paths[place] if place >= 0 else ())


def paths_of(document: Document) -> list[Path]:
    """By the ordinal of each block, the headings above it, from the top; a heading's own path ends with itself. A
    heading closes those of its level and below; a title stands above all, and a heading without a level counts
    as one of the first."""
    paths: list[Path] = []
    open_levels: list[int] = []
    path: Path = ()
    for block in document.blocks:
        name = " ".join(document.text_of(block).split()) if block.is_heading else ""
        if name:
            level = block.level if block.level is not None else int(block.kind is not BlockKind.TITLE)
            while open_levels and open_levels[-1] >= level:
                open_levels.pop()
            path = (*path[: len(open_levels)], name)
            open_levels.append(level)
        paths.append(path)
    return paths
