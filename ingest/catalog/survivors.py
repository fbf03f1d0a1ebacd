"""Which current chunks others may be duplicates of, found by digest or by band."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.catalog.database import Database, Row, marks
from ingest.catalog.keys import band_key, uuid_key, uuid_text

_SELECT = (
    "SELECT DISTINCT s.chunk_id, d.doc_id, s.point_id, s.seq, s.place FROM {} JOIN documents d ON d.doc_no = s.doc_no"
)


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
                self._sign(survivor)
            self._db.execute(
                "INSERT INTO facts (name, value) VALUES ('dedup', ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (fingerprint,),
            )

    def _sign(self, survivor: Signed) -> None:
        chunk = uuid_key(survivor.chunk_id)
        self._db.execute("UPDATE survivors SET text_digest = ? WHERE chunk_id = ?", (survivor.text_digest, chunk))
        self._db.execute_many(
            "INSERT INTO bands (band, survivor_no) SELECT ?, survivor_no FROM survivors WHERE chunk_id = ?"
            " ON CONFLICT DO NOTHING",
            [(band_key(survivor.tenant, band), chunk) for band in survivor.bands],
        )

    def sweep(self) -> int:
        """Removes the bands of survivors that are gone. Returns how many."""
        return self._db.execute("DELETE FROM bands WHERE survivor_no NOT IN (SELECT survivor_no FROM survivors)")

    def by_text(self, tenant: str, text_digest: bytes) -> list[SurvivorRow]:
        """Oldest first."""
        rows = self._db.rows(
            f"{_SELECT.format('survivors s')} WHERE s.text_digest = ? AND s.tenant = ? ORDER BY s.seq, s.place",
            (text_digest, tenant),
        )
        return [_survivor(row) for row in rows]

    def by_bands(self, tenant: str, bands: Iterable[bytes]) -> list[SurvivorRow]:
        """Those that share a band, oldest first."""
        keys = [band_key(tenant, band) for band in bands]
        if not keys:
            return []
        rows = self._db.rows(
            f"{_SELECT.format('bands b JOIN survivors s ON s.survivor_no = b.survivor_no')}"
            f" WHERE b.band IN ({marks(len(keys))}) AND s.tenant = ? ORDER BY s.seq, s.place",
            (*keys, tenant),
        )
        return [_survivor(row) for row in rows]


def _survivor(row: Row) -> SurvivorRow:
    return SurvivorRow(uuid_text(row[0]), uuid_text(row[1]), uuid_text(row[2]))
