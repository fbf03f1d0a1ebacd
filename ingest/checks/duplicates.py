"""Duplicates as a report shows them: `schemas.duplication.DuplicationFigures`."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.catalog.duplicate_lists import ChunkRow, ClusterRow, JudgedRow
from ingest.checks.stored import Stored
from ingest.checks.word_diff import WordDiff, word_diff
from ingest.context import Context
from schemas.duplication import (
    CLUSTERS,
    COPIES,
    DIFF_CHARACTERS,
    LINES,
    DuplicateCluster,
    DuplicationFigures,
    KeptApart,
    LeftOut,
    MarginLine,
    Passage,
)

_IN_ONE = "It stands first in its document."
_EARLIER = "It was there before the others were taken in."
_FIRST = "It was taken in together with the others, and comes first by address and place."


def duplication_figures(
    context: Context, stored: Stored, source: str | None, margin_lines: Mapping[str, int]
) -> DuplicationFigures:
    """`margin_lines`: in how many documents each stands."""
    tenant, many = context.settings.tenant, context.settings.dedup.boilerplate_documents
    lists, checking = context.catalog.duplicate_lists, context.catalog.checking
    counts = lists.counts(tenant, source)
    current, through_survivor = context.catalog.history.point_counts(tenant, source)
    clusters = checking.cluster_counts(tenant, source, many)
    exact, near = counts.get("exact", 0), counts.get("near", 0)
    return DuplicationFigures(
        chunks=current,
        exact=exact,
        near=near,
        unexplained=max(through_survivor - exact - near, 0),
        apart=counts.get("apart", 0),
        clusters_total=clusters.total,
        clusters=_clusters(context, stored, source),
        kept_apart=tuple(_kept_apart(stored, row) for row in lists.kept_apart(tenant, source, CLUSTERS)),
        boilerplate_documents=many,
        boilerplate_clusters=clusters.many,
        margin_lines_total=len(margin_lines),
        margin_lines=tuple(
            MarginLine(text=text, documents=documents)
            for text, documents in sorted(margin_lines.items(), key=lambda item: (-item[1], item[0]))[:LINES]
        ),
    )


def _clusters(context: Context, stored: Stored, source: str | None) -> tuple[DuplicateCluster, ...]:
    tenant, many = context.settings.tenant, context.settings.dedup.boilerplate_documents
    lists, checking = context.catalog.duplicate_lists, context.catalog.checking
    rows = lists.clusters(tenant, source, 1, CLUSTERS)
    survivors = [row.survivor.chunk_id for row in rows]
    taken_in, copied = checking.commits_of(survivors), checking.first_copies(survivors)
    found: list[DuplicateCluster] = []
    for row in rows:
        copies = lists.duplicates_of(row.survivor.chunk_id, COPIES)
        survivor = row.survivor.chunk_id
        found.append(
            DuplicateCluster(
                kept=_passage(stored, row.survivor),
                why=_why(row, copies, earlier=taken_in.get(survivor, 0) < copied.get(survivor, 0)),
                duplicates=row.duplicates,
                documents=row.documents,
                boilerplate=row.documents >= many,
                left_out=tuple(_left_out(stored, row.survivor, copy) for copy in copies),
            )
        )
    return tuple(found)


def _why(row: ClusterRow, copies: list[JudgedRow], *, earlier: bool) -> str:
    if row.documents == 1 and copies and copies[0].chunk.doc_id == row.survivor.doc_id:
        return _IN_ONE
    return _EARLIER if earlier else _FIRST


def _left_out(stored: Stored, survivor: ChunkRow, copy: JudgedRow) -> LeftOut:
    diff = _diff(stored, survivor, copy.chunk)
    return LeftOut(
        passage=_passage(stored, copy.chunk),
        kind=copy.kind,
        similarity=copy.similarity,
        reason=copy.reason,
        diff=diff.pieces,
        cut=diff.cut,
    )


def _kept_apart(stored: Stored, row: JudgedRow) -> KeptApart:
    diff = _diff(stored, row.other, row.chunk) if row.other is not None else WordDiff((), cut=False)
    return KeptApart(
        passage=_passage(stored, row.chunk),
        other=_passage(stored, row.other) if row.other is not None else None,
        similarity=row.similarity or 0.0,
        reason=row.reason or "",
        diff=diff.pieces,
        cut=diff.cut,
    )


def _diff(stored: Stored, kept: ChunkRow, left_out: ChunkRow) -> WordDiff:
    one, other = stored.chunk(kept), stored.chunk(left_out)
    if one is None or other is None:
        return WordDiff((), cut=False)
    return word_diff(one.text, other.text)


def _passage(stored: Stored, row: ChunkRow) -> Passage:
    chunk = stored.chunk(row)
    return Passage(
        chunk_id=row.chunk_id,
        doc_id=row.doc_id,
        source=row.source,
        path=row.path,
        heading_path=chunk.heading_path if chunk is not None else (),
        pages=chunk.pages if chunk is not None else (),
        text=chunk.text[:DIFF_CHARACTERS] if chunk is not None else "",
    )
