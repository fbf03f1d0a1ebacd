"""The step of a run that makes the vectors of a batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice

from ingest.catalog.measures import Measure
from ingest.context import Context, require_room
from ingest.dedup.identity import identify
from ingest.embed.cache import vector_key
from ingest.embed.neighbours import beside
from ingest.logs import about, get_logger
from ingest.stages.handover import Handover, is_carried_out
from ingest.stages.notes import DoneNote
from ingest.stages.parts import Parts
from ingest.stages.vectors import VectorCache
from ingest.stored import chunk_set_of
from schemas.chunk import Chunk

_log = get_logger(__name__)

_EMBED_TOGETHER = 512


def embed_batch(context: Context, parts: Parts, name: str) -> int:
    """Makes the vectors of a prepared batch that nobody has made. Returns how many.

    Chunks that another document's chunk will probably stand for are left out, but for those beside
    one that stays: should they need a vector after all, publishing makes it.
    """
    context.home.require_writable()
    about_batch = about(batch=name, stage="embed", tenant=context.settings.tenant)
    with about_batch, context.tracing.span("embed", {"batch": name, "tenant": context.settings.tenant}):
        return _embed(context, parts, name)


def _embed(context: Context, parts: Parts, name: str) -> int:
    require_room(context)
    began = time.perf_counter()
    handover = Handover(context.catalog.artifacts, context.store)
    if is_carried_out(handover, name):
        return 0
    done = handover.get(f"{name}/done", DoneNote)
    cache = VectorCache(context)
    texts = _texts(context, done)
    embedded = 0
    while together := list(islice(texts, _EMBED_TOGETHER)):
        keyed = {vector_key(parts.embedder.fingerprint, text): text for text in together}
        embedded += cache.fill(parts.embedder, keyed)
    seconds = time.perf_counter() - began
    more = [(Measure.CHUNKS, "embedded", float(embedded)), (Measure.STAGE_SECONDS, "embed", seconds)]
    context.catalog.measures.add(context.settings.tenant, more, context.clock())
    _log.info("batch.embedded", extra={"facts": {"embedded": embedded, "seconds": round(seconds, 3)}})
    return embedded


def _texts(context: Context, done: DoneNote) -> Iterator[str]:
    seen: set[bytes] = set()
    for document, chunk_key in done.chunks:
        found = chunk_set_of(context, chunk_key)
        if found is None:  # it will be made again by whoever needs it
            continue
        chunks = found.chunks
        yield from (chunks[place].embed_text() for place in _to_embed(context, document, chunks, seen))


def _to_embed(context: Context, document: str, chunks: Sequence[Chunk], seen: set[bytes]) -> list[int]:
    """Places of the chunks that will probably be points with a vector, and of those mixed into it.
    `seen`: texts of this batch so far."""
    places: set[int] = set()
    digests = [identify(chunk.text, chunk.kind, chunk.table_html).digest for chunk in chunks]
    known = _known(context, document, digests)
    for place, digest in enumerate(digests):
        if digest not in seen and digest not in known:
            places.add(place)
            if context.settings.embed.neighbour_share:
                places.update(beside(place, len(chunks)))
        if context.settings.dedup.enabled:
            seen.add(digest)
    return sorted(places)


def _known(context: Context, document: str, digests: Sequence[bytes]) -> set[bytes]:
    """Those of texts that another document has already."""
    if not context.settings.dedup.enabled:
        return set()
    found = context.catalog.survivors.by_texts(context.settings.tenant, set(digests))
    return {digest for digest, rows in found.items() if any(row.doc_id != document for row in rows)}
