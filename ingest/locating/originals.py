"""What a version of a document was read from, and what its pages measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from ingest.context import Context
from ingest.locating.sheets import Size
from ingest.store import DamagedArtifact
from schemas.artifact import ArtifactRef
from schemas.chunk import ChunkSet
from schemas.document import Document
from schemas.version import VersionManifest, manifest_key


@dataclass(frozen=True, slots=True)
class Original:
    """`pages`: sizes by number, as they were read."""

    sha256: str
    media_type: str
    pages: Mapping[int, Size]


def read_original_of(context: Context, doc_id: str, version: int | None = None) -> Original | None:
    """`version`: without it the last that was not gone. None where an artifact of it is lost. Raises `StoreDown`."""
    rows = [row for row in context.catalog.versions.of_document(doc_id) if not row.gone]
    row = next((row for row in reversed(rows) if version in {None, row.version}), None)
    manifest = read_manifest(context, doc_id, row.version) if row is not None else None
    chunks = read_chunk_set(context, row.chunk_key) if row is not None else None
    document = read_document(context, chunks.document) if chunks is not None else None
    if manifest is None or manifest.file is None or document is None:
        return None
    sizes = {page.number: (page.width, page.height) for page in document.pages}
    return Original(manifest.file.sha256, manifest.file.media_type, sizes)


def read_manifest(context: Context, doc_id: str, version: int) -> VersionManifest | None:
    """None where it is lost."""
    content = _read(context, context.catalog.artifacts.find("version", manifest_key(doc_id, version)))
    return VersionManifest.model_validate_json(content) if content is not None else None


def read_chunk_set(context: Context, chunk_key: str) -> ChunkSet | None:
    """None where it is lost, or cannot be read by this release."""
    content = _read(context, context.catalog.artifacts.find("chunk", chunk_key))
    try:
        return ChunkSet.model_validate_json(content) if content is not None else None
    except ValidationError:
        return None


def read_document(context: Context, digest: str) -> Document | None:
    """The parse of that digest; None where it is lost, or cannot be read by this release."""
    content = _read(context, context.catalog.artifacts.of_digest("parse", digest))
    try:
        return Document.model_validate_json(content) if content is not None else None
    except ValidationError:
        return None


def _read(context: Context, ref: ArtifactRef | None) -> bytes | None:
    try:
        return context.store.read(ref) if ref is not None else None
    except DamagedArtifact:
        return None
