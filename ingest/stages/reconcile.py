"""Reconcile: catalog and index, compared row by row, and mended from what is kept.

Both are read in the order of ids, side by side, so a million rows need no more memory than a thousand.
What differs is looked at again before it is told: a commit may be under way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice
from typing import TypeVar

import numpy as np

from ingest.catalog.comparing import KnownPoint, StaleMark
from ingest.context import Context, require_room, run_lock
from ingest.stages.parts import Parts
from ingest.stages.publish import Publisher
from ingest.stages.remaking import RemadeRow, Remaker, as_told, read_payload
from ingest.vectors import IndexPoint, PayloadFilter, Vector
from schemas.point import OPEN, PointPayload

T = TypeVar("T")

_TOGETHER = 256
_LOOKS = 5
"""How often what differs is looked at while commits come in between."""
_SAMPLE = 1000
"""Rows whose vectors are compared where not all are asked for."""
_LEAST_COSINE = 0.999
"""Of a vector in the index with what it should be: the engine may keep fewer bits than were written."""


class Wrong(StrEnum):
    HOLE = "hole"
    """In the catalog, not in the index: it is not found."""
    ORPHAN = "orphan"
    """In the index, of no commit: it is found, and nobody published it."""
    FORGOTTEN = "forgotten"
    """In the index and in its document's version, not in the catalog."""
    PAYLOAD = "payload"
    """The index holds something else than was published."""
    CATALOG = "catalog"
    """The catalog says something else than was published; the index is right."""
    VALIDITY = "validity"
    """Current though it has ended, or the other way round, or of another time."""
    VECTOR = "vector"
    """Without its vectors, or with others."""
    STALE = "stale"
    """A document's mark does not agree with the failures."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`point_id` is empty for a document as a whole. `mended`: it is right now."""

    kind: Wrong
    source: str
    path: str
    pages: tuple[int, ...] = ()
    point_id: str = ""
    mended: bool = False


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`compared`: rows of the catalog, `in_index` of the index. `first`: a few of each kind. `embedded`: texts
    of which no cached vector was left. `in_flight`: rows of commits that did not come to rest meanwhile.
    `lost`: (source, path) of documents whose artifacts are gone: they have to be taken in again.
    `lost_history`: rows of earlier versions of which nothing is left to make them from."""

    compared: int
    in_index: int
    vectors: int
    counts: Mapping[Wrong, int]
    mended: int
    first: tuple[Finding, ...]
    embedded: int = 0
    in_flight: int = 0
    lost: tuple[tuple[str, str], ...] = ()
    lost_history: int = 0

    @property
    def left(self) -> int:
        """What is wrong and was not mended."""
        return sum(self.counts.values()) - self.mended


def reconcile(
    context: Context,
    parts: Parts,
    *,
    repair: bool = False,
    every_vector: bool = False,
    show: int = 20,
    wait: bool = True,
) -> Reconciled:
    """Compares what the tenant has. A comparison waits for nobody; a repair waits for a run that goes on, or
    raises `StoreDown`. `show`: how many of each kind are told one by one."""
    _ = parts.collection  # refuses another model's home before any work is done
    if not repair:
        return _Reconciler(context, parts, every_vector=every_vector, show=show).reconcile()
    with run_lock(context, wait=wait):
        require_room(context)
        Publisher(context, parts).heal()
        return _Repairer(context, parts, every_vector=every_vector, show=show).reconcile()


@dataclass(slots=True)
class _Told:
    show: int
    counts: Counter[Wrong] = field(default_factory=Counter)
    mended: int = 0
    first: list[Finding] = field(default_factory=list)
    lost: set[tuple[str, str]] = field(default_factory=set)
    lost_history: int = 0

    def tell(self, finding: Finding) -> None:
        self.counts[finding.kind] += 1
        self.mended += finding.mended
        if self.counts[finding.kind] <= self.show:
            self.first.append(finding)

    def lose(self, row: KnownPoint) -> None:
        """Nothing is left to make it from."""
        if row.to_seq == OPEN:
            self.lost.add((row.source, row.path))
        else:
            self.lost_history += 1


@dataclass(frozen=True, slots=True)
class _Pair:
    """A row as both know it, None where one does not."""

    known: KnownPoint | None
    stored: IndexPoint | None

    @property
    def point_id(self) -> str:
        return self.known.point_id if self.known is not None else self.stored.id if self.stored is not None else ""


class _Reconciler:
    """Looks, and changes nothing."""

    def __init__(self, context: Context, parts: Parts, *, every_vector: bool, show: int) -> None:
        self._context = context
        self._parts = parts
        self._comparing = context.catalog.comparing
        self._tenant = context.settings.tenant
        self._remaker = Remaker(context, parts)
        self._told = _Told(show)
        self._every_vector = every_vector
        self._compared = self._in_index = self._vectors = self._in_flight = self._embedded = 0

    def reconcile(self) -> Reconciled:
        self._settle_marks(self._comparing.wrong_marks(self._tenant))
        for suspects in _in_batches(self._suspects(), _TOGETHER):
            self._settle(suspects)
        told = self._told
        order = list(Wrong)
        return Reconciled(
            compared=self._compared,
            in_index=self._in_index,
            vectors=self._vectors,
            counts={kind: told.counts[kind] for kind in Wrong if told.counts[kind]},
            mended=told.mended,
            first=tuple(sorted(told.first, key=lambda it: (order.index(it.kind), it.source, it.path, it.point_id))),
            embedded=self._embedded,
            in_flight=self._in_flight,
            lost=tuple(sorted(told.lost)),
            lost_history=told.lost_history,
        )

    def _settle_marks(self, marks: Sequence[StaleMark]) -> None:
        for mark in marks:
            self._told.tell(Finding(Wrong.STALE, mark.source, mark.path))

    # -------------------------------------------------------------- both, side by side

    def _suspects(self) -> Iterator[str]:
        """Ids of rows that look wrong."""
        total = self._comparing.count(self._tenant)
        self._context.progress.expect("compare", total)
        step = 1 if self._every_vector else max(1, total // _SAMPLE)
        where = PayloadFilter({"tenant": self._tenant}, history=True)
        waiting: list[KnownPoint] = []
        for pair in _side_by_side(self._comparing.all(self._tenant), self._parts.index.scroll(where)):
            if pair.stored is not None:
                self._in_index += 1
            if pair.known is not None:
                self._compared += 1
                self._context.progress.advance("compare")
            if pair.known is None or pair.stored is None or _wrong(pair.known, pair.stored) is not None:
                yield pair.point_id
            elif self._compared % step == 0:
                waiting.append(pair.known)
            if len(waiting) >= _TOGETHER:
                yield from self._wrong_vectors(waiting)
                waiting.clear()
        if waiting:
            yield from self._wrong_vectors(waiting)

    def _wrong_vectors(self, rows: Sequence[KnownPoint]) -> list[str]:
        self._vectors += len(rows)
        return [point for point, is_right in self._look_at_vectors(rows).items() if not is_right]

    def _look_at_vectors(self, rows: Sequence[KnownPoint]) -> dict[str, bool]:
        """Of those that are in the index and whose vectors can be told without the model."""
        stored = self._with_vectors(rows)
        ordered = sorted((row for row in rows if row.point_id in stored), key=lambda row: row.doc_id)
        remade: dict[str, RemadeRow] = {}
        for row in ordered:
            payload = read_payload(stored[row.point_id])
            made = self._remaker.vector(row, payload) if payload is not None else None
            if made is not None:
                remade[row.point_id] = made
        shall = self._remaker.known(list(remade.values()))
        found: dict[str, bool] = {}
        for row in ordered:
            point = stored[row.point_id]
            if row.point_id in shall:
                found[row.point_id] = _same_vectors(point, shall[row.point_id])
            else:
                found[row.point_id] = (point.dense is None) == (row.vector_key is None)
        return found

    def _with_vectors(self, rows: Sequence[KnownPoint]) -> dict[str, IndexPoint]:
        chunks = tuple(sorted({row.chunk_id for row in rows}))
        where = PayloadFilter({"tenant": self._tenant, "chunk_id": chunks}, history=True)
        ids = {row.point_id for row in rows}
        return {point.id: point for point in self._parts.index.scroll(where, with_vectors=True) if point.id in ids}

    # --------------------------------------------------------------- looked at again

    def _settle(self, suspects: Sequence[str]) -> None:
        """What is still wrong when no commit comes in between, and is in none that is under way."""
        left = list(dict.fromkeys(suspects))
        for _ in range(_LOOKS):
            before = self._comparing.moment()
            pairs = self._pairs(left)
            if self._comparing.moment() == before:
                self._in_flight += sum(pair.point_id in before.in_flight for pair in pairs)
                self._tell_all([pair for pair in pairs if pair.point_id not in before.in_flight])
                return
        self._in_flight += len(left)

    def _tell_all(self, pairs: Sequence[_Pair]) -> None:
        for pair, kind in self._judged(pairs):
            if pair.known is not None and kind in {Wrong.HOLE, Wrong.PAYLOAD} and not self._can_be_made(pair.known):
                self._told.lose(pair.known)
            self._tell(kind, pair, mended=False)

    def _can_be_made(self, known: KnownPoint) -> bool:
        payload = self._remaker.payload(known)
        return payload is not None and self._remaker.vector(known, payload) is not None

    def _pairs(self, point_ids: Sequence[str]) -> list[_Pair]:
        """Those of the tenant, and of nobody; a damaged row may say that it is another tenant's. Rows of one
        document are together."""
        known, stored = self._comparing.points(point_ids), self._parts.index.retrieve(point_ids)
        both = [_Pair(known.get(point), stored.get(point)) for point in point_ids if point in known or point in stored]
        mine = [pair for pair in both if pair.known is None or pair.known.tenant == self._tenant]
        return sorted(mine, key=lambda pair: (pair.known.doc_id if pair.known is not None else "", pair.point_id))

    def _judged(self, pairs: Sequence[_Pair]) -> list[tuple[_Pair, Wrong]]:
        """What is wrong with rows; those with which nothing is are left out."""
        kinds = {pair.point_id: self._judge(pair) for pair in pairs}
        right = [pair.known for pair in pairs if pair.known is not None and kinds[pair.point_id] is None]
        vectors = self._look_at_vectors(right) if right else {}
        kinds.update({point: Wrong.VECTOR for point, is_right in vectors.items() if not is_right})
        return [(pair, kind) for pair in pairs if (kind := kinds[pair.point_id]) is not None]

    def _judge(self, pair: _Pair) -> Wrong | None:
        """Its vectors apart."""
        known, stored = pair.known, pair.stored
        if stored is None:
            return Wrong.HOLE
        if known is None:
            return Wrong.ORPHAN if self._forgotten(stored) is None else Wrong.FORGOTTEN
        wrong = _wrong(known, stored)
        return Wrong.CATALOG if wrong is Wrong.PAYLOAD and self._is_right(known, stored) else wrong

    def _is_right(self, known: KnownPoint, stored: IndexPoint) -> bool:
        """Whether the index holds what was published, and not what the catalog says."""
        payload = read_payload(stored)
        if payload is None or (payload.doc_id, payload.tenant) != (known.doc_id, known.tenant):
            return False
        if payload.digest() == known.payload_digest:
            return True  # of what the catalog says of it the digest alone is that of a row
        return self._remaker.payload(known) is None and self._remaker.found_again(as_told(payload, known), payload)

    def _forgotten(self, stored: IndexPoint) -> KnownPoint | None:
        """The row that the catalog has lost, where the artifacts tell of it; None for a stranger."""
        payload = read_payload(stored)
        if payload is None or payload.tenant != self._tenant or payload.current != (payload.to_seq == OPEN):
            return None
        row = KnownPoint(
            stored.id, payload.chunk_id, payload.doc_id, payload.tenant, payload.source, payload.path,
            payload.digest(), None, payload.survivor, payload.from_seq, payload.to_seq,
        )  # fmt: skip
        others = [other for other in self._comparing.of_document(row.doc_id) if other.chunk_id == row.chunk_id]
        if any(other.from_seq < row.to_seq and row.from_seq < other.to_seq for other in others):
            return None
        if not self._remaker.found_again(row, payload):
            return None
        return replace(row, vector_key=self._remaker.vector_key(row, payload))

    def _tell(self, kind: Wrong, pair: _Pair, *, mended: bool) -> None:
        payload = read_payload(pair.stored) if pair.stored is not None else None
        if payload is None and pair.known is not None and self._told.counts[kind] < self._told.show:
            payload = self._remaker.payload(pair.known)
        place = pair.known or payload
        self._told.tell(
            Finding(
                kind,
                place.source if place is not None else "",
                place.path if place is not None else "",
                payload.pages if payload is not None else (),
                pair.point_id,
                mended,
            )
        )


class _Repairer(_Reconciler):
    """Mends what it finds. For whoever holds the lock of runs: no commit is under way."""

    def _settle_marks(self, marks: Sequence[StaleMark]) -> None:
        self._comparing.mark(marks)
        for mark in marks:
            self._told.tell(Finding(Wrong.STALE, mark.source, mark.path, mended=True))

    def _settle(self, suspects: Sequence[str]) -> None:
        """With all other rows of the documents concerned: their artifacts are read once."""
        pairs = self._pairs(list(dict.fromkeys(suspects)))
        documents = dict.fromkeys(pair.known.doc_id for pair in pairs if pair.known is not None)
        with self._parts.index.session():
            for pair in pairs:
                if pair.known is None and pair.stored is not None:
                    self._mend_stranger(pair, pair.stored)
            for document in documents:
                rows = (row.point_id for row in self._comparing.of_document(document))
                for some in _in_batches(rows, _TOGETHER):
                    self._mend(self._judged(self._pairs(some)))
            # What is told as mended stays so when the power fails.
            self._parts.index.flush()

    def _mend_stranger(self, pair: _Pair, stored: IndexPoint) -> None:
        row = self._forgotten(stored)
        if row is not None:
            self._comparing.put([row])
        else:
            self._parts.index.delete([stored.id])
        self._tell(Wrong.ORPHAN if row is None else Wrong.FORGOTTEN, pair, mended=True)

    def _mend(self, wrong: Sequence[tuple[_Pair, Wrong]]) -> None:
        remade: list[RemadeRow] = []
        for pair, kind in wrong:
            known, stored = pair.known, pair.stored
            if known is None:
                continue
            is_mended = True
            if kind is Wrong.VALIDITY:
                self._mend_validity(known)
            elif kind is Wrong.CATALOG and stored is not None:
                self._mend_catalog(known, stored)
            else:
                row = self._remake(known, stored if kind is Wrong.VECTOR else None)
                is_mended = row is not None
                remade += [row] if row is not None else []
            if not is_mended:
                self._lose(known)
            self._tell(kind, pair, mended=is_mended)
        if remade:
            points, embedded = self._remaker.made(remade)
            self._embedded += embedded
            self._parts.index.upsert(list(points.values()))

    def _remake(self, known: KnownPoint, stored: IndexPoint | None) -> RemadeRow | None:
        payload = read_payload(stored) if stored is not None else self._remaker.payload(known)
        return self._remaker.vector(known, payload) if payload is not None else None

    def _mend_validity(self, known: KnownPoint) -> None:
        self._parts.index.set_payload(
            [known.point_id],
            {"current": known.to_seq == OPEN, "from_seq": known.from_seq, "to_seq": known.to_seq},
        )

    def _mend_catalog(self, known: KnownPoint, stored: IndexPoint) -> None:
        payload = PointPayload.model_validate(stored.payload)
        row = as_told(payload, known)
        self._comparing.put([replace(row, vector_key=self._remaker.vector_key(row, payload))])
        self._mend_validity(known)

    def _lose(self, known: KnownPoint) -> None:
        """The next run takes the file in again, and leaves what the row can be made from."""
        self._told.lose(known)
        if known.to_seq == OPEN:
            self._comparing.forget_file(self._tenant, known.doc_id)
            self._comparing.mark([StaleMark(known.doc_id, known.source, known.path, stale=True)])


def _wrong(known: KnownPoint, stored: IndexPoint) -> Wrong | None:
    """Without its vectors."""
    payload = read_payload(stored)
    if payload is None or payload.digest() != known.payload_digest:
        return Wrong.PAYLOAD
    if (payload.chunk_id, payload.doc_id, payload.survivor) != (known.chunk_id, known.doc_id, known.survivor):
        return Wrong.PAYLOAD
    validity = (payload.current, payload.from_seq, payload.to_seq)
    return None if validity == (known.to_seq == OPEN, known.from_seq, known.to_seq) else Wrong.VALIDITY


def _same_vectors(stored: IndexPoint, shall: IndexPoint) -> bool:
    if (stored.dense is None) != (shall.dense is None):
        return False
    if stored.dense is not None and shall.dense is not None and _cosine(stored.dense, shall.dense) < _LEAST_COSINE:
        return False
    one, two = _terms(stored), _terms(shall)
    return one.keys() == two.keys() and all(np.isclose(one[term], two[term], rtol=1e-3) for term in one)


def _terms(point: IndexPoint) -> dict[int, float]:
    """A text without words has none, and no sparse vector in some engines."""
    sparse = point.sparse
    return {} if sparse is None else dict(zip(sparse.indices.tolist(), sparse.values.tolist(), strict=True))


def _cosine(one: Vector, two: Vector) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(two))
    return float(one @ two) / lengths if lengths else 0.0


def _side_by_side(known: Iterator[KnownPoint], stored: Iterator[IndexPoint]) -> Iterator[_Pair]:
    """Both are in the order of ids."""
    left, right = next(known, None), next(stored, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left.point_id < right.id):
            yield _Pair(left, None)
            left = next(known, None)
        elif left is None or right.id < left.point_id:
            yield _Pair(None, right)
            right = next(stored, None)
        else:
            yield _Pair(left, right)
            left, right = next(known, None), next(stored, None)


def _in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    following = iter(items)
    while some := list(islice(following, size)):
        yield some
