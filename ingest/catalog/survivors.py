"""Which current chunks others may be duplicates of, found by digest or by band."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.catalog.database import Database, Row

_COLUMNS = "survivors.chunk_id, survivors.doc_id, survivors.point_id, survivors.seq, survivors.place"


@dataclass(frozen=True, slots=True)
class SurvivorRow:
    chunk_id: str
    doc_id: str
    point_id: str


class Survivors:
    def __init__(self, database: Database) -> None:
        self._db = database

    def by_text(self, tenant: str, text_digest: bytes) -> list[SurvivorRow]:
        """Oldest first."""
        rows = self._db.rows(
            f"SELECT {_COLUMNS} FROM survivors WHERE tenant = ? AND text_digest = ? ORDER BY seq, place",
            (tenant, text_digest),
        )
        return [_survivor(row) for row in rows]

    def by_bands(self, tenant: str, bands: Iterable[bytes]) -> list[SurvivorRow]:
        """Those that share a band, oldest first."""
        keys = list(bands)
        if not keys:
            return []
        marks = ", ".join("?" * len(keys))
        rows = self._db.rows(
            f"SELECT DISTINCT {_COLUMNS} FROM bands JOIN survivors ON survivors.chunk_id = bands.chunk_id"
            f" WHERE bands.tenant = ? AND bands.band IN ({marks}) ORDER BY survivors.seq, survivors.place",
            (tenant, *keys),
        )
        return [_survivor(row) for row in rows]


def _survivor(row: Row) -> SurvivorRow:
    return SurvivorRow(str(row[0]), str(row[1]), str(row[2]))
