"""What a vector index is. One contract suite (`tests/contract`) holds every adapter to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from ingest.vectors import CollectionSpec, IndexPoint, PayloadFilter, ScoredPoint, SparseWeights, Vector


class VectorIndex(Protocol):
    """Qdrant, wherever it runs. Every call raises `SinkDown` when it cannot be reached.

    One object is one collection. For a second one beside it (another embedding) make another:
    they do not get in each other's way, in one process or in several.

    Operations are idempotent: an upsert of the same id writes the same row.

    A row is one stretch of a chunk's life: `insert`ed hidden, made current, retired, and never
    written again. Those four operations (with `withdraw`) are safe from a writer that wakes up
    after another has finished its work: what they ask of a row is checked by the engine, together
    with the change. The plain `upsert`, `set_payload` and `delete` are for mending.
    """

    def session(self) -> AbstractContextManager[None]:
        """Holds the index for one batch of work; calls outside a session open one each.
        Edge lets one process in at a time: others wait, and are told that they do."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Around reads that belong together: where this process owns the index, or nobody does, it is
        not given up in between. Never waits."""
        ...

    def ensure(self, spec: CollectionSpec) -> None:
        """Creates the collection with its vectors and payload indexes, or opens and checks it.
        Raises `ConfigError` for one of another embedding or schema."""
        ...

    def collections(self) -> list[str]:
        """The names of all that there are, sorted; also before `ensure`."""
        ...

    def drop_collection(self, name: str) -> None:
        """Deletes a collection that is not the one in use here; one that is gone is no error.
        Also before `ensure`."""
        ...

    def point_alias(self, alias: str, name: str) -> None:
        """From now on other applications find this collection under `alias`: all at once, whatever
        it named before. Edge has no other applications, and keeps no alias."""
        ...

    def insert(self, points: Sequence[IndexPoint]) -> None:
        """Adds the rows that are not there yet; one that is there stays as it is."""
        ...

    def make_current(self, ids: Sequence[str]) -> None:
        """Lets readers see those of the rows that are not retired."""
        ...

    def retire(self, ids: Sequence[str], to_seq: int) -> None:
        """Ends the life of those of the rows that are not retired yet."""
        ...

    def withdraw(self, ids: Sequence[str]) -> None:
        """Deletes those of the rows that were inserted and never made current."""
        ...

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Writes the rows whole, whatever was there."""
        ...

    def set_payload(self, ids: Sequence[str], payload: Mapping[str, object]) -> None:
        """Overwrites the named fields of the points that exist; others stay."""
        ...

    def delete(self, ids: Sequence[str]) -> None: ...

    def retrieve(self, ids: Sequence[str]) -> dict[str, IndexPoint]:
        """Payloads (no vectors) of those that exist."""
        ...

    def count(self, where: PayloadFilter) -> int: ...

    def values(self, field: str, where: PayloadFilter) -> dict[str, int]:
        """The values that a field of text holds in the rows that `where` selects, and in about how many rows each:
        one that is being moved within the engine may be counted twice."""
        ...

    def scroll(self, where: PayloadFilter, *, with_vectors: bool = False) -> Iterator[IndexPoint]:
        """Every matching row, in the order of ids."""
        ...

    def search_dense(
        self, vector: Vector, where: PayloadFilter, limit: int, *, exact: bool = False
    ) -> list[ScoredPoint]:
        """By cosine similarity, best first, ties by id."""
        ...

    def search_sparse(self, query: SparseWeights, where: PayloadFilter, limit: int) -> list[ScoredPoint]:
        """By dot product with the IDF of what `where` selects, best first, ties by id."""
        ...

    def flush(self) -> None:
        """Writes to the disk what a power cut would lose; the death of this process loses nothing anyway."""
        ...

    def optimize(self) -> bool:
        """To be called after a big load: builds the search graphs that were put off.
        True when anything was done. A server does it by itself."""
        ...

    def rewrite(self) -> bool:
        """Writes the collection anew where deleted rows would otherwise stay readable in its files. False for a
        server, which does so in its own time."""
        ...

    def close(self) -> None: ...
