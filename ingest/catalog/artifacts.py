"""Where artifacts and cached vectors lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from ingest.catalog.database import IN_CLAUSE, LAST, Database, Row, marks
from ingest.catalog.keys import digest_key, digest_text
from ingest.catalog.rows import VectorPlace
from schemas.artifact import ArtifactRef

_V = TypeVar("_V")

_SELECT = (
    "SELECT a.key, a.digest, packs.name, a.start, a.length FROM artifacts a"
    " JOIN packs ON packs.pack_no = a.pack_no WHERE a.stage = ?"
)


class Artifacts:
    def __init__(self, database: Database) -> None:
        self._db = database

    def find(self, stage: str, key: str) -> ArtifactRef | None:
        return self._one(stage, self._db.rows(f"{_SELECT} AND a.key = ?", (stage, key)))

    def of_digest(self, stage: str, digest: str) -> ArtifactRef | None:
        """By its content: several keys may have led to it."""
        return self.of_digests(stage, [digest]).get(digest)

    def find_many(self, stage: str, keys: Sequence[str]) -> dict[str, ArtifactRef]:
        """By their keys; those that are not there are left out."""
        return {ref.key: ref for ref in self._many(stage, list(dict.fromkeys(keys)))}

    def of_digests(self, stage: str, digests: Sequence[str]) -> dict[str, ArtifactRef]:
        """By their contents: of several keys that led to one, the least."""
        keys: list[str] = []
        for part in _parts([digest_key(digest) for digest in dict.fromkeys(digests)]):
            # Without what the index does not hold: SQLite would rather look through the whole stage.
            rows = self._db.rows(
                f"SELECT MIN(key) FROM artifacts WHERE stage = ? AND digest IN ({marks(len(part))}) GROUP BY digest",
                (stage, *part),
            )
            keys.extend(str(key) for (key,) in rows)
        return {ref.digest: ref for ref in self._many(stage, keys)}

    def _many(self, stage: str, keys: Sequence[str]) -> Iterator[ArtifactRef]:
        for part in _parts(keys):
            rows = self._db.rows(f"{_SELECT} AND a.key IN ({marks(len(part))})", (stage, *part))
            yield from (_ref(stage, row) for row in rows)

    def below(self, stage: str, prefix: str) -> list[ArtifactRef]:
        """Those whose key begins with it. Keys are compared by their code points, whatever the database."""
        rows = self._db.rows(f"{_SELECT} AND a.key >= ? AND a.key < ?", (stage, prefix, f"{prefix}{LAST}"))
        return [_ref(stage, row) for row in rows]

    def _one(self, stage: str, rows: list[Row]) -> ArtifactRef | None:
        return _ref(stage, rows[0]) if rows else None

    def adopt(self, refs: Sequence[ArtifactRef]) -> None:
        """The first writer of a key wins; a later one's artifact is not used."""
        with self._db.transaction():
            self.adopt_within(refs)

    def drop(self, stage: str, key: str) -> None:
        """Forgets an artifact that turned out to be damaged."""
        self._db.execute("DELETE FROM artifacts WHERE stage = ? AND key = ?", (stage, key))

    def packs_in_use(self) -> list[str]:
        """Those that hold an artifact which is still known, in order."""
        rows = self._db.rows(
            "SELECT name FROM packs WHERE EXISTS (SELECT 1 FROM artifacts a WHERE a.pack_no = packs.pack_no)"
            " ORDER BY name"
        )
        return [str(name) for (name,) in rows]

    def in_pack(self, pack: str) -> list[ArtifactRef]:
        """What is known to lie there."""
        stage = pack.partition("/")[0]
        rows = self._db.rows(f"{_SELECT} AND packs.name = ? ORDER BY a.start", (stage, pack))
        return [_ref(stage, row) for row in rows]

    def pack_names(self, stage: str) -> frozenset[str]:
        """Of the packs of this stage that were ever known, damaged ones included."""
        names = (str(name) for (name,) in self._db.rows("SELECT name FROM packs"))
        return frozenset(name for name in names if name.startswith(f"{stage}/"))

    def vector_places(self, keys: Sequence[str]) -> dict[str, VectorPlace]:
        found: dict[str, VectorPlace] = {}
        for start in range(0, len(keys), IN_CLAUSE):
            part = [digest_key(key) for key in keys[start : start + IN_CLAUSE]]
            rows = self._db.rows(
                "SELECT v.key, a.key, v.place FROM vectors v"
                " JOIN artifacts a ON a.pack_no = v.pack_no AND a.stage = 'vector'"
                f" WHERE v.key IN ({marks(len(part))})",
                part,
            )
            found.update({digest_text(key): VectorPlace(str(pack), int(str(place))) for key, pack, place in rows})
        return found

    def adopt_vectors(self, pack: ArtifactRef, keys: Iterable[str]) -> None:
        """Row i of the pack's matrix, which is its only frame, is the vector of `keys[i]`."""
        with self._db.transaction():
            self.adopt_within([pack])
            number = self._db.rows("SELECT pack_no FROM artifacts WHERE stage = ? AND key = ?", (pack.stage, pack.key))[
                0
            ][0]
            self._db.execute_many(
                "INSERT INTO vectors (key, pack_no, place) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
                [(digest_key(key), number, place) for place, key in enumerate(keys)],
            )

    def drop_vectors(self, pack: str) -> None:
        """Forgets a pack of vectors that turned out to be damaged, and all that were in it."""
        with self._db.transaction():
            self._db.execute(
                "DELETE FROM vectors WHERE pack_no IN"
                " (SELECT pack_no FROM artifacts WHERE stage = 'vector' AND key = ?)",
                (pack,),
            )
            self._db.execute("DELETE FROM artifacts WHERE stage = 'vector' AND key = ?", (pack,))

    def adopt_within(self, refs: Sequence[ArtifactRef]) -> None:
        """As `adopt`, within the transaction that goes on."""
        numbers = {pack: pack_number(self._db, pack) for pack in dict.fromkeys(ref.pack for ref in refs)}
        self._db.execute_many(
            "INSERT INTO artifacts (stage, key, digest, pack_no, start, length) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (stage, key) DO NOTHING",
            [(r.stage, r.key, digest_key(r.digest), numbers[r.pack], r.offset, r.length) for r in refs],
        )


def pack_number(database: Database, pack: str) -> int:
    """A new one where the pack has none. Within a transaction."""
    rows = database.rows("SELECT pack_no FROM packs WHERE name = ?", (pack,))
    if not rows:
        rows = database.rows("SELECT coalesce(max(pack_no), 0) + 1 FROM packs")
        database.execute("INSERT INTO packs (pack_no, name) VALUES (?, ?)", (rows[0][0], pack))
    return int(str(rows[0][0]))


def _parts(values: Sequence[_V]) -> Iterator[Sequence[_V]]:
    return (values[start : start + IN_CLAUSE] for start in range(0, len(values), IN_CLAUSE))


def _ref(stage: str, row: Row) -> ArtifactRef:
    key, digest, pack, start, length = row
    return ArtifactRef(
        stage=stage,
        key=str(key),
        digest=digest_text(digest),
        pack=str(pack),
        offset=int(str(start)),
        length=int(str(length)),
    )
