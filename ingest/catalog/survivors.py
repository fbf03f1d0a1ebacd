"""Which current chunks others may be duplicates of, found by digest or by band."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.catalog.database import IN_CLAUSE, Database, Value, marks
from ingest.catalog.keys import band_key, uuid_key, uuid_text
from schemas.errors import InvariantError


@dataclass(frozen=True, slots=True)
class SurvivorRow:
    """`age` orders survivors, the oldest first."""

    chunk_id: str
    doc_id: str
    point_id: str
    age: tuple[int, int]


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
        # Not by NOT IN: Postgres would go through all survivors for each band, once they are many.
        return self._db.execute(
            "DELETE FROM bands WHERE NOT EXISTS (SELECT 1 FROM survivors s WHERE s.survivor_no = bands.survivor_no)"
        )

    def by_texts(self, tenant: str, text_digests: Iterable[bytes]) -> dict[bytes, list[SurvivorRow]]:
        """Of each digest that is known, oldest first."""
        found: dict[bytes, list[SurvivorRow]] = defaultdict(list)
        # In the order of the index, whose pages are then read once.
        for places, part in _parts(sorted(text_digests)):
            rows = self._db.rows(
                "SELECT s.text_digest, s.chunk_id, d.doc_id, s.point_id, s.seq, s.place FROM survivors s"
                " JOIN documents d ON d.doc_no = s.doc_no"
                f" WHERE s.text_digest IN ({places}) AND s.tenant = ?",
                [*part, tenant],
            )
            for digest, *row in rows:
                found[_blob(digest)].append(_survivor(row))
        return {digest: sorted(rows, key=lambda row: row.age) for digest, rows in found.items()}

    def by_bands(self, tenant: str, bands: Mapping[str, Sequence[bytes]], most: int) -> dict[str, list[SurvivorRow]]:
        """For each name, `most` of those that share most bands with it, oldest first."""
        asked = {name: [band_key(tenant, band) for band in own] for name, own in bands.items()}
        holders = self._holders({band for own in asked.values() for band in own})
        numbers = {name: _foremost(own, holders, most) for name, own in asked.items()}
        rows = self._numbered(tenant, {number for own in numbers.values() for number in own})
        found = {name: [rows[number] for number in own if number in rows] for name, own in numbers.items()}
        return {name: sorted(own, key=lambda row: row.age) for name, own in found.items() if own}

    def documents_of(self, chunk_ids: Iterable[str]) -> dict[str, str]:
        """`{chunk id: document id}` of those that are survivors."""
        found: dict[str, str] = {}
        for places, part in _parts([uuid_key(chunk) for chunk in chunk_ids]):
            rows = self._db.rows(
                "SELECT s.chunk_id, d.doc_id FROM survivors s JOIN documents d ON d.doc_no = s.doc_no"
                f" WHERE s.chunk_id IN ({places})",
                part,
            )
            found.update({uuid_text(chunk): uuid_text(document) for chunk, document in rows})
        return found

    def _holders(self, bands: Iterable[int]) -> dict[int, list[int]]:
        """By band, the numbers of those that have it."""
        found: dict[int, list[int]] = defaultdict(list)
        for places, part in _parts(sorted(bands)):
            for band, number in self._db.rows(f"SELECT band, survivor_no FROM bands WHERE band IN ({places})", part):
                found[int(str(band))].append(int(str(number)))
        return found

    def _numbered(self, tenant: str, numbers: Iterable[int]) -> dict[int, SurvivorRow]:
        """Those that are still there."""
        found: dict[int, SurvivorRow] = {}
        for places, part in _parts(sorted(numbers)):
            rows = self._db.rows(
                "SELECT s.survivor_no, s.chunk_id, d.doc_id, s.point_id, s.seq, s.place FROM survivors s"
                f" JOIN documents d ON d.doc_no = s.doc_no WHERE s.survivor_no IN ({places}) AND s.tenant = ?",
                [*part, tenant],
            )
            found.update({int(str(number)): _survivor(row) for number, *row in rows})
        return found


def _foremost(bands: Iterable[int], holders: Mapping[int, Sequence[int]], most: int) -> list[int]:
    """Most similar texts share most bands."""
    shared: dict[int, int] = defaultdict(int)
    for band in bands:
        for number in holders.get(band, ()):
            shared[number] += 1
    return sorted(shared, key=lambda number: (-shared[number], number))[:most]


def _survivor(row: Sequence[Value]) -> SurvivorRow:
    chunk_id, doc_id, point_id, seq, place = row
    return SurvivorRow(uuid_text(chunk_id), uuid_text(doc_id), uuid_text(point_id), (int(str(seq)), int(str(place))))


def _parts(values: Sequence[Value]) -> Iterator[tuple[str, list[Value]]]:
    """Question marks, and the values for them."""
    for start in range(0, len(values), IN_CLAUSE):
        part = list(values[start : start + IN_CLAUSE])
        yield marks(len(part)), part


def _blob(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise InvariantError("a digest in the catalog is not a blob")
    return value
