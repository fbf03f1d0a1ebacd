"""All documents compared with one another again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ingest.context import Context
from ingest.dedup.sketch import Sketches
from ingest.stages.document_readings import stored_chunks
from ingest.stages.document_twins import DocumentTwins, arriving
from ingest.stored import chunk_set_of

_COMPARED_TOGETHER = 64


def compare_anew(context: Context) -> None:
    """All live documents, in the order in which they came, as if they came now. For when what is kept
    of them is of another kind, or missing."""
    catalog, options = context.catalog, context.settings.dedup
    with catalog.database.transaction():
        catalog.duplicates.forget_all_documents()
    if not options.enabled:
        return
    for tenant, documents in catalog.duplicates.live_documents().items():
        for start in range(0, len(documents), _COMPARED_TOGETHER):
            _compare(context, tenant, documents[start : start + _COMPARED_TOGETHER])


def _compare(context: Context, tenant: str, documents: Sequence[tuple[str, str]]) -> None:
    duplicates, sketches = context.catalog.duplicates, Sketches(context.settings.dedup)
    twins = DocumentTwins(duplicates, partial(stored_chunks, context), sketches, tenant, frozenset())
    stored = ((doc_id, chunk_key, chunk_set_of(context, chunk_key)) for doc_id, chunk_key in documents)
    texts = twins.decide(arriving(doc_id, key, found, sketches) for doc_id, key, found in stored if found is not None)
    with context.catalog.database.transaction():
        duplicates.keep_documents(texts, twins.relations)
