"""How ids and digests stand in the catalog: as the bytes that they are, a third of their text."""

from __future__ import annotations

from uuid import UUID

import xxhash

from ingest.catalog.database import Value
from schemas.errors import InvariantError


def uuid_key(text: str) -> bytes:
    """16 bytes."""
    return UUID(text).bytes


def uuid_text(value: Value) -> str:
    """Without `UUID`, which costs three times as much: this is asked for every document of every run."""
    plain = _bytes(value).hex()
    return f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}"


def digest_key(text: str) -> bytes:
    """Of a hexadecimal digest."""
    return bytes.fromhex(text)


def digest_text(value: Value) -> str:
    return _bytes(value).hex()


def band_key(tenant: str, band: bytes) -> int:
    """64 bits, signed: one number a row instead of a name and a key. Two bands that fall together
    by chance propose one pair too many, and the exact similarity decides."""
    value = xxhash.xxh3_64_intdigest(band, xxhash.xxh3_64_intdigest(tenant.encode("utf-8", "surrogatepass")))
    return value - 2**64 if value >= 2**63 else value


def _bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise InvariantError("a key in the catalog is not a blob")
    return value
