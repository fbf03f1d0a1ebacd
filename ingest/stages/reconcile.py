"""Reconcile: catalog and index compared row by row, and the index mended from what is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ingest.catalog.comparing import Comparing, StoredPoint
from ingest.context import Context, require_room, run_lock
from ingest.stages.comparison import Comparison, validity
from ingest.stages.findings import Damage, Finding, Reconciled
from ingest.stages.parts import Parts
from ingest.stages.publish import Publisher
from ingest.stages.purge import finish_purges
from ingest.stages.row_maker import RowMaker


def reconcile(context: Context, parts: Parts, *, repair: bool, vectors: bool = False, wait: bool = True) -> Reconciled:
    """Compares, and with `repair` mends; `vectors`: also the stored vectors. Only a repair waits for a run
    that goes on, or raises `StoreDown`."""
    if not repair:
        return _compare(context, parts, None, vectors=vectors)
    with run_lock(context, wait=wait):
        require_room(context)
        Publisher(context, parts).heal()
        finish_purges(context, parts)
        return _compare(context, parts, _Mending(context, parts), vectors=vectors)


def _compare(context: Context, parts: Parts, mending: _Mending | None, *, vectors: bool) -> Reconciled:
    result, comparison = Reconciled(), Comparison(context, parts)
    for findings in comparison.rows(result):
        result.add(findings)
        if mending is not None:
            mending.mend(findings, result)
    for findings in comparison.vectors() if vectors else ():
        result.add(findings)
        if mending is not None:
            mending.mend(findings, result)
    result.stale = Comparing(context.catalog.database).wrong_stale_marks()
    if mending is not None:
        mending.finish(result)
    return result


class _Mending:
    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._index = parts.index
        self._catalog = Comparing(context.catalog.database)
        self._maker = RowMaker(context, parts)

    def mend(self, findings: Sequence[Finding], result: Reconciled) -> None:
        strangers = [found.point_id for found in findings if found.damage is Damage.STRANGER]
        self._index.delete(strangers)
        known = self._catalog.some([found.point_id for found in findings if found.damage is not Damage.STRANGER])
        in_time = {found.point_id for found in findings if found.damage is Damage.VALIDITY}
        self._set_validity([point for point_id, point in known.items() if point_id in in_time])
        made = self._maker.make([p for point_id, p in known.items() if point_id not in in_time], may_embed=True)
        self._index.upsert(made.rows)
        result.mended += len(strangers) + len(in_time & known.keys()) + len(made.rows)
        result.lost.update((point.source, point.path) for point in made.lost)

    def _set_validity(self, points: Sequence[StoredPoint]) -> None:
        alike: dict[tuple[int, int], list[StoredPoint]] = defaultdict(list)
        for point in points:
            alike[point.from_seq, point.to_seq].append(point)
        for some in alike.values():
            self._index.set_payload([point.point_id for point in some], validity(some[0]))

    def finish(self, result: Reconciled) -> None:
        self._index.flush()
        self._catalog.mend_stale_marks()
        result.repaired = True
