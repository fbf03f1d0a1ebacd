"""The digest under which texts that are the same meet."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from ingest.dedup.shingles import Reading, read
from schemas.chunk import ChunkKind

DIGEST_BYTES = 16

_TO_THE_LETTER = frozenset({ChunkKind.TABLE.value, ChunkKind.CODE.value})
"""Kinds where case and punctuation are content."""


@dataclass(frozen=True, slots=True)
class Identity:
    """`reading` is None for what counts to the letter, and so is never a near duplicate."""

    digest: bytes
    reading: Reading | None


def identify(text: str, kind: str, table_html: str | None) -> Identity:
    """Tables and code count to the letter but for white space, and only among their own kind."""
    if kind in _TO_THE_LETTER or table_html is not None:
        return Identity(_digest(kind, _unspaced(text), _unspaced(table_html or "")), None)
    reading = read(text)
    # A text of punctuation alone has nothing that could be compared folded.
    return Identity(
        _digest("text", reading.squeezed) if reading.squeezed else _digest("bare", _unspaced(text)), reading
    )


def _unspaced(text: str) -> str:
    return " ".join(text.split())


def _digest(*parts: str) -> bytes:
    made = blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        made.update(len(data).to_bytes(8) + data)
    return made.digest()
