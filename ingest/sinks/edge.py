"""Qdrant Edge: the engine inside this process, on a local directory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from qdrant_edge import (
    CountRequest,
    EdgeShard,
    Filter,
    IdfParams,
    Point,
    Query,
    QueryRequest,
    ScrollRequest,
    SearchParams,
    UpdateMode,
    UpdateOperation,
)

from ingest.sinks.batches import in_batches
from ingest.sinks.collection_checks import check_sizes
from ingest.sinks.edge_collection import create_collection, has_collection, open_collection, rewrite_collection
from ingest.sinks.edge_lock import EdgeLock, OnWait, log_wait
from ingest.sinks.edge_owner import EdgeOwner
from ingest.sinks.edge_values import (
    edge_filter,
    edge_ids,
    edge_point,
    edge_sparse,
    index_point,
    never_current,
    read_payload,
    still_open,
    stored_payload,
)
from ingest.sinks.ties import best_first
from ingest.vectors import DENSE, SPARSE, CollectionSpec, IndexPoint, PayloadFilter, ScoredPoint, SparseWeights, Vector
from schemas.errors import InvariantError, SinkDown

_PAGE = 256


class EdgeIndex:
    """A `VectorIndex` in `directory`; what it stores survives the death of the process at any moment.

    One process owns the directory at a time, even to search. A session takes it, and keeps the
    shard open afterwards until another process waits for it; `close` gives it up at once. `wait_s`
    limits the wait (`SinkDown` names the holder); `on_wait` is told of it while it lasts.

    What a power cut leaves is what `flush` has written; giving the directory up flushes.
    """

    def __init__(
        self, directory: Path, *, on_wait: OnWait = log_wait, wait_s: float | None = None, batch: int = 128
    ) -> None:
        self._directory = directory
        self._batch = batch
        self._spec: CollectionSpec | None = None
        lock = EdgeLock(directory, on_wait=on_wait, wait_s=wait_s)
        self._owner = EdgeOwner(lock, self._open, wait_s=wait_s)

    def session(self) -> AbstractContextManager[None]:
        return self._owner.session()

    def ensure(self, spec: CollectionSpec) -> None:
        with self.session(), _edge_errors("opening the collection"):
            if self._spec != spec:
                self._owner.drop_shard()
            if not has_collection(self._directory, spec.name):
                create_collection(self._directory, spec)
            self._spec = spec
            try:
                self._owner.shard()
            except BaseException:
                self._spec = None
                raise

    def insert(self, points: Sequence[IndexPoint]) -> None:
        self._write(points, UpdateMode.InsertOnly)

    def make_current(self, ids: Sequence[str]) -> None:
        self._edit(ids, {"current": True}, still_open)

    def retire(self, ids: Sequence[str], to_seq: int) -> None:
        self._edit(ids, {"current": False, "to_seq": to_seq}, still_open)

    def withdraw(self, ids: Sequence[str]) -> None:
        with self._shard("deleting points") as shard:
            for some in in_batches(ids, self._batch):
                shard.update(UpdateOperation.delete_points_by_filter(never_current(some)))

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        self._write(points, UpdateMode.Upsert)

    def set_payload(self, ids: Sequence[str], payload: Mapping[str, object]) -> None:
        self._edit(ids, payload, edge_ids)

    def _write(self, points: Sequence[IndexPoint], mode: UpdateMode) -> None:
        check_sizes(points, self._ensured())
        with self._shard("writing points") as shard:
            for some in in_batches(points, self._batch):
                shard.update(UpdateOperation.upsert_points([edge_point(point) for point in some], update_mode=mode))

    def _edit(self, ids: Sequence[str], payload: Mapping[str, object], rows: Callable[[Sequence[str]], Filter]) -> None:
        with self._shard("changing payloads") as shard:
            for some in in_batches(ids, self._batch):
                shard.update(UpdateOperation.set_payload_by_filter(rows(some), stored_payload(payload)))

    def delete(self, ids: Sequence[str]) -> None:
        with self._shard("deleting points") as shard:
            for some in in_batches(ids, self._batch):
                shard.update(UpdateOperation.delete_points([*some]))

    def retrieve(self, ids: Sequence[str]) -> dict[str, IndexPoint]:
        with self._shard("reading points") as shard:
            records = shard.retrieve([*ids], with_payload=True, with_vector=False) if ids else []
        return {str(record.id): index_point(record) for record in records}

    def count(self, where: PayloadFilter) -> int:
        matching = edge_filter(where)
        with self._shard("counting") as shard:
            return shard.count(CountRequest(exact=True, filter=matching))

    def scroll(self, where: PayloadFilter, *, with_vectors: bool = False) -> Iterator[IndexPoint]:
        """Each page is a session of its own, so a reader who pauses holds nobody up; a row that is
        written while the scroll goes on is seen or not, the others exactly once."""
        matching = edge_filter(where)
        offset = None
        while True:
            request = ScrollRequest(
                offset=offset, limit=_PAGE, filter=matching, with_payload=True, with_vector=with_vectors
            )
            with self._shard("reading points") as shard:
                records, offset = shard.scroll(request)
            yield from map(index_point, records)
            if offset is None:
                return

    def search_dense(
        self, vector: Vector, where: PayloadFilter, limit: int, *, exact: bool = False
    ) -> list[ScoredPoint]:
        query = Query.Nearest(vector.tolist(), using=DENSE)
        return self._search(query, where, limit, SearchParams(exact=exact))

    def search_sparse(self, query: SparseWeights, where: PayloadFilter, limit: int) -> list[ScoredPoint]:
        if not query.indices.size:
            return []
        # Without a corpus, rows that are no longer current would shift the IDF of those that are.
        params = SearchParams(idf=IdfParams(corpus=edge_filter(where)))
        return self._search(Query.Nearest(edge_sparse(query), using=SPARSE), where, limit, params)

    def _search(self, query: Query, where: PayloadFilter, limit: int, params: SearchParams) -> list[ScoredPoint]:
        matching = edge_filter(where)

        def fetch(size: int) -> list[ScoredPoint]:
            found = shard.query(
                QueryRequest(limit=size, query=query, filter=matching, params=params, with_payload=True)
            )
            return [ScoredPoint(str(point.id), point.score, read_payload(point.payload)) for point in found]

        with self._shard("searching") as shard:
            return best_first(fetch, limit)

    def flush(self) -> None:
        """Writes everything to the disk, against a power cut; tens of milliseconds."""
        with self._shard("flushing") as shard:
            shard.flush()

    def optimize(self) -> bool:
        """Merges segments and builds the HNSW graphs that a big load has put off; minutes for
        millions of points. Searches are right without it, and slow down as points grow.
        True when anything was done."""
        with self._shard("optimizing") as shard:
            return shard.optimize()

    def rewrite(self) -> bool:
        """Deleted rows stay readable in the files of the engine, in its log too, whatever is optimized."""
        spec = self._ensured()
        with self.session(), _edge_errors("writing the collection anew"):
            rewrite_collection(self._directory, spec, self._all_points())
            self._owner.shard()
        return True

    def _all_points(self) -> Iterator[list[Point]]:
        """Page by page; the shard is closed after the last."""
        offset = None
        while True:
            request = ScrollRequest(offset=offset, limit=_PAGE, with_payload=True, with_vector=True)
            records, offset = self._owner.shard().scroll(request)
            yield [edge_point(index_point(record)) for record in records]
            if offset is None:
                self._owner.drop_shard()
                return

    def close(self) -> None:
        with _edge_errors("closing"):
            self._owner.close()

    def _open(self) -> EdgeShard:
        return open_collection(self._directory, self._ensured())

    def _ensured(self) -> CollectionSpec:
        if self._spec is None:
            raise InvariantError("the index was used before ensure()")
        return self._spec

    @contextmanager
    def _shard(self, doing: str) -> Iterator[EdgeShard]:
        self._ensured()
        with self.session(), _edge_errors(doing):
            yield self._owner.shard()


@contextmanager
def _edge_errors(doing: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # The engine raises bare Exception and nothing narrower; every other class is not its own.
        if type(error) is not Exception:
            raise
        raise SinkDown(f"the embedded index failed while {doing}: {error}") from error
