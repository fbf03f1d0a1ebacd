"""The collection of the index that is searched, and the one that may stand beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.catalog.database import Database, Row
from schemas.errors import InvariantError

_COLUMNS = "name, fingerprint, description, settings, dimension, payload_version, state, number"


class CollectionState(StrEnum):
    """`active`: it is searched and published into. `building`: not complete yet. `kept`: it was
    active before, and is as it was then."""

    ACTIVE = "active"
    BUILDING = "building"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """`model` is what people know it by; `settings`: JSON of all that is part of its identity, empty
    in a catalog of a time that did not keep it. `dimension`: 0 there. `number` names it in other tables."""

    name: str
    fingerprint: str
    model: str
    settings: str
    dimension: int
    payload_version: int = 1
    state: CollectionState = CollectionState.ACTIVE
    number: int = 0


class Collections:
    def __init__(self, database: Database) -> None:
        self._db = database

    def active(self) -> CollectionRow | None:
        """None before the first run."""
        return self._one(f"SELECT {_COLUMNS} FROM collections WHERE state = ?", (CollectionState.ACTIVE.value,))

    def beside(self) -> CollectionRow | None:
        """The one that is being built, or is kept: there is one at most."""
        return self._one(f"SELECT {_COLUMNS} FROM collections WHERE state <> ?", (CollectionState.ACTIVE.value,))

    def remember_active(self, collection: CollectionRow) -> None:
        """The first one of a home; of one that is known already only what was not kept before is added."""
        known = self.active()
        if known is not None and known.settings:
            return
        self._db.execute(
            "INSERT INTO collections (name, fingerprint, description, settings, dimension, payload_version,"
            " state, number)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (name) DO UPDATE SET"
            " settings = excluded.settings, dimension = excluded.dimension",
            (
                collection.name, collection.fingerprint, collection.model, collection.settings, collection.dimension,
                collection.payload_version, CollectionState.ACTIVE.value,
            ),
        )  # fmt: skip

    def begin(self, collection: CollectionRow) -> CollectionRow:
        """It is being built from here on; what it holds already, from an earlier begin or as the kept
        one, stays. Raises `InvariantError` when another stands beside the active one."""
        with self._db.transaction():
            beside = self.beside()
            if beside is not None and beside.fingerprint != collection.fingerprint:
                raise InvariantError("another collection stands beside the active one", name=beside.name)
            self._db.execute(
                "INSERT INTO collections (name, fingerprint, description, settings, dimension, payload_version,"
            " state, number)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(number), 0) + 1 FROM collections))"
                " ON CONFLICT (name) DO UPDATE SET state = excluded.state",
                (
                    collection.name, collection.fingerprint, collection.model, collection.settings,
                    collection.dimension, collection.payload_version, CollectionState.BUILDING.value,
                ),
            )  # fmt: skip
        begun = self.beside()
        if begun is None:
            raise InvariantError("a collection that was begun is not in the catalog", name=collection.name)
        return begun

    def forget(self, collection: CollectionRow) -> None:
        """With what is known of its points."""
        with self._db.transaction():
            self._db.execute("DELETE FROM beside WHERE number = ?", (collection.number,))
            self._db.execute(
                "DELETE FROM collections WHERE number = ? AND state <> ?",
                (collection.number, CollectionState.ACTIVE.value),
            )

    def _one(self, sql: str, parameters: Sequence[str]) -> CollectionRow | None:
        rows = self._db.rows(sql, parameters)
        return _collection(rows[0]) if rows else None


def _collection(row: Row) -> CollectionRow:
    name, fingerprint, model, settings, dimension, payload_version, state, number = row
    return CollectionRow(
        name=str(name),
        fingerprint=str(fingerprint),
        model=str(model),
        settings=str(settings),
        dimension=int(str(dimension)),
        payload_version=int(str(payload_version)),
        state=CollectionState(str(state)),
        number=int(str(number)),
    )
