"""One ranking of an index, with one row a chunk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ingest.vectors import ScoredPoint
from schemas.errors import InvariantError


class Leg:
    """The old and the new row of a chunk may both be there for a moment. The chunk keeps the better place, and the
    newer row stands there."""

    def __init__(self, points: Sequence[ScoredPoint]) -> None:
        # Of equal scores not by the row's id, which tells when it was written: what was rolled back
        # and forward again, or is asked as of the past, is found in the same order.
        points = sorted(points, key=lambda point: (-point.score, chunk_id_of(point)))
        self.newest = newest(points)
        scores: dict[str, float] = {}
        for point in points:
            scores.setdefault(chunk_id_of(point), point.score)
        self.scores: Mapping[str, float] = scores
        """By chunk, best first."""
        self._ranks = {key: rank for rank, key in enumerate(self.newest, 1)}

    def place(self, chunk: str) -> tuple[int | None, float | None]:
        """Rank, counted from 1, and score."""
        return self._ranks.get(chunk), self.scores.get(chunk)


def newest(points: Iterable[ScoredPoint]) -> dict[str, ScoredPoint]:
    """Of each chunk the row that began last, in the order in which the chunks come first."""
    rows: dict[str, ScoredPoint] = {}
    for point in points:
        known = rows.setdefault(chunk_id_of(point), point)
        if _from_seq(point) > _from_seq(known):
            rows[chunk_id_of(point)] = point
    return rows


def chunk_id_of(point: ScoredPoint) -> str:
    return str(point.payload["chunk_id"])


def unknown_share_of(point: ScoredPoint) -> float:
    value = point.payload.get("unknown_share", 0.0)
    return float(value) if isinstance(value, int | float) else 0.0


def _from_seq(point: ScoredPoint) -> int:
    value = point.payload["from_seq"]
    if not isinstance(value, int):
        raise InvariantError("a row of the index without a sequence number", point=point.id)
    return value
