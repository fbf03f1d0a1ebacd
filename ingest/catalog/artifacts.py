"""Where artifacts and cached vectors lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingest.catalog.database import Database, Row
from ingest.catalog.rows import VectorPlace
from schemas.artifact import ArtifactRef

_IN_CLAUSE = 500


class Artifacts:
    def __init__(self, database: Database) -> None:
        self._db = database

    def find(self, stage: str, key: str) -> ArtifactRef | None:
        return self._one(stage, "key = ?", key)

    def of_digest(self, stage: str, digest: str) -> ArtifactRef | None:
        """By its content: several keys may have led to it."""
        return self._one(stage, "digest = ? ORDER BY key LIMIT 1", digest)

    def below(self, stage: str, prefix: str) -> list[ArtifactRef]:
        """Those whose key begins with it."""
        rows = self._db.rows(
            "SELECT key, digest, pack, start, length FROM artifacts WHERE stage = ? AND key >= ? AND key < ?",
            (stage, prefix, prefix + "\U0010ffff"),
        )
        return [_ref(stage, row) for row in rows]

    def _one(self, stage: str, where: str, value: str) -> ArtifactRef | None:
        rows = self._db.rows(
            f"SELECT key, digest, pack, start, length FROM artifacts WHERE stage = ? AND {where}", (stage, value)
        )
        return _ref(stage, rows[0]) if rows else None

    def adopt(self, refs: Sequence[ArtifactRef]) -> None:
        """The first writer of a key wins; a later one's artifact is not used."""
        with self._db.transaction():
            self._db.execute_many(
                "INSERT INTO artifacts (stage, key, digest, pack, start, length) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (stage, key) DO NOTHING",
                [(r.stage, r.key, r.digest, r.pack, r.offset, r.length) for r in refs],
            )

    def drop(self, stage: str, key: str) -> None:
        """Forgets an artifact that turned out to be damaged."""
        self._db.execute("DELETE FROM artifacts WHERE stage = ? AND key = ?", (stage, key))

    def vector_places(self, keys: Sequence[str]) -> dict[str, VectorPlace]:
        found: dict[str, VectorPlace] = {}
        for start in range(0, len(keys), _IN_CLAUSE):
            part = keys[start : start + _IN_CLAUSE]
            marks = ", ".join("?" * len(part))
            rows = self._db.rows(
                f"SELECT key, pack, place FROM vectors WHERE key IN ({marks})",
                part,
            )
            found.update({str(key): VectorPlace(str(pack), int(str(place))) for key, pack, place in rows})
        return found

    def adopt_vectors(self, pack: ArtifactRef, keys: Iterable[str]) -> None:
        """Row i of the pack's matrix is the vector of `keys[i]`."""
        with self._db.transaction():
            self._db.execute(
                "INSERT INTO artifacts (stage, key, digest, pack, start, length) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (stage, key) DO NOTHING",
                (pack.stage, pack.key, pack.digest, pack.pack, pack.offset, pack.length),
            )
            self._db.execute_many(
                "INSERT INTO vectors (key, pack, place) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
                [(key, pack.key, place) for place, key in enumerate(keys)],
            )

    def drop_vectors(self, pack: str) -> None:
        """Forgets a pack of vectors that turned out to be damaged, and all that were in it."""
        with self._db.transaction():
            self._db.execute("DELETE FROM vectors WHERE pack = ?", (pack,))
            self._db.execute("DELETE FROM artifacts WHERE stage = 'vector' AND key = ?", (pack,))


def _ref(stage: str, row: Row) -> ArtifactRef:
    key, found, pack, start, length = row
    return ArtifactRef(
        stage=stage, key=str(key), digest=str(found), pack=str(pack), offset=int(str(start)), length=int(str(length))
    )
