"""What a version of a document was read from, and what its pages measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingest.context import Context
from ingest.locating.sheets import Size
from ingest.stored import chunk_set_of, document_of, manifest_of


@dataclass(frozen=True, slots=True)
class Original:
    """`pages`: sizes by number, as they were read."""

    sha256: str
    media_type: str
    pages: Mapping[int, Size]


def read_last_original(context: Context, doc_id: str) -> Original | None:
    """Of the last version that was not gone. None where an artifact of it is lost. Raises `StoreDown`."""
    rows = [row for row in context.catalog.versions.of_document(doc_id) if not row.gone]
    manifest = manifest_of(context, doc_id, rows[-1].version) if rows else None
    chunks = chunk_set_of(context, rows[-1].chunk_key) if rows else None
    document = document_of(context, chunks.document) if chunks is not None else None
    if manifest is None or manifest.file is None or document is None:
        return None
    sizes = {page.number: (page.width, page.height) for page in document.pages}
    return Original(manifest.file.sha256, manifest.file.media_type, sizes)
