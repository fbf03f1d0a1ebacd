"""Reconcile: catalog and index compared row by row, and the index mended from what is stored.

```
catalog, in the order of ids ─┐
                              ├─► holes, strangers, wrong payloads, wrong validity ─► looked at again ─► mended
index, in the order of ids ───┘
```
What a run is about to write is in an open intent and is no damage; so is what changed while the
comparison went on: every finding is looked at a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

import numpy as np
from pydantic import ValidationError

from ingest.catalog.comparing import Comparing, StoredPoint
from ingest.context import Context, require_room, run_lock
from ingest.sinks.base import VectorIndex
from ingest.stages.parts import Parts
from ingest.stages.publish import Publisher
from ingest.stages.published import Published
from ingest.stages.row_maker import RowMaker
from ingest.vectors import IndexPoint, PayloadFilter
from schemas.point import OPEN, PointPayload

_AT_ONCE = 256
_TELL_EVERY = 1_000
_CLOSE_ENOUGH = 1e-3
"""Of a number of a stored vector: an engine may keep it shorter than it was made."""
_LOOKS = 5
"""How often what differs is looked at again while commits come in between."""


class Damage(StrEnum):
    """What can be wrong with a row."""

    HOLE = "missing from the index"
    STRANGER = "in the index and in no commit"
    PAYLOAD = "another payload than was published"
    VALIDITY = "shown, hidden or ended at the wrong time"
    VECTOR = "another vector than was published"
    FORGOTTEN = "published, and not in the catalog"
    CATALOG = "another payload in the catalog than was published"


@dataclass(frozen=True, slots=True)
class Finding:
    """`path` is empty for a row that nobody knows."""

    damage: Damage
    point_id: str
    source: str = ""
    path: str = ""


@dataclass(slots=True)
class Reconciled:
    """`stale`: documents whose mark did not agree with the failures. `lost`: documents, as
    `(source, path)`, some of whose rows could not be made again."""

    rows: int = 0
    findings: list[Finding] = field(default_factory=list)
    stale: list[tuple[str, str]] = field(default_factory=list)
    mended: int = 0
    lost: list[tuple[str, str]] = field(default_factory=list)
    repaired: bool = False

    @property
    def is_sound(self) -> bool:
        """Nothing was wrong, or all of it was mended."""
        return not self.lost and (self.repaired or not (self.findings or self.stale))

    def counts(self) -> dict[Damage, int]:
        return {damage: sum(found.damage is damage for found in self.findings) for damage in Damage}


def reconcile(context: Context, parts: Parts, *, repair: bool, vectors: bool = False, wait: bool = True) -> Reconciled:
    """Compares, and with `repair` mends; `vectors`: also the stored vectors. Only a repair waits for a run
    that goes on, or raises `StoreDown`."""
    comparison = _Comparison(context, parts, vectors=vectors)
    if not repair:
        return comparison.compare()
    with run_lock(context, wait=wait):
        require_room(context)
        Publisher(context, parts).heal()
        found = comparison.compare()
        _Mending(context, parts).mend(found)
    return found


def _own_rows(context: Context) -> PayloadFilter:
    """Of the tenants that this home knows. Another home on the same server may keep its rows in the same collection."""
    tenants = {context.settings.tenant, *Comparing(context.catalog.database).tenants()}
    return PayloadFilter(equals={"tenant": tuple(sorted(tenants))}, all_tenants=True, history=True)


class _Comparison:
    def __init__(self, context: Context, parts: Parts, *, vectors: bool) -> None:
        self._context = context
        self._index: VectorIndex = parts.index
        self._catalog = Comparing(context.catalog.database)
        self._published = Published(context, parts)
        self._maker = RowMaker(context, parts) if vectors else None

    def compare(self) -> Reconciled:
        result, where = Reconciled(), _own_rows(self._context)
        self._context.progress.expect("compare", self._index.count(where))
        suspects: list[Finding] = []
        pairs = _joined(self._catalog.points(), self._index.scroll(where, with_vectors=self._maker is not None))
        while some := list(islice(pairs, _TELL_EVERY)):
            suspects += self._suspects(some)
            result.rows += len(some)
            self._context.progress.advance("compare", len(some))
        for start in range(0, len(suspects), _AT_ONCE):
            result.findings += self._still(suspects[start : start + _AT_ONCE])
        result.stale = self._catalog.wrong_stale_marks()
        return result

    def _suspects(self, pairs: Sequence[tuple[StoredPoint | None, IndexPoint | None]]) -> list[Finding]:
        found = [finding for known, row in pairs if (finding := _finding(known, row)) is not None]
        if self._maker is not None:
            both = {known.point_id: (known, row) for known, row in pairs if known is not None and row is not None}
            for finding in found:
                both.pop(finding.point_id, None)
            found += self._wrong_vectors(both)
        return found

    def _wrong_vectors(self, rows: Mapping[str, tuple[StoredPoint, IndexPoint]]) -> list[Finding]:
        if self._maker is None:
            return []
        made = {row.id: row for row in self._maker.make([known for known, _ in rows.values()]).rows}
        return [
            _of(Damage.VECTOR, known)
            for known, row in rows.values()
            if known.point_id in made and not _same_vectors(made[known.point_id], row)
        ]

    def _still(self, suspects: Sequence[Finding]) -> list[Finding]:
        """Those that are wrong at a second look too, with no commit in between, and are not about to be written.
        A row of which commits never let go is left for another time."""
        ids = [suspect.point_id for suspect in suspects]
        history = self._context.catalog.history
        for _ in range(_LOOKS):
            before = self._catalog.moment(history)
            known, rows = self._catalog.some(ids), self._index.retrieve(ids)
            if self._catalog.moment(history) == before:
                break
        else:
            return []
        again = []
        for suspect in suspects:
            now = self._now(known.get(suspect.point_id), rows.get(suspect.point_id))
            if suspect.damage is Damage.VECTOR and now is None and suspect.point_id in known:
                now = suspect
            if now is not None and now.point_id not in before.in_flight:
                again.append(now)
        return again

    def _now(self, known: StoredPoint | None, row: IndexPoint | None) -> Finding | None:
        """Which of the two is wrong is told by what was published."""
        found = _finding(known, row)
        payload = _payload(row) if row is not None else None
        if found is None or payload is None:
            return found
        if known is None and self._published.lost_row(found.point_id, payload) is not None:
            return Finding(Damage.FORGOTTEN, found.point_id, payload.source, payload.path)
        if (
            known is not None
            and found.damage is Damage.PAYLOAD
            and self._published.right_row(known, payload) is not None
        ):
            return _of(Damage.CATALOG, known)
        return found


class _Mending:
    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._index: VectorIndex = parts.index
        self._catalog = Comparing(context.catalog.database)
        self._published = Published(context, parts)
        self._maker = RowMaker(context, parts)
        self._lost: set[str] = set()

    def mend(self, result: Reconciled) -> None:
        self._context.progress.expect("mend", len(result.findings))
        for start in range(0, len(result.findings), _AT_ONCE):
            some = result.findings[start : start + _AT_ONCE]
            self._mend(some, result)
            self._context.progress.advance("mend", len(some))
        self._index.flush()
        self._catalog.mend_stale_marks()
        self._catalog.look_again(sorted(self._lost))
        result.lost = sorted(set(result.lost))
        result.repaired = True

    def _mend(self, findings: Sequence[Finding], result: Reconciled) -> None:
        strangers = [found.point_id for found in findings if found.damage is Damage.STRANGER]
        self._index.delete(strangers)
        told = [found.point_id for found in findings if found.damage in {Damage.FORGOTTEN, Damage.CATALOG}]
        result.mended += self._tell_catalog(told)
        apart = {*strangers, *told}
        known = self._catalog.some([found.point_id for found in findings if found.point_id not in apart])
        validity = {found.point_id for found in findings if found.damage is Damage.VALIDITY}
        for point_id in sorted(validity & known.keys()):
            self._index.set_payload([point_id], _validity(known[point_id]))
        made = self._maker.make([point for point_id, point in known.items() if point_id not in validity])
        self._index.upsert(made.rows)
        result.mended += len(strangers) + len(validity & known.keys()) + len(made.rows)
        result.lost += [(point.source, point.path) for point in made.lost]
        self._lost.update(point.doc_id for point in made.lost if point.to_seq == OPEN)

    def _tell_catalog(self, point_ids: Sequence[str]) -> int:
        """What the index holds and was published. Returns how many."""
        rows, known, right = self._index.retrieve(point_ids), self._catalog.some(point_ids), []
        for point_id in point_ids:
            payload, told = _payload(rows[point_id]), known.get(point_id)
            if payload is not None:
                lost = self._published.lost_row(point_id, payload) if told is None else None
                right.append(lost if told is None else self._published.right_row(told, payload))
        self._catalog.put([row for row in right if row is not None])
        for row in right:
            if row is not None:
                self._index.set_payload([row.point_id], _validity(row))
        return sum(row is not None for row in right)


def _joined(
    catalog: Iterator[StoredPoint], index: Iterator[IndexPoint]
) -> Iterator[tuple[StoredPoint | None, IndexPoint | None]]:
    """Both in the order of ids, side by side."""
    known, row = next(catalog, None), next(index, None)
    while known is not None or row is not None:
        if row is None or (known is not None and known.point_id < row.id):
            yield known, None
            known = next(catalog, None)
        elif known is None or row.id < known.point_id:
            yield None, row
            row = next(index, None)
        else:
            yield known, row
            known, row = next(catalog, None), next(index, None)


def _finding(known: StoredPoint | None, row: IndexPoint | None) -> Finding | None:
    if known is None:
        return Finding(Damage.STRANGER, row.id) if row is not None else None
    if row is None:
        return _of(Damage.HOLE, known)
    if _digest(row) != known.payload_digest:
        return _of(Damage.PAYLOAD, known)
    if any(row.payload.get(name) != value for name, value in _validity(known).items()):
        return _of(Damage.VALIDITY, known)
    return None


def _of(damage: Damage, known: StoredPoint) -> Finding:
    return Finding(damage, known.point_id, known.source, known.path)


def _digest(row: IndexPoint) -> str:
    payload = _payload(row)
    return payload.digest() if payload is not None else ""


def _payload(row: IndexPoint) -> PointPayload | None:
    """None where the row holds none of ours."""
    try:
        return PointPayload.model_validate(row.payload)
    except ValidationError:
        return None


def _validity(known: StoredPoint) -> dict[str, object]:
    return {"current": known.to_seq == OPEN, "from_seq": known.from_seq, "to_seq": known.to_seq}


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
