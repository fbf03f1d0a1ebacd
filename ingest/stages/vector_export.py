"""Vectors to Parquet: for analysis elsewhere, and for a home that shall not make them again.

A row is a chunk of a live document with its raw vector: what the model made of the chunk alone,
before its neighbours were mixed in. Rows are written in groups, so that memory does not grow.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ingest.catalog.rows import DocumentRow
from ingest.context import Context
from ingest.embed.base import Embedder
from ingest.embed.cache import vector_key
from ingest.stages.vectors import VectorCache
from ingest.stored import chunk_set_of
from ingest.vectors import Vector, Vectors
from schemas.chunk import Chunk
from schemas.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

_GROUP: Final = 2048
"""Rows that are held and written together."""
_PACKS: Final = 8
"""Packs of vectors that are kept unpacked: the chunks of a document lie in one or two."""
_REPEATED: Final = ["fingerprint", "source", "path", "doc_id", "title", "kind", "language"]
"""Columns whose values recur."""


@dataclass(frozen=True, slots=True)
class Exported:
    """`without`: chunks that have no vector: another's text stands for theirs, and none was made."""

    rows: int
    documents: int
    without: int


def export_vectors(context: Context, embedder: Embedder, file: Path, *, text: bool = True) -> Exported:
    """Writes `file` whole, in the place of what was there. `text`: with the text that was embedded."""
    import pyarrow.parquet as pq

    schema = _schema(embedder, text=text)
    rows = documents = without = 0
    cache = VectorCache(context)
    temporary = file.with_name(f".{file.name}.part")
    try:
        with pq.ParquetWriter(temporary, schema, compression="zstd", use_dictionary=_REPEATED) as writer:
            group = _Group(schema, embedder.dimension)
            for document, chunks in _live_chunks(context):
                documents += 1
                written = group.add(document, chunks, _survivors(context, document), cache, embedder)
                rows, without = rows + written, without + len(chunks) - written
                if len(group) >= _GROUP:
                    writer.write_batch(group.take())
            if len(group):
                writer.write_batch(group.take())
        temporary.replace(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror or error}; choose another place") from error
    finally:
        temporary.unlink(missing_ok=True)
    return Exported(rows, documents, without)


def _schema(embedder: Embedder, *, text: bool) -> pa.Schema:
    import pyarrow as pa

    fields = [
        pa.field("key", pa.string(), nullable=False),
        pa.field("fingerprint", pa.string(), nullable=False),
        pa.field("vector", pa.list_(pa.float32(), embedder.dimension), nullable=False),
        *([pa.field("text", pa.string(), nullable=False)] if text else []),
        pa.field("chunk_id", pa.string()),
        pa.field("survivor", pa.string()),
        pa.field("doc_id", pa.string()),
        pa.field("source", pa.string()),
        pa.field("path", pa.string()),
        pa.field("version", pa.int64()),
        pa.field("ordinal", pa.int64()),
        pa.field("title", pa.string()),
        pa.field("heading_path", pa.list_(pa.string())),
        pa.field("pages", pa.list_(pa.int64())),
        pa.field("kind", pa.string()),
        pa.field("language", pa.string()),
        pa.field("tokens", pa.int64()),
    ]
    return pa.schema(fields)


class _Group:
    """Rows that wait to be written."""

    def __init__(self, schema: pa.Schema, dimension: int) -> None:
        self._schema = schema
        self._dimension = dimension
        self._columns: dict[str, list[object]] = {name: [] for name in schema.names}
        self._vectors: list[Vector] = []
        self._packs: OrderedDict[str, Vectors] = OrderedDict()

    def __len__(self) -> int:
        return len(self._vectors)

    def add(
        self,
        document: DocumentRow,
        chunks: Sequence[Chunk],
        survivors: dict[str, str],
        cache: VectorCache,
        embedder: Embedder,
    ) -> int:
        """Returns how many of the chunks have a vector, and so a row."""
        keys = [vector_key(embedder.fingerprint, chunk.embed_text()) for chunk in chunks]
        found = cache.stored(keys, self._dimension, self._packs)
        while len(self._packs) > _PACKS:
            self._packs.popitem(last=False)
        for key, chunk in zip(keys, chunks, strict=True):
            if key in found:
                self._vectors.append(found[key])
                self._append(_row(document, chunk, key, embedder.fingerprint, survivors))
        return sum(key in found for key in keys)

    def take(self) -> pa.RecordBatch:
        import pyarrow as pa

        vectors = pa.FixedSizeListArray.from_arrays(np.concatenate(self._vectors), self._dimension)
        arrays = [
            vectors if field.name == "vector" else pa.array(self._columns[field.name], field.type)
            for field in self._schema
        ]
        for column in self._columns.values():
            column.clear()
        self._vectors.clear()
        return pa.record_batch(arrays, schema=self._schema)

    def _append(self, row: dict[str, object]) -> None:
        for name, column in self._columns.items():
            if name != "vector":
                column.append(row[name])


def _row(
    document: DocumentRow, chunk: Chunk, key: str, fingerprint: str, survivors: dict[str, str]
) -> dict[str, object]:
    chunk_id = chunk.id_in(document.doc_id)
    return {
        "key": key,
        "fingerprint": fingerprint,
        "text": chunk.embed_text(),
        "chunk_id": chunk_id,
        "survivor": survivors.get(chunk_id),
        "doc_id": document.doc_id,
        "source": document.source,
        "path": document.path,
        "version": document.version,
        "ordinal": chunk.ordinal,
        "title": chunk.title,
        "heading_path": list(chunk.heading_path),
        "pages": list(chunk.pages),
        "kind": chunk.kind.value,
        "language": chunk.language,
        "tokens": chunk.token_count,
    }


def _live_chunks(context: Context) -> Iterator[tuple[DocumentRow, tuple[Chunk, ...]]]:
    catalog = context.catalog
    for document in catalog.history.live_documents(context.settings.tenant):
        found = chunk_set_of(context, document.chunk_key)
        if found is None:
            context.progress.say(f"the chunks of {document.path} are damaged and left out: reprocess it")
            continue
        yield document, found.chunks


def _survivors(context: Context, document: DocumentRow) -> dict[str, str]:
    """`{chunk: the chunk that stands for it}` of the document's duplicates."""
    rows = context.catalog.history.current_points([document.doc_id])
    return {row.chunk_id: row.survivor for row in rows if row.survivor is not None}
