"""What a pack says of itself: an index of its frames at its end, so that a store can be read without a catalog.

```
frame … frame │ skippable frame of zstd: the index, compressed │ its length │ magic
```
Whoever decompresses a pack from its beginning passes over the index, as the format asks.
"""

from __future__ import annotations

import struct

import zstandard
from pydantic import ValidationError

from schemas.artifact import ArtifactRef
from schemas.base import Record

_SKIPPABLE = 0x184D2A53
_HEAD = struct.Struct("<II")
_TAIL = struct.Struct("<I8s")
_MAGIC = b"dsindex1"

INDEX_TAIL = 64 * 1024
"""Bytes of a pack's end that hold the index of nearly every pack."""


class FrameEntry(Record):
    """`digest` of the content, `offset` and `length` of the compressed frame in the pack."""

    key: str
    digest: str
    offset: int
    length: int


class PackIndex(Record):
    """`vector_keys`: of the rows of the matrix that a pack of vectors holds, which the embedder of
    `fingerprint` made; empty for other stages."""

    stage: str
    frames: tuple[FrameEntry, ...]
    vector_keys: tuple[str, ...] = ()
    fingerprint: str = ""

    def refs(self, pack: str) -> list[ArtifactRef]:
        return [
            ArtifactRef(stage=self.stage, key=f.key, digest=f.digest, pack=pack, offset=f.offset, length=f.length)
            for f in self.frames
        ]


def encode_index(index: PackIndex) -> bytes:
    """What stands behind the frames."""
    body = zstandard.ZstdCompressor(level=3).compress(index.model_dump_json().encode())
    size = len(body) + _TAIL.size
    return _HEAD.pack(_SKIPPABLE, size) + body + _TAIL.pack(len(body), _MAGIC)


def index_size(tail: bytes) -> int | None:
    """Bytes from the index's body to the pack's end; None where there is no index."""
    if len(tail) < _TAIL.size:
        return None
    length, magic = _TAIL.unpack(tail[-_TAIL.size :])
    return int(length) + _TAIL.size if magic == _MAGIC else None


def decode_index(tail: bytes) -> PackIndex | None:
    """From the end of a pack, which holds all of the index; None where it is damaged."""
    size = index_size(tail)
    if size is None or size > len(tail):
        return None
    try:
        content = zstandard.ZstdDecompressor().decompressobj().decompress(tail[-size : -_TAIL.size])
        return PackIndex.model_validate_json(content)
    except (zstandard.ZstdError, ValidationError):
        return None
