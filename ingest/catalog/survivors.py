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


@dataclass(frozen=True, slots=True)
class Signed:
    """A survivor with its digest and bands."""

    tenant: str
    chunk_id: str
    text_digest: bytes
    bands: tuple[bytes, ...]


class Survivors:
    def __init__(self, database: Database) -> None:
        self._db = database

    def scheme(self) -> str | None:
        """The fingerprint of the digests and bands that are kept; those of another do not meet them."""
        rows = self._db.rows("SELECT value FROM facts WHERE name = 'dedup'")
        return str(rows[0][0]) if rows else None

    def sign_anew(self, fingerprint: str, signed: Iterable[Signed]) -> None:
        """From here on digests and bands are of this kind: every survivor's are replaced."""
        with self._db.transaction():
            self._db.execute("DELETE FROM bands")
            for survivor in signed:
                self._db.execute(
                    "UPDATE survivors SET text_digest = ? WHERE chunk_id = ?",
                    (survivor.text_digest, survivor.chunk_id),
                )
                self._db.execute_many(
                    "INSERT INTO bands (tenant, band, chunk_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    [(survivor.tenant, band, survivor.chunk_id) for band in survivor.bands],
                )
            self._db.execute(
                "INSERT INTO facts (name, value) VALUES ('dedup', ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (fingerprint,),
            )

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
