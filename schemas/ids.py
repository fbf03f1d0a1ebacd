"""Every identifier of docstrata is made here, from content; nothing is random."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID, uuid5

NAMESPACE = UUID("6f0c6d1e-6a5b-5c1e-9d53-0d0c57a7a000")
"""Changing it changes every identifier in every store."""

_SEPARATOR = "\x1f"


def _make(kind: str, *parts: str) -> str:
    # The length before each part keeps ("a", "bc") and ("ab", "c") apart whatever they hold.
    return str(uuid5(NAMESPACE, kind + _SEPARATOR + _SEPARATOR.join(f"{len(p)}:{p}" for p in parts)))


def digest(data: bytes) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(value: object) -> str:
    """SHA-256 of the canonical JSON of `value`: the identity of options and recipes."""
    return digest(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def doc_id(tenant: str, source: str, rel_path: str) -> str:
    """A document is a place: the same path of the same source, whatever it holds."""
    return _make("doc", tenant, source, rel_path)


def section_id(heading_path: tuple[str, ...], occurrence: int) -> str:
    """A section within its document: its heading path, and which of its namesakes it is."""
    return _make("section", str(occurrence), *heading_path)


def chunk_id(document: str, embed_text: str, table_html: str | None, occurrence: int) -> str:
    """A chunk is what is embedded, within its document; `occurrence` tells equal ones apart."""
    return _make("chunk", document, embed_text, table_html or "", str(occurrence))


def point_id(chunk: str, payload_digest: str, vector_digest: str, from_seq: int) -> str:
    """One row of a chunk's history in the index."""
    return _make("point", chunk, payload_digest, vector_digest, str(from_seq))
