"""The chunks that a report shows one by one, read from the store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from ingest.context import Context
from ingest.reports.document_figures import PageRun
from ingest.reports.picks import Pick
from ingest.store import DamagedArtifact
from schemas.chunk import Chunk
from schemas.document import Region
from schemas.figures import EXCERPT, SHORTENED, PagePlace, ShownChunk


def worst_chunks(context: Context, picks: Sequence[Pick]) -> tuple[ShownChunk, ...]:
    """In the order of the picks. What cannot be read any more is left out."""
    read = dict(_read(context, sorted(picks, key=lambda pick: pick.row.doc_id)))
    return tuple(_shown(pick, read[_key(pick)], SHORTENED) for pick in picks if _key(pick) in read)


def sampled_chunks(context: Context, picks: Sequence[Pick]) -> tuple[ShownChunk, ...]:
    """In the order of the picks, in which those of one document stand together."""
    read = dict(_read(context, picks))
    return tuple(_shown(pick, read[_key(pick)], EXCERPT) for pick in picks if _key(pick) in read)


def _key(pick: Pick) -> tuple[str, int]:
    return pick.row.doc_id, pick.place


def _read(context: Context, picks: Sequence[Pick]) -> Iterator[tuple[tuple[str, int], Chunk]]:
    """A document at a time; of its chunks, those that are picked are made into records."""
    for chunk_key, group in groupby(picks, key=lambda pick: pick.row.chunk_key):
        ref = context.catalog.artifacts.find("chunk", chunk_key)
        if ref is None:
            continue
        try:
            chunks = json.loads(context.store.read(ref))["chunks"]
        except DamagedArtifact:
            continue
        for pick in group:
            yield _key(pick), Chunk.model_validate_json(json.dumps(chunks[pick.place]))


def _shown(pick: Pick, chunk: Chunk, characters: int) -> ShownChunk:
    return ShownChunk(
        source=pick.row.source,
        path=pick.row.path,
        doc_id=pick.row.doc_id,
        chunk_id=chunk.id_in(pick.row.doc_id),
        ordinal=pick.place,
        pages=_places(chunk.regions, pick.page_runs),
        tokens=chunk.token_count,
        kind=chunk.kind.value,
        strategy=chunk.strategy,
        language=chunk.language or "",
        heading_path=chunk.heading_path,
        faults=pick.faults,
        flags=chunk.flags,
        text=chunk.text[:characters],
        characters=len(chunk.text),
    )


def _places(regions: Sequence[Region], runs: Sequence[PageRun]) -> tuple[PagePlace, ...]:
    """By page."""
    found = []
    for page in sorted({region.page for region in regions}):
        run = next((run for run in runs if run.first <= page <= run.last), None)
        boxes = tuple(region.bbox for region in regions if region.page == page and region.bbox is not None)
        found.append(
            PagePlace(
                page=page,
                width=run.width if run is not None else None,
                height=run.height if run is not None else None,
                boxes=boxes,
            )
        )
    return tuple(found)
