"""Ids of chunks, made anew."""

from __future__ import annotations

from uuid import UUID, uuid5

from recounting.spans import Record

NAMESPACE = UUID("6f0c6d1e-6a5b-5c1e-9d53-0d0c57a7a000")


def embedded(chunk: Record) -> str:
    """The text that the model reads."""
    text: str = chunk["text"]
    return f"{chunk['context']}\n{text}" if chunk["context"] else text


def chunk_id(doc_id: str, chunk: Record) -> str:
    parts = (doc_id, embedded(chunk), chunk["table_html"] or "", str(chunk["occurrence"]))
    return str(uuid5(NAMESPACE, "\x1f".join(("chunk", *(f"{len(part)}:{part}" for part in parts)))))
