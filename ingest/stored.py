"""Records of the artifact store, for whoever can go on without them: what is lost is None.

Lost is what the catalog knows nothing of, what is damaged, and what another release wrote that told it otherwise.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError

from ingest.context import Context
from ingest.store import ArtifactStore, DamagedArtifact
from schemas.artifact import ArtifactRef
from schemas.base import Record
from schemas.chunk import ChunkSet
from schemas.document import Document
from schemas.version import VERSION_STAGE, VersionManifest, manifest_key

_Kind = TypeVar("_Kind", bound=Record)


def chunk_set_of(context: Context, chunk_key: str) -> ChunkSet | None:
    return record_of(context.store, context.catalog.artifacts.find("chunk", chunk_key), ChunkSet)


def document_of(context: Context, digest: str) -> Document | None:
    """The parse of that digest."""
    return record_of(context.store, context.catalog.artifacts.of_digest("parse", digest), Document)


def manifest_of(context: Context, doc_id: str, version: int) -> VersionManifest | None:
    ref = context.catalog.artifacts.find(VERSION_STAGE, manifest_key(doc_id, version))
    return record_of(context.store, ref, VersionManifest)


def record_of(store: ArtifactStore, ref: ArtifactRef | None, kind: type[_Kind]) -> _Kind | None:
    """Raises `StoreDown` when the store cannot be reached."""
    if ref is None:
        return None
    try:
        return kind.model_validate_json(store.read(ref))
    except (DamagedArtifact, ValidationError):
        return None
