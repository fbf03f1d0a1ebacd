"""What drivers of fsspec tell of an object, each in words of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b

_TAGS = ("ETag", "etag", "md5Hash", "content_md5", "checksum", "VersionId", "version_id", "generation")
_TIMES = ("LastModified", "last_modified", "mtime", "updated", "modified", "created")
"""What drivers call the same things, the most telling first."""


def tag_of(info: Mapping[str, object]) -> int:
    """A number of 63 bits, never 0, of what tells the content; 0 where nothing does."""
    for key in _TAGS:
        value = info.get(key)
        if isinstance(value, bytes | bytearray):
            value = value.hex()
        if isinstance(value, str | int) and value not in {"", "null"}:
            number = int.from_bytes(blake2b(f"{key.lower()}:{value}".encode(), digest_size=8).digest())
            return (number >> 1) or 1
    return 0


def time_ns_of(info: Mapping[str, object]) -> int:
    """0 where no time is told."""
    for key in _TIMES:
        value = info.get(key)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                continue
        if isinstance(value, datetime):
            return round(value.timestamp() * 1e6) * 1000
        if isinstance(value, int | float) and not isinstance(value, bool):
            return round(value * 1e6) * 1000
    return 0
