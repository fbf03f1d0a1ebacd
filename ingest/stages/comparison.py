"""Catalog and index, side by side in the order of ids.

```
catalog, in the order of ids ─┐
                              ├─► holes, strangers, wrong payloads, wrong validity ─► looked at again ─► told
index, in the order of ids ───┘
```
What a run is about to write, or a purge to remove, is no damage; so is what changed while the comparison went
on: every finding is looked at a second time. Memory is that of a page, however many rows there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
from pydantic import ValidationError

from ingest.catalog.comparing import Comparing, StoredPoint
from ingest.context import Context
from ingest.sinks.base import VectorIndex
from ingest.stages.findings import Damage, Finding, Reconciled
from ingest.stages.parts import Parts
from ingest.stages.published import Published
from ingest.stages.row_maker import RowMaker
from ingest.vectors import IndexPoint, PayloadFilter
from schemas.point import OPEN, PointPayload

_SECOND_LOOK = 256
_AT_ONCE = 1_000
_LOOKS = 20
_CLOSE_ENOUGH = 1e-3
"""Of a number of a stored vector: an engine may keep it shorter than it was made."""

_Pair = tuple[StoredPoint | None, IndexPoint | None]


class Comparison:
    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._index: VectorIndex = parts.index
        self._catalog = Comparing(context.catalog.database)
        self._maker = RowMaker(context, parts)
        self._published = Published(context, parts)

    def rows(self, result: Reconciled) -> Iterator[list[Finding]]:
        """Findings, some at a time; rows are counted in `result`. What was given out may be mended at once: the
        comparison is past it."""
        where = self._own_rows()
        self._context.progress.expect("compare", self._index.count(where))
        pairs = _joined(self._catalog.points(), self._index.scroll(where))
        while some := list(islice(pairs, _AT_ONCE)):
            result.rows += len(some)
            result.in_catalog.update(known.tenant for known, _ in some if known is not None)
            result.in_index.update(str(row.payload.get("tenant", "")) for _, row in some if row is not None)
            yield from self._confirmed([found for pair in some if (found := _finding(*pair)) is not None])
            self._context.progress.advance("compare", len(some))

    def _own_rows(self) -> PayloadFilter:
        """Of the tenants that this home knows: another home may keep its rows in the same collection of a server."""
        tenants = {self._context.settings.tenant, *self._catalog.tenants()}
        return PayloadFilter(equals={"tenant": tuple(sorted(tenants))}, all_tenants=True, history=True)

    def vectors(self) -> Iterator[list[Finding]]:
        """Rows with another vector than theirs, or with none, document by document. A row whose vectors are not in
        the cache is compared with nobody's; those that are wrong otherwise are told by `rows`."""
        self._context.progress.expect("vectors", self._catalog.count_documents())
        for tenant, doc_id in self._catalog.documents():
            where = PayloadFilter(equals={"tenant": tenant, "doc_id": doc_id}, history=True)
            pairs = _joined(iter(self._catalog.of_document(doc_id)), self._index.scroll(where, with_vectors=True))
            while some := list(islice(pairs, _AT_ONCE)):
                sound = {known.point_id: (known, row) for known, row in some if known and row and _is_right(known, row)}
                yield from self._confirmed(self._wrong_vectors(sound))
            self._context.progress.advance("vectors")

    def _wrong_vectors(self, rows: Mapping[str, tuple[StoredPoint, IndexPoint]]) -> list[Finding]:
        made = {row.id: row for row in self._maker.make([known for known, _ in rows.values()], may_embed=False).rows}
        return [
            _of(Damage.VECTOR, known, row)
            for known, row in rows.values()
            if (known.vector_key is None) != (row.dense is None)
            or (known.point_id in made and not _same_vectors(made[known.point_id], row))
        ]

    def _confirmed(self, suspects: Sequence[Finding]) -> Iterator[list[Finding]]:
        for start in range(0, len(suspects), _SECOND_LOOK):
            if still := self._still(suspects[start : start + _SECOND_LOOK]):
                yield still

    def _still(self, suspects: Sequence[Finding]) -> list[Finding]:
        """Those that are wrong at a second look too, and are not about to be written or removed."""
        catalog, ids = self._context.catalog, [suspect.point_id for suspect in suspects]
        for _ in range(_LOOKS):
            # In this order, and with no commit meanwhile: what was in the index then, or no longer, is promised, or
            # the catalog has heard of it afterwards.
            before = catalog.history.next_seq()
            rows = self._index.retrieve(ids)
            flying, purging = self._flying(), set(catalog.retention.purging())
            known = self._catalog.some(ids)
            if catalog.history.next_seq() == before:
                break
        again: list[Finding] = []
        for suspect in suspects:
            stored, row = known.get(suspect.point_id), rows.get(suspect.point_id)
            now = self._now(stored, row)
            if now is None and suspect.damage is Damage.VECTOR and stored is not None:
                now = suspect
            if now is None or now.point_id in flying:
                continue
            if stored is None or not (stored.doc_id in purging or self._is_forgotten(stored, now)):
                again.append(now)
        return again

    def _now(self, known: StoredPoint | None, row: IndexPoint | None) -> Finding | None:
        """Where the two differ, what was published tells which of them is wrong."""
        found, payload = _finding(known, row), payload_in(row) if row is not None else None
        if found is None or payload is None:
            return found
        if known is None and self._published.lost_row(found.point_id, payload) is not None:
            return Finding(
                Damage.FORGOTTEN, found.point_id, payload.source, payload.path, next(iter(payload.pages), None)
            )
        if (
            found.damage is Damage.PAYLOAD
            and known is not None
            and self._published.right_row(known, payload) is not None
        ):
            return _of(Damage.CATALOG, known, row)
        return found

    def _flying(self) -> set[str]:
        plans = self._context.catalog.history.open_intents()
        written = {point.point_id for plan in plans for point in plan.points}
        return written | {point for plan in plans for point in plan.retire}

    def _is_forgotten(self, stored: StoredPoint, found: Finding) -> bool:
        """Retention removes rows from the index first; nobody looks back so far any more."""
        horizon = self._context.catalog.versions.horizon(stored.tenant)
        return found.damage is Damage.HOLE and stored.to_seq <= horizon


def validity(known: StoredPoint) -> dict[str, int | bool]:
    return {"current": known.to_seq == OPEN, "from_seq": known.from_seq, "to_seq": known.to_seq}


def _joined(catalog: Iterable[StoredPoint], index: Iterable[IndexPoint]) -> Iterator[_Pair]:
    """Both in the order of ids, side by side."""
    left, right = iter(catalog), iter(index)
    known, row = next(left, None), next(right, None)
    while known is not None or row is not None:
        if row is None or (known is not None and known.point_id < row.id):
            yield known, None
            known = next(left, None)
        elif known is None or row.id < known.point_id:
            yield None, row
            row = next(right, None)
        else:
            yield known, row
            known, row = next(left, None), next(right, None)


def _finding(known: StoredPoint | None, row: IndexPoint | None) -> Finding | None:
    if known is None:
        return Finding(Damage.STRANGER, row.id) if row is not None else None
    if row is None:
        return _of(Damage.HOLE, known, None)
    if _digest(row) != known.payload_digest:
        return _of(Damage.PAYLOAD, known, row)
    if any(row.payload.get(name) != value for name, value in validity(known).items()):
        return _of(Damage.VALIDITY, known, row)
    return None


def _is_right(known: StoredPoint, row: IndexPoint) -> bool:
    return _finding(known, row) is None


def _of(damage: Damage, known: StoredPoint, row: IndexPoint | None) -> Finding:
    pages = row.payload.get("pages") if row is not None else None
    page = pages[0] if isinstance(pages, list) and pages and isinstance(pages[0], int) else None
    return Finding(damage, known.point_id, known.source, known.path, page)


def _digest(row: IndexPoint) -> str:
    payload = payload_in(row)
    return payload.digest() if payload is not None else ""


def payload_in(row: IndexPoint) -> PointPayload | None:
    """None where the row holds none of ours."""
    try:
        return PointPayload.model_validate(row.payload)
    except ValidationError:
        return None


def _same_vectors(made: IndexPoint, row: IndexPoint) -> bool:
    if (made.dense is None) != (row.dense is None) or (made.sparse is None) != (row.sparse is None):
        return False
    if made.dense is not None and row.dense is not None and not _close(made.dense, row.dense):
        return False
    if made.sparse is None or row.sparse is None:
        return True
    return np.array_equal(made.sparse.indices, row.sparse.indices) and _close(made.sparse.values, row.sparse.values)


def _close(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, atol=_CLOSE_ENOUGH))
