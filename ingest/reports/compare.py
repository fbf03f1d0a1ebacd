"""Two runs side by side: the documents as they were live after the one and after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.catalog.rows import DocumentRow
from ingest.context import Context
from ingest.reports.collect import Moment, gathered, moment_of, new_totals, told
from ingest.reports.document_figures import DocumentFigures
from ingest.reports.headlines import changes, headline
from ingest.reports.picks import faults_by_place, gravity
from ingest.reports.totals import Totals
from schemas.comparison import Comparison, DocumentChange, RunFigures
from schemas.figures import WORST
from schemas.quality import LISTED


@dataclass(frozen=True, slots=True)
class _Numbers:
    chunks: int
    faults: int
    gravity: int


_Version = tuple[str, str]
"""A document's id and the key of its chunk set."""


@dataclass(slots=True)
class _Side:
    run_id: str
    number: int
    seq: int
    moment: Moment
    totals: Totals
    rows: dict[str, DocumentRow]

    def has(self, row: DocumentRow) -> bool:
        own = self.rows.get(row.doc_id)
        return own is not None and own.chunk_key == row.chunk_key


def compare_runs(
    context: Context, before: str, after: str, *, token_limit: int | None, source: str | None = None
) -> Comparison:
    """Figures that are counted anew are kept. Raises `ConfigError` for runs that are not there, or that cannot be
    looked back at any more."""
    sides = [_side(context, run_id, token_limit, source) for run_id in (before, after)]
    first, second = sides
    apart = [row for row in second.rows.values() if not first.has(row)]
    numbers: dict[_Version, _Numbers] = {}
    for row, figures in gathered(context, [*first.rows.values(), *apart], first.totals, keep=True):
        for side in sides:
            if side.has(row):
                side.totals.add(row, figures)
        if figures is not None:
            numbers[row.doc_id, row.chunk_key] = _numbers(figures)
    changed = _changed(first, second, numbers)
    added = [each for each in changed if each.doc_id not in first.rows]
    removed = [each for each in changed if each.doc_id not in second.rows]
    in_both = [each for each in changed if each.doc_id in first.rows and each.doc_id in second.rows]
    figures_before, figures_after = _told(context, first), _told(context, second)
    return Comparison(
        tenant=context.settings.tenant,
        source=source,
        before=figures_before,
        after=figures_after,
        changes=changes(figures_before.headline, figures_after.headline),
        added=tuple(added[:LISTED]),
        added_total=len(added),
        removed=tuple(removed[:LISTED]),
        removed_total=len(removed),
        changed=tuple(in_both[:LISTED]),
        changed_total=len(in_both),
        worse=tuple(_worse(in_both)),
    )


def _side(context: Context, run_id: str, token_limit: int | None, source: str | None) -> _Side:
    number = context.catalog.versions.find_run(context.settings.tenant, run_id)
    seq = context.catalog.versions.after_run(number)
    moment = moment_of(context, source, seq)
    rows = {row.doc_id: row for row in moment.inventory.documents}
    return _Side(run_id, number, seq, moment, new_totals(context, moment.inventory, token_limit), rows)


def _numbers(figures: DocumentFigures) -> _Numbers:
    return _Numbers(figures.chunks, len(faults_by_place(figures)), gravity(figures))


def _changed(first: _Side, second: _Side, numbers: dict[_Version, _Numbers]) -> list[DocumentChange]:
    """Documents that the two do not have alike, by source and path."""
    differing = [row for row in first.rows.values() if not second.has(row)]
    differing += [row for row in second.rows.values() if row.doc_id not in first.rows]
    found = []
    for row in sorted(differing, key=lambda row: (row.source, row.path)):
        was, now = (
            numbers.get((row.doc_id, own.chunk_key)) if (own := side.rows.get(row.doc_id)) is not None else None
            for side in (first, second)
        )
        found.append(
            DocumentChange(
                source=row.source,
                path=row.path,
                doc_id=row.doc_id,
                chunks_before=was.chunks if was is not None else None,
                chunks_after=now.chunks if now is not None else None,
                faults_before=was.faults if was is not None else None,
                faults_after=now.faults if now is not None else None,
                gravity_before=was.gravity if was is not None else None,
                gravity_after=now.gravity if now is not None else None,
            )
        )
    return found


def _worse(changed: Iterable[DocumentChange]) -> Sequence[DocumentChange]:
    grown = [(_growth(each), each) for each in changed]
    worse = sorted((each for each in grown if each[0] > 0), key=lambda each: (-each[0], each[1].source, each[1].path))
    return [change for _, change in worse[:WORST]]


def _growth(change: DocumentChange) -> int:
    if change.gravity_before is None or change.gravity_after is None:
        return 0
    return change.gravity_after - change.gravity_before


def _told(context: Context, side: _Side) -> RunFigures:
    report = told(context, side.moment, side.totals)
    return RunFigures(
        run_id=side.run_id,
        started_at=datetime.fromtimestamp(context.catalog.runs.started_ns(side.number) // 10**9, UTC),
        seq=side.seq,
        headline=headline(report).model_copy(update={"failed_share": None}),
    )
