"""Qdrant Edge: the engine inside this process, on a local directory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from qdrant_edge import EdgeShard, Filter, UpdateMode, UpdateOperation

from ingest.sinks.batches import in_batches
from ingest.sinks.collection_checks import check_sizes
from ingest.sinks.edge_collection import (
    check_description,
    collection_names,
    create_collection,
    has_collection,
    lock_folder,
    open_collection,
    remove_collection,
    rewrite_collection,
    sync_log,
)
from ingest.sinks.edge_lock import EdgeLock, OnWait, log_wait
from ingest.sinks.edge_messages import Answer, Question
from ingest.sinks.edge_owner import EdgeOwner
from ingest.sinks.edge_reads import EdgeReads
from ingest.sinks.edge_serving import ReadClient, ReadServer
from ingest.sinks.edge_values import edge_ids, edge_point, never_current, still_open, stored_payload
from ingest.sinks.payload_indexes import check_filter
from ingest.vectors import (
    UNTUNED,
    CollectionSpec,
    IndexPoint,
    PayloadFilter,
    ScoredPoint,
    SparseWeights,
    Vector,
    VectorTuning,
)
from schemas.errors import InvariantError, SinkDown

T = TypeVar("T")

_PATIENCE_S = 2.0
"""How long an owner may take to begin to listen; he does so before he opens the shard."""
_POLL_S = 0.02

_MOST_REPLAYED = 8192
"""Rows that may lie in the log alone."""


class _Served:
    """An open shard, whose reads are answered to others as long as it is open. `changed`: rows that
    were written since all of its files were."""

    changed = 0

    def __init__(self, folder: Path, open_shard: Callable[[], EdgeShard], tuning: VectorTuning) -> None:
        self._server = ReadServer(folder)
        try:
            self.engine = open_shard()
        except BaseException:
            self._server.close()
            raise
        self.reads = EdgeReads(self.engine, tuning)
        self._server.begin(self.reads)

    def close(self) -> None:
        """The engine writes all of its files."""
        self._server.close()
        self.engine.close()


@dataclass(frozen=True, slots=True)
class _Opened:
    spec: CollectionSpec
    owner: EdgeOwner[_Served]
    lock: EdgeLock
    client: ReadClient


class EdgeIndex:
    """A `VectorIndex` in `directory`; what it stores survives the death of the process at any moment.

    One process owns a collection at a time. A session takes it, and keeps the shard open afterwards
    until another process waits for it; `close` gives it up at once. Who only reads asks the owner,
    and becomes it where there is none. `wait_s` limits the wait (`SinkDown` names the holder);
    `on_wait` is told of it while it lasts. Each collection has an owner of its own: one is searched
    while another is built.

    What a power cut leaves is what `flush` has written; giving the collection up flushes.
    """

    def __init__(
        self,
        directory: Path,
        *,
        on_wait: OnWait = log_wait,
        wait_s: float | None = None,
        batch: int = 128,
        tuning: VectorTuning = UNTUNED,
    ) -> None:
        self._directory = directory
        self._on_wait = on_wait
        self._wait_s = wait_s
        self._batch = batch
        self._tuning = tuning
        self._opened: _Opened | None = None

    def session(self) -> AbstractContextManager[None]:
        return self._ensured().owner.session()

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._ensured().owner.session_if_free():
            yield

    def ensure(self, spec: CollectionSpec) -> None:
        if self._opened is not None and self._opened.spec != spec:
            self.close()
            self._opened = None
        opened = self._opened or self._open(spec)
        with _edge_errors("opening the collection"):
            try:
                if opened.client.reaches():
                    check_description(self._directory, spec)
                else:
                    self._make_or_open(opened)
            except BaseException:
                opened.client.close()
                opened.owner.close()
                self._opened = None
                raise
        self._opened = opened

    def _make_or_open(self, opened: _Opened) -> None:
        with opened.owner.session():
            if not has_collection(self._directory, opened.spec.name):
                create_collection(self._directory, opened.spec, self._tuning)
            opened.owner.shard()

    def collections(self) -> list[str]:
        return collection_names(self._directory)

    def drop_collection(self, name: str) -> None:
        if self._opened is not None and self._opened.spec.name == name:
            raise InvariantError("the collection that is open here was to be dropped", collection=name)
        lock = self._lock(name)
        lock.acquire()
        try:
            remove_collection(self._directory, name)
        finally:
            lock.release()

    def point_alias(self, alias: str, name: str) -> None:
        """Nothing to do: the catalog tells which collection is searched."""

    def insert(self, points: Sequence[IndexPoint]) -> None:
        self._write(points, UpdateMode.InsertOnly)

    def make_current(self, ids: Sequence[str]) -> None:
        self._edit(ids, {"current": True}, still_open)

    def retire(self, ids: Sequence[str], to_seq: int) -> None:
        self._edit(ids, {"current": False, "to_seq": to_seq}, still_open)

    def withdraw(self, ids: Sequence[str]) -> None:
        with self._shard("deleting points") as shard:
            for some in in_batches(ids, self._batch):
                if found := shard.reads.matching(never_current(some), len(some)):
                    shard.engine.update(UpdateOperation.delete_points([*found]))

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        self._write(points, UpdateMode.Upsert)

    def set_payload(self, ids: Sequence[str], payload: Mapping[str, object]) -> None:
        self._edit(ids, payload, edge_ids)

    def _write(self, points: Sequence[IndexPoint], mode: UpdateMode) -> None:
        check_sizes(points, self._ensured().spec)
        with self._shard("writing points") as shard:
            shard.changed += len(points)
            for some in in_batches(points, self._batch):
                shard.engine.update(
                    UpdateOperation.upsert_points([edge_point(point) for point in some], update_mode=mode)
                )

    def _edit(self, ids: Sequence[str], payload: Mapping[str, object], rows: Callable[[Sequence[str]], Filter]) -> None:
        """By ids and never by a filter: the engine logs what it was told, and after a kill would ask the
        filter again, of indexes that may be ahead of the payloads; a row would then stay as it was."""
        with self._shard("changing payloads") as shard:
            for some in in_batches(ids, self._batch):
                if found := shard.reads.matching(rows(some), len(some)):
                    shard.engine.update(UpdateOperation.set_payload([*found], stored_payload(payload)))

    def delete(self, ids: Sequence[str]) -> None:
        with self._shard("deleting points") as shard:
            for some in in_batches(ids, self._batch):
                shard.engine.update(UpdateOperation.delete_points([*some]))

    def retrieve(self, ids: Sequence[str]) -> dict[str, IndexPoint]:
        return self._read(
            lambda reads: reads.retrieve(ids),
            Question(call="retrieve", ids=tuple(ids)),
            lambda answer: {point.id: point for point in answer.points()},
        )

    def count(self, where: PayloadFilter) -> int:
        return self._read(
            lambda reads: reads.count(where), Question(call="count", where=where), lambda answer: answer.count
        )

    def values(self, field: str, where: PayloadFilter) -> dict[str, int]:
        return self._read(
            lambda reads: reads.values(field, where),
            Question(call="values", where=where, field=field),
            lambda answer: dict(answer.values),
        )

    def scroll(self, where: PayloadFilter, *, with_vectors: bool = False) -> Iterator[IndexPoint]:
        """Each page is a session of its own, so a reader who pauses holds nobody up; a row that is
        written while the scroll goes on is seen or not, the others exactly once."""
        offset: str | None = None
        while True:
            points, offset = self._page(where, offset, with_vectors=with_vectors)
            yield from points
            if offset is None:
                return

    def _page(
        self, where: PayloadFilter, offset: str | None, *, with_vectors: bool
    ) -> tuple[list[IndexPoint], str | None]:
        if with_vectors:  # for upkeep, which owns the index
            with self._shard("reading points") as shard:
                return shard.reads.page(where, offset, with_vectors=True)
        return self._read(
            lambda reads: reads.page(where, offset),
            Question(call="page", where=where, offset=offset),
            lambda answer: (answer.points(), answer.offset),
        )

    def search_dense(
        self, vector: Vector, where: PayloadFilter, limit: int, *, exact: bool = False
    ) -> list[ScoredPoint]:
        return self._read(
            lambda reads: reads.search_dense(vector, where, limit, exact=exact),
            Question(call="search_dense", where=where, limit=limit, exact=exact, numbers=vector.tolist()),
            Answer.scored,
        )

    def search_sparse(self, query: SparseWeights, where: PayloadFilter, limit: int) -> list[ScoredPoint]:
        return self._read(
            lambda reads: reads.search_sparse(query, where, limit),
            Question(
                call="search_sparse",
                where=where,
                limit=limit,
                numbers=query.values.tolist(),
                terms=query.indices.tolist(),
            ),
            Answer.scored,
        )

    def flush(self) -> None:
        """Against a power cut: what was written is in the log, and the log on the disk. Now and then
        everything is, so that opening after a crash has little to replay."""
        opened = self._ensured()
        with self._shard("flushing") as shard:
            if shard.changed >= _MOST_REPLAYED:
                shard.engine.flush()
                shard.changed = 0
            else:
                try:
                    sync_log(self._directory, opened.spec.name)
                except OSError as error:
                    raise SinkDown(f"the embedded index cannot be written to the disk: {error.strerror}") from error

    def optimize(self) -> bool:
        """Merges segments and builds the HNSW graphs that a big load has put off; minutes for
        millions of points. Searches are right without it, and slow down as points grow.
        True when anything was done."""
        with self._shard("optimizing") as shard:
            return shard.engine.optimize()

    def rewrite(self) -> bool:
        """Deleted rows stay readable in the files of the engine, in its log too, whatever is optimized."""
        opened = self._ensured()
        with opened.owner.session(), _edge_errors("writing the collection anew"):
            rewrite_collection(self._directory, opened.spec, self._tuning, self._all_points(opened.owner))
            opened.owner.shard()
        return True

    def _all_points(self, owner: EdgeOwner[_Served]) -> Iterator[list[IndexPoint]]:
        """Page by page; the shard is closed after the last."""
        offset = None
        while True:
            where = PayloadFilter(equals={}, history=True, all_tenants=True)
            points, offset = owner.shard().reads.page(where, offset, with_vectors=True)
            yield points
            if offset is None:
                owner.drop_shard()
                return

    def close(self) -> None:
        if self._opened is not None:
            with _edge_errors("closing"):
                self._opened.client.close()
                self._opened.owner.close()

    def _open(self, spec: CollectionSpec) -> _Opened:
        lock, folder = self._lock(spec.name), lock_folder(self._directory, spec.name)
        open_shard = partial(
            _Served, folder, partial(open_collection, self._directory, spec, self._tuning), self._tuning
        )
        client = ReadClient(folder, partial(self._wait_for_answer, lock))
        return _Opened(spec, EdgeOwner(lock, open_shard, wait_s=self._wait_s), lock, client)

    def _lock(self, name: str) -> EdgeLock:
        return EdgeLock(lock_folder(self._directory, name), on_wait=self._on_wait, wait_s=self._wait_s)

    def _ensured(self) -> _Opened:
        if self._opened is None:
            raise InvariantError("the index was used before ensure()")
        return self._opened

    @contextmanager
    def _shard(self, doing: str) -> Iterator[_Served]:
        owner = self._ensured().owner
        with owner.session(), _edge_errors(doing):
            yield owner.shard()

    def _read(self, here: Callable[[EdgeReads], T], question: Question, there: Callable[[Answer], T]) -> T:
        """By this process where it owns the collection or nobody does; else by the owner, who answers.
        Where one does not, for longer than opening a shard takes him to begin with: as writers do."""
        if question.where is not None:
            check_filter(question.where)
        opened, doing = self._ensured(), question.call
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            with opened.owner.session_if_free() as owned, _edge_errors(doing):
                if owned:
                    return here(opened.owner.shard().reads)
            answer = opened.client.ask(question)
            if answer is not None and answer.foreign:
                break
            if answer is not None:
                if answer.failure:
                    raise SinkDown(f"the owner of the embedded index failed while asked to {doing}: {answer.failure}")
                return there(answer)
            time.sleep(_POLL_S)
        with self._shard(doing) as shard:
            return here(shard.reads)

    def _wait_for_answer(self, lock: EdgeLock, waited_s: float) -> None:
        holder = lock.holder()
        if self._wait_s is not None and waited_s >= self._wait_s:
            raise SinkDown(
                f"the index is held by {holder}, which did not answer for {waited_s:.0f} s: wait for it to end",
                holder=holder,
            )
        self._on_wait(waited_s, holder)


@contextmanager
def _edge_errors(doing: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # The engine raises bare Exception and nothing narrower; every other class is not its own.
        if type(error) is not Exception:
            raise
        raise SinkDown(f"the embedded index failed while {doing}: {error}") from error
