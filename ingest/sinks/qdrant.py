"""Qdrant by URL, through its own client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from qdrant_client import QdrantClient, models

from ingest.sinks.batches import in_batches
from ingest.sinks.collection_checks import check_sizes
from ingest.sinks.payload_indexes import MOST_VALUES, check_values
from ingest.sinks.qdrant_collection import check_made_by_us, create_collection, index_fields, settle_tuning
from ingest.sinks.qdrant_errors import told_errors
from ingest.sinks.qdrant_tuning import client_search
from ingest.sinks.qdrant_values import (
    client_filter,
    client_ids,
    client_point,
    client_sparse,
    index_point,
    never_current,
    still_open,
)
from ingest.sinks.ties import best_first
from ingest.vectors import (
    DENSE,
    SPARSE,
    UNTUNED,
    CollectionSpec,
    IndexPoint,
    PayloadFilter,
    ScoredPoint,
    SparseWeights,
    Vector,
    VectorTuning,
)
from schemas.errors import InvariantError

IN_MEMORY: Final = ":memory:"
_PAGE: Final = 256


class QdrantIndex:
    """A `VectorIndex` on a server, for several machines or many readers.

    `url` is the server's, or ":memory:" for the client's own imitation in this process, which
    reads every point for every search and keeps nothing.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        timeout_s: int = 30,
        batch: int = 128,
        tuning: VectorTuning = UNTUNED,
    ) -> None:
        self._local = url == IN_MEMORY
        self._url = url
        self._batch = batch
        self._tuning = tuning
        self._spec: CollectionSpec | None = None
        self._client = (
            QdrantClient(location=IN_MEMORY)
            if self._local
            # Compatibility would be checked by a request from here, before anybody handles its failure.
            else QdrantClient(url=url, api_key=api_key, timeout=timeout_s, check_compatibility=False)
        )

    def session(self) -> AbstractContextManager[None]:
        """Nothing to hold: a server serves many."""
        return nullcontext()

    def reading(self) -> AbstractContextManager[None]:
        return nullcontext()

    def ensure(self, spec: CollectionSpec) -> None:
        with self._errors():
            if not self._client.collection_exists(spec.name):
                create_collection(self._client, spec, self._tuning)
            info = self._client.get_collection(spec.name)
            check_made_by_us(self._url, spec, info.config.metadata)
            # The imitation has no indexes, and warns of it.
            if not self._local:
                settle_tuning(self._client, spec.name, info, self._tuning)
                index_fields(self._client, spec.name, info.payload_schema.keys())
        self._spec = spec

    def collections(self) -> list[str]:
        with self._errors():
            return sorted(each.name for each in self._client.get_collections().collections)

    def drop_collection(self, name: str) -> None:
        if self._spec is not None and self._spec.name == name:
            raise InvariantError("the collection that is open here was to be dropped", collection=name)
        with self._errors():
            self._client.delete_collection(name)

    def point_alias(self, alias: str, name: str) -> None:
        with self._errors():
            known = {each.alias_name: each.collection_name for each in self._client.get_aliases().aliases}
            if known.get(alias) == name:
                return
            create = models.CreateAlias(collection_name=name, alias_name=alias)
            changes: list[models.AliasOperations] = [models.CreateAliasOperation(create_alias=create)]
            if alias in known:
                delete = models.DeleteAlias(alias_name=alias)
                changes.insert(0, models.DeleteAliasOperation(delete_alias=delete))
            self._client.update_collection_aliases(changes)

    def insert(self, points: Sequence[IndexPoint]) -> None:
        self._write(points, models.UpdateMode.INSERT_ONLY)

    def make_current(self, ids: Sequence[str]) -> None:
        self._edit(ids, {"current": True}, still_open)

    def retire(self, ids: Sequence[str], to_seq: int) -> None:
        self._edit(ids, {"current": False, "to_seq": to_seq}, still_open)

    def withdraw(self, ids: Sequence[str]) -> None:
        with self._errors():
            for some in in_batches(ids, self._batch):
                self._client.delete(self._name, models.FilterSelector(filter=never_current(some)), wait=True)

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        self._write(points, models.UpdateMode.UPSERT)

    def set_payload(self, ids: Sequence[str], payload: Mapping[str, object]) -> None:
        self._edit(ids, payload, client_ids)

    def _write(self, points: Sequence[IndexPoint], mode: models.UpdateMode) -> None:
        check_sizes(points, self._ensured())
        with self._errors():
            for some in in_batches(points, self._batch):
                self._client.upsert(self._name, [client_point(point) for point in some], wait=True, update_mode=mode)

    def _edit(
        self, ids: Sequence[str], payload: Mapping[str, object], rows: Callable[[Sequence[str]], models.Filter]
    ) -> None:
        with self._errors():
            for some in in_batches(ids, self._batch):
                self._client.set_payload(self._name, dict(payload), rows(some), wait=True)

    def delete(self, ids: Sequence[str]) -> None:
        with self._errors():
            for some in in_batches(ids, self._batch):
                self._client.delete(self._name, models.PointIdsList(points=[*some]), wait=True)

    def retrieve(self, ids: Sequence[str]) -> dict[str, IndexPoint]:
        found: dict[str, IndexPoint] = {}
        with self._errors():
            for some in in_batches(ids, self._batch):
                records = self._client.retrieve(self._name, [*some], with_payload=True, with_vectors=False)
                found |= {str(record.id): index_point(record) for record in records}
        return found

    def count(self, where: PayloadFilter) -> int:
        matching = client_filter(where)
        with self._errors():
            return self._client.count(self._name, matching, exact=True).count

    def values(self, field: str, where: PayloadFilter) -> dict[str, int]:
        check_values(field)
        matching = client_filter(where)
        with self._errors():
            found = self._client.facet(self._name, field, facet_filter=matching, limit=MOST_VALUES, exact=True)
        return {str(hit.value): hit.count for hit in found.hits}

    def scroll(self, where: PayloadFilter, *, with_vectors: bool = False) -> Iterator[IndexPoint]:
        """A row that is written while the scroll goes on is seen or not, the others exactly once."""
        matching = client_filter(where)
        offset = None
        while True:
            with self._errors():
                records, offset = self._client.scroll(
                    self._name, matching, limit=_PAGE, offset=offset, with_payload=True, with_vectors=with_vectors
                )
            yield from map(index_point, records)
            if offset is None:
                return

    def search_dense(
        self, vector: Vector, where: PayloadFilter, limit: int, *, exact: bool = False
    ) -> list[ScoredPoint]:
        # The imitation is exact by itself, and warns when told to be.
        params = None if self._local else client_search(self._tuning, exact=exact)
        return self._search(vector.tolist(), DENSE, where, limit, params)

    def search_sparse(self, query: SparseWeights, where: PayloadFilter, limit: int) -> list[ScoredPoint]:
        if not query.indices.size:
            return []
        # Without a corpus, rows that are no longer current would shift the IDF of those that are.
        params = models.SearchParams(idf=models.IdfCorpusParams(corpus=client_filter(where)))
        return self._search(client_sparse(query), SPARSE, where, limit, params)

    def _search(
        self,
        query: list[float] | models.SparseVector,
        using: str,
        where: PayloadFilter,
        limit: int,
        params: models.SearchParams | None,
    ) -> list[ScoredPoint]:
        matching = client_filter(where)

        def fetch(size: int) -> list[ScoredPoint]:
            found = self._client.query_points(
                self._name,
                query=query,
                using=using,
                query_filter=matching,
                search_params=params,
                limit=size,
                with_payload=True,
            )
            return [ScoredPoint(str(point.id), point.score, point.payload or {}) for point in found.points]

        with self._errors():
            return best_first(fetch, limit)

    def flush(self) -> None:
        """Nothing to do: a server sees to its own disk."""

    def optimize(self) -> bool:
        """Nothing to do: a server optimizes by itself."""
        return False

    def rewrite(self) -> bool:
        """A server drops deleted rows from its files when it optimizes a segment next."""
        return False

    def close(self) -> None:
        self._client.close()

    def _ensured(self) -> CollectionSpec:
        if self._spec is None:
            raise InvariantError("the index was used before ensure()")
        return self._spec

    @property
    def _name(self) -> str:
        return self._ensured().name

    def _errors(self) -> AbstractContextManager[None]:
        return told_errors(self._url)
