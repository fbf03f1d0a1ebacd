"""Reconcile: catalog and index compared row by row, and the index mended from what is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ingest.catalog.comparing import Comparing, StoredPoint
from ingest.context import Context, require_room, run_lock
from ingest.stages.comparison import Comparison, payload_in, validity
from ingest.stages.findings import Damage, Finding, Reconciled
from ingest.stages.measuring import recount, tell_findings
from ingest.stages.parts import Parts
from ingest.stages.publish import Publisher
from ingest.stages.published import Published
from ingest.stages.purge import finish_purges
from ingest.stages.row_maker import RowMaker
from schemas.point import OPEN


def reconcile(context: Context, parts: Parts, *, repair: bool, vectors: bool = False, wait: bool = True) -> Reconciled:
    """Compares, and with `repair` mends; `vectors`: also the stored vectors. Only a repair waits for a run
    that goes on, or raises `StoreDown`."""
    if not repair:
        found = _compare(context, parts, None, vectors=vectors)
        tell_findings(context, found)
        return found
    with run_lock(context, wait=wait):
        require_room(context)
        Publisher(context, parts).heal()
        finish_purges(context, parts)
        found = _compare(context, parts, _Mending(context, parts), vectors=vectors)
        recount(context)
        tell_findings(context, found)
        return found


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
    """Mends what was found wrong, some at a time. The catalog is believed about what there is, and the manifests
    and chunks in the store about what a row says; no text is embedded whose vector is in the cache."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._index = parts.index
        self._catalog = Comparing(context.catalog.database)
        self._maker = RowMaker(context, parts)
        self._published = Published(context, parts)
        self._lost: set[str] = set()

    def mend(self, findings: Sequence[Finding], result: Reconciled) -> None:
        strangers = [found.point_id for found in findings if found.damage is Damage.STRANGER]
        self._index.delete(strangers)
        told = [found.point_id for found in findings if found.damage in {Damage.FORGOTTEN, Damage.CATALOG}]
        result.mended += self._tell_catalog(told)
        apart = {*strangers, *told}
        known = self._catalog.some([found.point_id for found in findings if found.point_id not in apart])
        in_time = {found.point_id for found in findings if found.damage is Damage.VALIDITY}
        self._set_validity([point for point_id, point in known.items() if point_id in in_time])
        made = self._maker.make([p for point_id, p in known.items() if point_id not in in_time], may_embed=True)
        self._index.upsert(made.rows)
        result.mended += len(strangers) + len(in_time & known.keys()) + len(made.rows)
        result.lost.update((point.source, point.path) for point in made.lost)
        self._lost.update(point.doc_id for point in made.lost if point.to_seq == OPEN)

    def _tell_catalog(self, point_ids: Sequence[str]) -> int:
        """Of rows that are in the index as they were published. Returns how many."""
        rows, known = self._index.retrieve(point_ids), self._catalog.some(point_ids)
        right: list[StoredPoint] = []
        for point_id, row in rows.items():
            payload, stored = payload_in(row), known.get(point_id)
            if payload is not None:
                lost = self._published.lost_row(point_id, payload) if stored is None else None
                found = lost if stored is None else self._published.right_row(stored, payload)
                right += [found] if found is not None else []
        self._catalog.put(right)
        self._set_validity(right)
        return len(right)

    def _set_validity(self, points: Sequence[StoredPoint]) -> None:
        alike: dict[tuple[int, int], list[StoredPoint]] = defaultdict(list)
        for point in points:
            alike[point.from_seq, point.to_seq].append(point)
        for some in alike.values():
            self._index.set_payload([point.point_id for point in some], validity(some[0]))

    def finish(self, result: Reconciled) -> None:
        self._index.flush()
        self._catalog.mend_stale_marks()
        # The next run makes their artifacts again; then their rows can be made of them.
        self._catalog.look_again(sorted(self._lost))
        result.repaired = True
