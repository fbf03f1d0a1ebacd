"""What is read from an open shard."""

from __future__ import annotations

from collections.abc import Sequence

from qdrant_edge import (
    CountRequest,
    EdgeShard,
    FacetRequest,
    Filter,
    IdfParams,
    Query,
    QueryRequest,
    ScrollRequest,
    SearchParams,
)

from ingest.sinks.edge_tuning import edge_search
from ingest.sinks.edge_values import edge_filter, edge_sparse, index_point, read_payload
from ingest.sinks.payload_indexes import MOST_VALUES, check_values
from ingest.sinks.ties import best_first
from ingest.vectors import DENSE, SPARSE, IndexPoint, PayloadFilter, ScoredPoint, SparseWeights, Vector, VectorTuning

PAGE = 256


class EdgeReads:
    """The reading half of a `VectorIndex`."""

    def __init__(self, shard: EdgeShard, tuning: VectorTuning) -> None:
        self._shard = shard
        self._tuning = tuning

    def retrieve(self, ids: Sequence[str]) -> dict[str, IndexPoint]:
        records = self._shard.retrieve([*ids], with_payload=True, with_vector=False) if ids else []
        return {str(record.id): index_point(record) for record in records}

    def matching(self, rows: Filter, limit: int) -> list[str]:
        """Their ids, of at most `limit` rows."""
        request = ScrollRequest(limit=limit, filter=rows, with_payload=False, with_vector=False)
        return [str(record.id) for record in self._shard.scroll(request)[0]]

    def count(self, where: PayloadFilter) -> int:
        return self._shard.count(CountRequest(exact=True, filter=edge_filter(where)))

    def values(self, field: str, where: PayloadFilter) -> dict[str, int]:
        check_values(field)
        # Exact counts take twelve times as long, for rows that stand in two segments at that moment.
        request = FacetRequest(field, limit=MOST_VALUES, exact=False, filter=edge_filter(where))
        return {str(hit.value): hit.count for hit in self._shard.facet(request).hits}

    def page(
        self, where: PayloadFilter, offset: str | None, *, with_vectors: bool = False
    ) -> tuple[list[IndexPoint], str | None]:
        """Rows in the order of ids, and where the next page begins."""
        request = ScrollRequest(
            offset=offset, limit=PAGE, filter=edge_filter(where), with_payload=True, with_vector=with_vectors
        )
        records, following = self._shard.scroll(request)
        return [index_point(record) for record in records], None if following is None else str(following)

    def search_dense(
        self, vector: Vector, where: PayloadFilter, limit: int, *, exact: bool = False
    ) -> list[ScoredPoint]:
        query = Query.Nearest(vector.tolist(), using=DENSE)
        return self._search(query, where, limit, edge_search(self._tuning, exact=exact))

    def search_sparse(self, query: SparseWeights, where: PayloadFilter, limit: int) -> list[ScoredPoint]:
        if not query.indices.size:
            return []
        # Without a corpus, rows that are no longer current would shift the IDF of those that are.
        params = SearchParams(idf=IdfParams(corpus=edge_filter(where)))
        return self._search(Query.Nearest(edge_sparse(query), using=SPARSE), where, limit, params)

    def _search(self, query: Query, where: PayloadFilter, limit: int, params: SearchParams) -> list[ScoredPoint]:
        matching = edge_filter(where)

        def fetch(size: int) -> list[ScoredPoint]:
            found = self._shard.query(
                QueryRequest(limit=size, query=query, filter=matching, params=params, with_payload=True)
            )
            return [ScoredPoint(str(point.id), point.score, read_payload(point.payload)) for point in found]

        return best_first(fetch, limit)
