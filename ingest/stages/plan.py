"""Plan: what a batch of documents changes in the index, decided before anything is written.

Of the chunks that the documents want and the rows that are current now:
kept rows stay; new or changed ones, and those beside them, get a new row; what is no longer wanted leaves. Duplicates
whose survivor leaves are decided anew before it does, wherever they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ingest.catalog.plan import PlannedDocument, PlannedFile, PlannedPoint, PlannedSurvivor, PlannedVector, PublishPlan
from ingest.catalog.rows import DocumentRow, PointRow
from ingest.context import Context
from ingest.dedup.base import SurvivorStore
from ingest.dedup.finder import Decision, DuplicateFinder, Incoming
from ingest.sinks.base import VectorIndex
from ingest.sources.folder import ListedFile
from ingest.stages.document_twins import Arriving, DocumentTwins, arriving, document_twins
from ingest.stages.judgements import Judgements
from ingest.stages.mixtures import Mixtures
from ingest.stages.outcomes import Prepared
from ingest.stages.payloads import BoundChunk, bind, embed_text_of, payload_of
from ingest.stages.survivors import IndexedSurvivors, candidate_of
from schemas.errors import InvariantError
from schemas.ids import doc_id, fingerprint, point_id
from schemas.point import OPEN, PointPayload


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document to publish, and the document it was before, when it was renamed.

    `restored`: it comes from an earlier version and not from the file as it lies there: what is known of
    the file stays as it is. `stale`: that file is in quarantine.
    """

    prepared: Prepared
    listed_at_ns: int
    previous_doc_id: str | None = None
    restored: bool = False
    stale: bool = False

    @property
    def doc_id(self) -> str:
        file = self.prepared.file
        return doc_id(file.tenant, file.source, file.path)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is published under one sequence number.

    `opened` are archives whose members are all published, and files that are held. `departing`: every
    document of which it is known that this run will retire it, in this batch or a later one.
    """

    arrivals: tuple[Arrival, ...] = ()
    opened: tuple[PlannedFile, ...] = ()
    departures: tuple[DocumentRow, ...] = ()
    forgotten: tuple[tuple[str, str], ...] = ()
    departing: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Rows:
    """The batch as it is worked out."""

    wanted: dict[str, BoundChunk]
    current: dict[str, PointRow]
    mixtures: Mixtures
    orphans: dict[str, PointPayload] = field(default_factory=dict)
    orphan_rows: dict[str, PointRow] = field(default_factory=dict)
    parted: set[str] = field(default_factory=set)
    """Wanted chunks whose survivor must no longer stand for them."""

    @property
    def leaving(self) -> frozenset[str]:
        return frozenset(self.current) - frozenset(self.wanted)


class Planner:
    def __init__(
        self,
        context: Context,
        index: VectorIndex,
        embedder_fingerprint: str,
        finder: Callable[[SurvivorStore], DuplicateFinder],
    ) -> None:
        self._context = context
        self._catalog = context.catalog
        self._tenant = context.settings.tenant
        self._index = index
        self._fingerprint = embedder_fingerprint
        self._finder = finder

    def plan(self, batch: Batch, run_number: int) -> PublishPlan:
        rows = self._rows(batch)
        documents = self._documents(batch)
        finder = self._finder(IndexedSurvivors(self._catalog, self._index, rows.leaving, batch.departing))
        twins = self._twins(batch, documents, finder)
        texts = twins.decide(self._arriving(batch, documents, finder))
        self._part(rows, twins)
        decisions = self._decide(rows, finder, twins)
        seq = self._catalog.history.next_seq()
        judged = Judgements(self._catalog.duplicates)
        points: list[PlannedPoint] = []
        survivors: list[PlannedSurvivor] = []
        retired: list[str] = [rows.current[chunk].point_id for chunk in sorted(rows.leaving)]
        for place, (old, payload) in enumerate(self._wanted_payloads(rows, decisions, seq)):
            decision = decisions.get(payload.chunk_id)
            point = _point(payload, rows.mixtures.vector_of(payload), old, seq)
            if point is not None:
                points.append(point)
                if old is not None:
                    retired.append(old.point_id)
            row = point.point_id if point is not None else _known(old)
            judged.add(row, decision, old.point_id if old is not None else None)
            if payload.survivor is None and decision is not None:
                survivors.append(_survivor(payload, row, decision, place))
            elif payload.survivor is None and point is not None:
                survivors.append(_moved_survivor(payload, row, place))
        return PublishPlan(
            seq=seq,
            run_number=run_number,
            at_ns=self._context.clock(),
            tenant=self._tenant,
            points=tuple(points),
            texts_beside=rows.mixtures.texts_beside(points),
            retire=tuple(retired),
            documents=tuple(documents),
            survivors=tuple(survivors),
            leaving=tuple(sorted(rows.leaving)),
            files=(*_file_states(batch.arrivals), *batch.opened),
            forgotten=batch.forgotten,
            judgements=judged.all(),
            document_texts=tuple(texts),
            relations=tuple(twins.relations),
            heirs=twins.heirs_of([document.doc_id for document in documents]),
        )

    # ------------------------------------------------------------------- rows

    def _rows(self, batch: Batch) -> _Rows:
        wanted: dict[str, BoundChunk] = {}
        mixtures = Mixtures(self._context, self._fingerprint)
        for arrival in batch.arrivals:
            chunk_set = arrival.prepared.chunks
            mixtures.add(arrival.doc_id, chunk_set.chunks)
            for chunk, unknown in zip(chunk_set.chunks, chunk_set.unknown_shares, strict=True):
                bound = bind(arrival.doc_id, arrival.prepared.file, chunk, unknown)
                if bound.chunk_id in wanted:
                    raise InvariantError("two chunks of one document have one id", path=bound.file.path)
                wanted[bound.chunk_id] = bound
        ids = [arrival.doc_id for arrival in batch.arrivals] + [row.doc_id for row in batch.departures]
        current = {row.chunk_id: row for row in self._catalog.history.current_points(ids)}
        rows = _Rows(wanted, current, mixtures)
        self._add_orphans(rows)
        return rows

    def _add_orphans(self, rows: _Rows) -> None:
        """Duplicates in other documents whose survivor leaves: their payloads are in the index."""
        others = self._catalog.history.current_duplicates_of(sorted(rows.leaving))
        known = rows.wanted.keys() | rows.current.keys()
        self._orphan(rows, [row for row in others if row.chunk_id not in known])

    def _orphan(self, rows: _Rows, others: Sequence[PointRow]) -> None:
        if not others:
            return
        found = self._index.retrieve([row.point_id for row in others])
        for row in others:
            if row.point_id not in found:
                raise InvariantError("a duplicate is missing from the index", point=row.point_id)
            rows.orphan_rows[row.chunk_id] = row
            rows.orphans[row.chunk_id] = PointPayload.model_validate(found[row.point_id].payload)

    # -------------------------------------------------------------- duplicates

    def _twins(self, batch: Batch, documents: Sequence[PlannedDocument], finder: DuplicateFinder) -> DocumentTwins:
        going = batch.departing | {document.doc_id for document in documents}
        return document_twins(self._context, self._catalog.duplicates, finder.sketches, going)

    def _arriving(
        self, batch: Batch, documents: Sequence[PlannedDocument], finder: DuplicateFinder
    ) -> Iterator[Arriving]:
        """The documents that get a version."""
        versions = {document.doc_id for document in documents}
        if self._context.settings.dedup.enabled:
            for arrival in batch.arrivals:
                if arrival.doc_id in versions:
                    prepared = arrival.prepared
                    yield arriving(arrival.doc_id, prepared.chunk_key, prepared.chunks, finder.sketches)

    def _part(self, rows: _Rows, twins: DocumentTwins) -> None:
        """What stood for a chunk of a document that is told apart from its own now has to be found anew."""
        twins.watch({payload.doc_id for payload in rows.orphans.values()})
        kept = [
            row for row in rows.current.values() if row.chunk_id in rows.wanted and twins.has_neighbours(row.doc_id)
        ]
        homes = {row.chunk_id: row.doc_id for row in rows.current.values()}
        unknown = {row.survivor for row in kept if row.survivor is not None} - homes.keys()
        homes.update(self._catalog.survivors.documents_of(unknown))
        for row in kept:
            home = homes.get(row.survivor) if row.survivor is not None else None
            if home is not None and twins.apart(row.doc_id, home) is not None:
                rows.parted.add(row.chunk_id)
        named = self._catalog.history.current_duplicates_of([row.chunk_id for row in kept if row.survivor is None])
        known = rows.wanted.keys() | rows.current.keys() | rows.orphans.keys()
        self._orphan(
            rows,
            [
                row
                for row in named
                if row.chunk_id not in known and twins.apart(row.doc_id, homes[str(row.survivor)]) is not None
            ],
        )

    def _decide(self, rows: _Rows, finder: DuplicateFinder, twins: DocumentTwins) -> dict[str, Decision]:
        """Decisions about orphans first (they are older), then about new chunks, in their order."""
        leaving = rows.leaving
        incoming = [candidate_of(rows.orphans[chunk]) for chunk in _by_place(rows.orphans)]
        for chunk, bound in rows.wanted.items():
            old = rows.current.get(chunk)
            if old is None or chunk in rows.parted or (old.survivor is not None and old.survivor in leaving):
                incoming.append(_incoming(bound))
        if not incoming:
            return {}
        decisions = finder.decide(self._tenant, incoming, twins)
        return {item.chunk_id: decision for item, decision in zip(incoming, decisions, strict=True)}

    # ---------------------------------------------------------------- payloads

    def _wanted_payloads(
        self, rows: _Rows, decisions: dict[str, Decision], seq: int
    ) -> list[tuple[PointRow | None, PointPayload]]:
        """Every chunk that shall be current after the batch, with its present row."""
        wanted: list[tuple[PointRow | None, PointPayload]] = []
        for chunk in _by_place(rows.orphans):
            survivor = _survivor_of(chunk, rows.orphan_rows[chunk], decisions)
            payload = rows.orphans[chunk].model_copy(
                update={"survivor": survivor, "current": False, "from_seq": seq, "to_seq": OPEN}
            )
            wanted.append((rows.orphan_rows[chunk], payload))
        for chunk, bound in rows.wanted.items():
            old = rows.current.get(chunk)
            wanted.append((old, payload_of(bound, _survivor_of(chunk, old, decisions), seq)))
        return wanted

    # --------------------------------------------------------------- documents

    def _documents(self, batch: Batch) -> list[PlannedDocument]:
        planned: list[PlannedDocument] = []
        for arrival in batch.arrivals:
            file, key = arrival.prepared.file, arrival.prepared.chunk_key
            old = self._catalog.history.document(arrival.doc_id)
            metadata = fingerprint(file.model_dump(mode="json", include={"metadata"}))
            known = old is not None and old.live and old.stale is arrival.stale
            if known and old is not None and _content(old) == (file.sha256, key, metadata):
                continue
            planned.append(
                PlannedDocument(
                    doc_id=arrival.doc_id,
                    version=(old.version if old is not None else 0) + 1,
                    file=file,
                    chunk_key=key,
                    top=arrival.prepared.listed.top,
                    metadata_digest=metadata,
                    previous_doc_id=arrival.previous_doc_id,
                    stale=arrival.stale,
                )
            )
        return planned + [PlannedDocument(doc_id=row.doc_id, version=row.version + 1) for row in batch.departures]


def _point(payload: PointPayload, vector: PlannedVector | None, old: PointRow | None, seq: int) -> PlannedPoint | None:
    """The row to write; None when the present one says the same."""
    digest, key = payload.digest(), vector.key if vector is not None else None
    if old is not None and (old.payload_digest, old.vector_key) == (digest, key):
        return None
    return PlannedPoint(
        point_id=point_id(payload.chunk_id, digest, key or "", seq),
        payload=payload,
        payload_digest=digest,
        vector=vector,
    )


def _content(row: DocumentRow) -> tuple[str, str, str]:
    return row.sha256, row.chunk_key, row.metadata_digest


def _by_place(payloads: dict[str, PointPayload]) -> list[str]:
    return sorted(
        payloads, key=lambda chunk: (payloads[chunk].source, payloads[chunk].path, payloads[chunk].from_seq, chunk)
    )


def _survivor_of(chunk: str, old: PointRow | None, decisions: dict[str, Decision]) -> str | None:
    """As decided in this batch; as before where nothing was to be decided."""
    decision = decisions.get(chunk)
    if decision is not None:
        return decision.duplicate.survivor if decision.duplicate is not None else None
    return old.survivor if old is not None else None


def _known(old: PointRow | None) -> str:
    if old is None:
        raise InvariantError("a chunk has neither an old nor a new row")
    return old.point_id


def _survivor(payload: PointPayload, row: str, decision: Decision, place: int) -> PlannedSurvivor:
    return PlannedSurvivor(
        chunk_id=payload.chunk_id,
        doc_id=payload.doc_id,
        point_id=row,
        text_digest=decision.digest.hex(),
        bands=tuple(band.hex() for band in decision.bands),
        place=place,
    )


def _moved_survivor(payload: PointPayload, row: str, place: int) -> PlannedSurvivor:
    """It is known already by its digest and bands; only its row is another now."""
    return PlannedSurvivor(
        chunk_id=payload.chunk_id, doc_id=payload.doc_id, point_id=row, text_digest="", bands=(), place=place
    )


def _incoming(bound: BoundChunk) -> Incoming:
    chunk = bound.chunk
    return Incoming(
        chunk_id=bound.chunk_id,
        doc_id=bound.doc_id,
        text=chunk.text,
        kind=chunk.kind.value,
        language=chunk.language,
        table_html=chunk.table_html,
    )


def _file_states(arrivals: Sequence[Arrival]) -> Iterator[PlannedFile]:
    """Of listed files: a member is settled with what holds it."""
    for arrival in arrivals:
        prepared = arrival.prepared
        if not prepared.listed.top and not arrival.restored:
            file = prepared.file
            yield file_state(prepared.listed, file.source, file.sha256, arrival.listed_at_ns, prepared.held.failing)


def file_state(
    listed: ListedFile, source: str, sha256: str, listed_at_ns: int, failing: tuple[str, ...]
) -> PlannedFile:
    return PlannedFile(
        source=source,
        path=listed.path,
        size=listed.size,
        mtime_ns=listed.mtime_ns,
        ctime_ns=listed.ctime_ns,
        inode=listed.inode,
        listed_at_ns=listed_at_ns,
        sha256=sha256,
        sidecar=listed.stamp,
        failing=failing,
    )


def embed_texts(plan: PublishPlan) -> dict[str, str]:
    """`{raw vector key: text}` of all that the plan's vectors are made of, in order, each key once."""
    own = {point.vector.own: embed_text_of(point.payload) for point in plan.points if point.vector is not None}
    return {**own, **plan.texts_beside}
